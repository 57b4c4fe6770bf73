package dev.signet.ca.adapter.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears of steps, over a connection of its own to the primary. While there is none, it looks for
 * one; whatever was said meanwhile is made good by one call when it is back. Thread-safe. It
 * listens from the first action on.
 */
final class StepListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StepListener.class);
  private static final String CHANNEL = "signet_step";

  /** In a transaction: said to all who listen when it is committed, and never if it is not. */
  static final String NOTIFY = "NOTIFY " + CHANNEL;

  private static final long RETRY_MILLIS = 250;

  /** How long nothing is heard until the server is asked whether it is there, and the primary. */
  private static final int SILENCE_MILLIS = 2000;

  private final PrimarySource source;
  private final List<Runnable> actions = new CopyOnWriteArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  private volatile @Nullable Connection current;

  StepListener(PostgresSettings settings) {
    this.source = new PrimarySource(settings, PrimarySource.STATEMENT);
    this.thread = Thread.ofPlatform().name("store-listener").daemon().unstarted(this::run);
  }

  /** Runs it soon after each step from now on; it must not block. */
  synchronized void add(Runnable action) {
    actions.add(action);
    if (thread.getState() == Thread.State.NEW && closed.getCount() > 0) {
      thread.start();
    }
  }

  private void run() {
    boolean told = false;
    while (closed.getCount() > 0) {
      try {
        listen();
      } catch (SQLException e) {
        if (closed.getCount() > 0 && !told) {
          // Once an outage: the writers tell of it, too.
          log.info("steps are looked for and not heard of now: {}", e.getMessage());
        }
        told = true;
      }
      if (current != null) {
        told = false;
      }
      current = null;
      pause();
    }
  }

  private void listen() throws SQLException {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("LISTEN " + CHANNEL);
      current = connection;
      PGConnection session = connection.unwrap(PGConnection.class);
      // What was said before it listened.
      run(actions);
      while (closed.getCount() > 0) {
        PGNotification[] heard = session.getNotifications(SILENCE_MILLIS);
        if (heard != null && heard.length > 0) {
          run(actions);
        } else {
          statement.execute("SELECT 1");
          PrimarySource.requirePrimary(connection);
        }
      }
    }
  }

  private static void run(List<Runnable> actions) {
    for (Runnable action : actions) {
      try {
        action.run();
      } catch (RuntimeException e) {
        log.error("what is done after a step failed", e);
      }
    }
  }

  private void pause() {
    try {
      var _ = closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      // Nobody interrupts it but to end it.
      closed.countDown();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    Connection connection = current;
    if (connection != null) {
      try {
        // It waits for what the server says; nobody waits for it.
        connection.abort(Runnable::run);
      } catch (SQLException e) {
        log.debug("the listening connection does not close", e);
      }
    }
  }
}
