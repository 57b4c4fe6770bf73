package dev.signet.ca.adapter.postgresql;

import dev.signet.process.config.SecretFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;

/**
 * Opens connections to the primary: durable, bounded in time, and with the password as its file
 * holds it now. Thread-safe.
 */
class PrimarySource implements DataSource {
  /**
   * For a host that does not take a connection, and for each answer until the session stands: one
   * that hangs takes connections. The next host of the URL is tried after it.
   */
  static final Duration CONNECT = Duration.ofSeconds(2);

  /** For one statement, its wait for locks included. */
  static final Duration STATEMENT = Duration.ofSeconds(3);

  /**
   * For an answer of any kind, and with it for a commit that waits for its standby: above {@link
   * #STATEMENT}, whose end the server tells.
   */
  static final Duration SOCKET = Duration.ofSeconds(5);

  /** A migration may rewrite a table. */
  static final Duration MIGRATION = Duration.ofMinutes(10);

  private static final int MAX_PASSWORD = 1024;

  /**
   * Whatever the server, the database or the role has as its default. Not among the options of the
   * start-up, which a pooler may leave out without a word. Commits tell by a warning that their
   * wait for the standby was cut short.
   */
  private static final String SET =
      "SELECT set_config('synchronous_commit', 'on', false),"
          + " set_config('client_min_messages', 'warning', false),"
          + " set_config('statement_timeout', ?, false),"
          + " set_config('idle_in_transaction_session_timeout', ?, false)";

  /** What {@link #requirePrimary} is told unasked by the server itself. */
  private static final String ASK =
      "SELECT CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END,"
          + " current_setting('default_transaction_read_only')";

  private final PostgresSettings settings;
  private final Duration statement;
  private final Duration socket;
  private final Driver driver = new Driver();

  PrimarySource(PostgresSettings settings, Duration statement) {
    this.settings = settings;
    this.statement = statement;
    this.socket = statement.compareTo(STATEMENT) > 0 ? statement : SOCKET;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = driver.connect(settings.url().text(), properties());
    if (connection == null) {
      throw new SQLException("not a URL of PostgreSQL: " + settings.url());
    }
    try {
      set(connection);
      connection.setNetworkTimeout(Runnable::run, (int) socket.toMillis());
      return connection;
    } catch (SQLException | RuntimeException e) {
      closeAfter(e, connection);
      throw e;
    }
  }

  private void set(Connection connection) throws SQLException {
    try (PreparedStatement set = connection.prepareStatement(SET)) {
      set.setString(1, Long.toString(statement.toMillis()));
      set.setString(2, Long.toString(socket.toMillis()));
      set.execute();
    }
  }

  private static void closeAfter(Exception cause, Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private Properties properties() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", settings.user());
    if (settings.passwordFile().isPresent()) {
      properties.setProperty("password", password(settings.passwordFile().get()));
    }
    // The driver takes the least safe one where nothing is said.
    if (!settings.url().sets("sslmode")) {
      properties.setProperty("sslmode", "verify-full");
    }
    properties.setProperty("gssEncMode", "disable");
    if (!settings.url().sets("ApplicationName")) {
      properties.setProperty("ApplicationName", "signet-ca");
    }
    properties.setProperty("targetServerType", "primary");
    // A standby that was promoted is looked at anew at once.
    properties.setProperty("hostRecheckSeconds", "1");
    properties.setProperty("connectTimeout", seconds(CONNECT));
    properties.setProperty("sslResponseTimeout", Long.toString(CONNECT.toMillis()));
    // Longer once the session stands.
    properties.setProperty("socketTimeout", seconds(CONNECT));
    properties.setProperty("tcpKeepAlive", "true");
    // What a row held has no place in a log.
    properties.setProperty("logServerErrorDetail", "false");
    return properties;
  }

  private static String seconds(Duration duration) {
    return Long.toString(duration.toSeconds());
  }

  private static String password(SecretFile file) throws SQLException {
    try {
      byte[] bytes = file.read(MAX_PASSWORD);
      try {
        return new String(bytes, StandardCharsets.UTF_8).strip();
      } finally {
        Arrays.fill(bytes, (byte) 0);
      }
    } catch (IOException e) {
      // No connection without it.
      throw new SQLException("password_file " + e.getMessage(), "08001", e);
    }
  }

  /**
   * Refuses a session that has become one with a standby, or read-only. The server tells with each
   * answer (PostgreSQL 14 and later), so that it is known of what was just read, and costs nothing.
   * Where a pooler keeps it to itself, the server is asked.
   */
  static void requirePrimary(Connection connection) throws SQLException {
    PGConnection session = connection.unwrap(PGConnection.class);
    String standby = session.getParameterStatus("in_hot_standby");
    String readOnly = session.getParameterStatus("default_transaction_read_only");
    if (standby == null || readOnly == null) {
      ask(connection);
    } else {
      requireOff(standby, readOnly);
    }
  }

  private static void ask(Connection connection) throws SQLException {
    try (Statement ask = connection.createStatement();
        ResultSet row = ask.executeQuery(ASK)) {
      row.next();
      requireOff(row.getString(1), row.getString(2));
    }
  }

  private static void requireOff(String standby, String readOnly) throws SQLException {
    if (!(standby.equals("off") && readOnly.equals("off"))) {
      throw new SQLException("the server is a standby or read-only now", "25006");
    }
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    throw new SQLFeatureNotSupportedException("the user is a setting");
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return (int) CONNECT.toSeconds();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    throw new SQLException("wraps nothing");
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return false;
  }
}
