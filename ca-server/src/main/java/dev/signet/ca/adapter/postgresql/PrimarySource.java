package dev.signet.ca.adapter.postgresql;

import dev.signet.process.config.SecretFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
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
  /** For a host that does not answer; the next host of the URL is tried after it. */
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

  private final PostgresSettings settings;
  private final Duration statement;
  private final Driver driver = new Driver();

  PrimarySource(PostgresSettings settings, Duration statement) {
    this.settings = settings;
    this.statement = statement;
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = driver.connect(settings.url().text(), properties());
    if (connection == null) {
      throw new SQLException("not a URL of PostgreSQL: " + settings.url());
    }
    return connection;
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
    Duration socket = statement.compareTo(STATEMENT) > 0 ? statement : SOCKET;
    properties.setProperty("socketTimeout", seconds(socket));
    properties.setProperty("tcpKeepAlive", "true");
    // What a row held has no place in a log.
    properties.setProperty("logServerErrorDetail", "false");
    // Whatever the server, the database or the role has as its default.
    properties.setProperty(
        "options",
        "-c synchronous_commit=on -c statement_timeout="
            + statement.toMillis()
            + " -c idle_in_transaction_session_timeout="
            + socket.toMillis());
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
   */
  static void requirePrimary(Connection connection) throws SQLException {
    PGConnection session = connection.unwrap(PGConnection.class);
    requireOff(session.getParameterStatus("in_hot_standby"));
    requireOff(session.getParameterStatus("default_transaction_read_only"));
  }

  private static void requireOff(@Nullable String status) throws SQLException {
    if (!"off".equals(status)) {
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
