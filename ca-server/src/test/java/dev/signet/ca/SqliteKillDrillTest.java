package dev.signet.ca;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

class SqliteKillDrillTest extends KillDrillContract {
  @Override
  protected StorePlace store() {
    return new StorePlace.InFolder();
  }

  @Override
  protected List<String> arguments() {
    return List.of();
  }

  @Override
  protected List<String> strings(String sql) throws SQLException {
    return strings(
        DriverManager.getConnection("jdbc:sqlite:" + folder().resolve("signet.db")), sql);
  }
}
