package dev.signet.ca.adapter.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries until there is a primary, at a steady pace: the pool's own pause between tries grows to 5
 * s, which is as long as a failover may take in all. Says once why it has to. For the pool's own
 * thread. Thread-safe.
 */
final class AwaitingSource extends PrimarySource implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AwaitingSource.class);
  private static final long RETRY_MILLIS = 250;

  /** Wrong logins in a row look like an attack, and no failover ends them. */
  private static final long REFUSED_RETRY_MILLIS = 5000;

  private static final String NO_SUCH_DATABASE = "3D000";

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
        if (failure != null) {
          log.info("the store is reached again");
        }
        failure = null;
        return connection;
      } catch (SQLException e) {
        if (failure == null || !state(failure).equals(state(e))) {
          log.warn("the store is not reached: {}", e.getMessage());
        }
        failure = e;
        pause(refusesLogin(e) ? REFUSED_RETRY_MILLIS : RETRY_MILLIS);
      }
    }
  }

  private static String state(SQLException failure) {
    return Objects.requireNonNullElse(failure.getSQLState(), "");
  }

  /** Class 28: the user, or the way in which it proves who it is. */
  private static boolean refusesLogin(SQLException failure) {
    return state(failure).startsWith("28") || state(failure).equals(NO_SUCH_DATABASE);
  }

  private void pause(long millis) throws SQLException {
    try {
      if (closed.await(millis, TimeUnit.MILLISECONDS)) {
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
