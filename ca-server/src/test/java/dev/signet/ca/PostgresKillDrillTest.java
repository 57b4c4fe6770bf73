package dev.signet.ca;

import dev.signet.ca.adapter.postgresql.PostgresServer;
import dev.signet.ca.issuance.KillDrill;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

class PostgresKillDrillTest extends KillDrillContract {
  private String url = "";

  @BeforeEach
  void database() throws SQLException {
    url = PostgresServer.shared().newDatabase();
  }

  @Override
  protected StorePlace store() {
    return KillDrill.postgres(url);
  }

  @Override
  protected List<String> arguments() {
    return List.of(url);
  }

  @Override
  protected List<String> keys() throws SQLException {
    return strings("SELECT key_id FROM sealed_key");
  }

  @Override
  protected List<String> strings(String sql) throws SQLException {
    return strings(PostgresServer.connect(url), sql);
  }
}
