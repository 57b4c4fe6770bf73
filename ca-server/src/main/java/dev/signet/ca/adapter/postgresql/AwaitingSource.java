package dev.signet.ca.adapter.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tries until there is a primary, at a steady pace: the pool's own pause between tries grows to 5
 * s, which is as long as a failover may take in all. For the pool's own thread. Thread-safe.
 */
final class AwaitingSource extends PrimarySource implements AutoCloseable {
  private static final long RETRY_MILLIS = 250;

  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable SQLException failure;

  AwaitingSource(PostgresSettings settings) {
    super(settings, STATEMENT);
  }

  @Override
  public Connection getConnection() throws SQLException {
    while (true) {
      try {
        Connection connection = super.getConnection();
        failure = null;
        return connection;
      } catch (SQLException e) {
        failure = e;
      }
      pause();
    }
  }

  private void pause() throws SQLException {
    try {
      if (closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new SQLException("the store is closed", "08003");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("the store is closed", "08003", e);
    }
  }

  /** Why the last try failed, if it did. */
  Optional<SQLException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
