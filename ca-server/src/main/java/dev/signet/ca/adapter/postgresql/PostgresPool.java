package dev.signet.ca.adapter.postgresql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** A few connections to the primary, always as many. Thread-safe. */
final class PostgresPool implements AutoCloseable {
  /** For a connection to come free. */
  private static final Duration WAIT = Duration.ofSeconds(2);

  /** Until a changed password or a moved name is seen by all. */
  private static final Duration LIFE = Duration.ofMinutes(10);

  private final AwaitingSource source;
  private final HikariDataSource pool;

  PostgresPool(String name, PostgresSettings settings, int size, boolean autoCommit) {
    this.source = new AwaitingSource(settings);
    HikariConfig config = new HikariConfig();
    config.setPoolName(name);
    config.setDataSource(source);
    config.setMaximumPoolSize(size);
    config.setAutoCommit(autoCommit);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionTimeout(WAIT.toMillis());
    config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
    config.setMaxLifetime(LIFE.toMillis());
    // It tries until there is one; whoever makes a pool has looked before.
    config.setInitializationFailTimeout(-1);
    this.pool = new HikariDataSource(config);
  }

  /** Waits a little for one to come free, and not at all while there is no primary. */
  Connection take() throws SQLException {
    Optional<SQLException> failure = source.failure();
    if (failure.isPresent() && pool.getHikariPoolMXBean().getTotalConnections() == 0) {
      throw new SQLException(
          failure.get().getMessage(), failure.get().getSQLState(), failure.get());
    }
    return pool.getConnection();
  }

  /** None of those that are open is given out again. */
  void evict() {
    pool.getHikariPoolMXBean().softEvictConnections();
  }

  @Override
  public void close() {
    source.close();
    pool.close();
  }
}
