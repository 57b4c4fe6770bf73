package dev.signet.sandbox.endtoend;

import dev.signet.sandbox.world.CaProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The CA's store, as another process on the same machine sees it. */
final class StoreFile implements AutoCloseable {
  private final Connection connection;

  private StoreFile(Connection connection) {
    this.connection = connection;
  }

  static StoreFile of(CaProcess ca) throws Exception {
    try (Stream<Path> files = Files.list(ca.dataFolder())) {
      Path file = files.filter(path -> path.toString().endsWith(".db")).findFirst().orElseThrow();
      return new StoreFile(DriverManager.getConnection("jdbc:sqlite:" + file));
    }
  }

  /** Keeps every other writer out until it is closed. */
  Lock lock() throws SQLException {
    Statement statement = connection.createStatement();
    statement.execute("BEGIN IMMEDIATE");
    return () -> {
      try (statement) {
        statement.execute("ROLLBACK");
      }
    };
  }

  /** A hold on the store. */
  interface Lock extends AutoCloseable {
    @Override
    void close() throws SQLException;
  }

  /** The first column of what the query finds. */
  List<String> strings(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
