package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceSteps;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Real stores in temporary folders, and a look into them from outside. */
final class Stores {
  private Stores() {}

  static SqliteStore create(Path folder) {
    try {
      return SqliteStore.create(folder, IssuanceSteps.NONE, _ -> {});
    } catch (StartRefusedException e) {
      throw new AssertionError(e);
    }
  }

  static Connection connect(Path folder) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("signet.db"));
  }

  static List<String> strings(Path folder, String sql) {
    try (Connection connection = connect(folder);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        String value = rows.getString(1);
        if (value != null) {
          found.add(value);
        }
      }
      return found;
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  static void execute(Path folder, String sql) throws SQLException {
    try (Connection connection = connect(folder);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static Optional<String> outcome(Path folder, String serial) {
    String sql = "SELECT certificate_sha256 FROM issuance WHERE serial = '" + serial + "'";
    return strings(folder, sql).stream().findFirst();
  }
}
