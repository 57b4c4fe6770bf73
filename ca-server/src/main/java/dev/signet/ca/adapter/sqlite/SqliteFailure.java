package dev.signet.ca.adapter.sqlite;

import java.sql.SQLException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** What a failure of SQLite means for what comes after it. */
enum SqliteFailure {
  /** A rule of the schema; the statement alone failed. */
  CONSTRAINT,
  /** No space, a lock held elsewhere, read-only: it may work again by itself. */
  PASSING,
  /**
   * What the kernel holds and what the disk holds may differ now. After a failed fsync the kernel
   * calls the lost pages clean, so that a second fsync succeeds without having written them: only a
   * new process that reads the disk knows what is there.
   */
  FATAL;

  static SqliteFailure of(SQLException failure) {
    if (!(failure instanceof SQLiteException sqlite)) {
      return PASSING;
    }
    SQLiteErrorCode code = sqlite.getResultCode();
    return switch (code) {
      // The shared-memory file could not grow: a full disk under another name.
      case SQLITE_IOERR_SHMOPEN, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_SHMMAP, SQLITE_IOERR_SHMLOCK ->
          PASSING;
      default ->
          switch (code.code & 0xff) {
            case 19 -> CONSTRAINT; // SQLITE_CONSTRAINT
            case 10, 11, 26 -> FATAL; // SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB
            default -> PASSING;
          };
    };
  }
}
