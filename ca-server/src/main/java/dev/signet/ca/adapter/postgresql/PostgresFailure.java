package dev.signet.ca.adapter.postgresql;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a failure of PostgreSQL means for what comes after it. By SQLSTATE, never by text. */
enum PostgresFailure {
  /** A rule of the schema, or a value that no column takes: the statement's own fault. */
  DATA,
  /**
   * The connection is broken, its server is going away, or it is not the primary any more: what
   * holds for this connection holds for the others of the pool.
   */
  LOST,
  /** A time-out, a lock, a full disk: it may work again by itself. */
  PASSING;

  /** read_only_sql_transaction, admin_shutdown, crash_shutdown, cannot_connect_now. */
  private static final Set<String> LOST_STATES = Set.of("25006", "57P01", "57P02", "57P03");

  static PostgresFailure of(SQLException failure) {
    String state = state(failure);
    if (state == null) {
      return PASSING;
    }
    if (LOST_STATES.contains(state) || state.startsWith("08")) {
      return LOST;
    }
    return state.startsWith("22") || state.startsWith("23") ? DATA : PASSING;
  }

  private static @Nullable String state(@Nullable Throwable failure) {
    if (failure instanceof SQLException sql && sql.getSQLState() != null) {
      return sql.getSQLState();
    }
    return failure == null ? null : state(failure.getCause());
  }
}
