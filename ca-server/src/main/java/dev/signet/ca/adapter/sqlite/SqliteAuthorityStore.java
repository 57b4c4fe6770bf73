package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.authority.AuthorityRow;
import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** The authorities in SQLite. Thread-safe. */
final class SqliteAuthorityStore implements AuthorityStore {
  private final SqliteWriter writer;
  private final SqliteReader reader;

  SqliteAuthorityStore(SqliteWriter writer, SqliteReader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  @Override
  public List<AuthorityRow> authorities() throws RefusedException {
    return reader.query(
        "SELECT key_id, role, state, key_sha256, certificate, created_at FROM authority"
            + " ORDER BY created_at, key_id",
        SqliteAuthorityStore::authority);
  }

  @Override
  public void prepare(KeyId keyId, AuthorityRow.Role role, Instant createdAt)
      throws RefusedException {
    write(session -> {
      PreparedStatement insert =
          session.prepared(
              "INSERT INTO authority (key_id, role, state, created_at)"
                  + " VALUES (?, ?, 'PREPARED', ?)");
      insert.setString(1, keyId.value());
      insert.setString(2, role.name());
      insert.setLong(3, createdAt.toEpochMilli());
      return insert.executeUpdate();
    });
  }

  @Override
  public void activate(KeyId keyId, String keySha256, byte[] certificate) throws RefusedException {
    boolean activated = write(session -> activate(keyId, keySha256, certificate, session));
    if (!activated) {
      throw new IllegalStateException("authority " + keyId + " is not prepared");
    }
  }

  private static boolean activate(
      KeyId keyId, String keySha256, byte[] certificate, WriteSession session) throws SQLException {
    Optional<String> role = preparedRole(keyId, session);
    if (role.isEmpty()) {
      return false;
    }
    PreparedStatement retire =
        session.prepared(
            "UPDATE authority SET state = 'RETIRED' WHERE role = ? AND state = 'ACTIVE'");
    retire.setString(1, role.get());
    retire.executeUpdate();
    PreparedStatement update =
        session.prepared(
            "UPDATE authority SET state = 'ACTIVE', key_sha256 = ?, certificate = ? WHERE key_id = ?");
    update.setString(1, keySha256);
    update.setBytes(2, certificate);
    update.setString(3, keyId.value());
    update.executeUpdate();
    if (role.get().equals(AuthorityRow.Role.ROOT.name())) {
      session.prepared("UPDATE bundle SET revision = revision + 1").executeUpdate();
    }
    return true;
  }

  private static Optional<String> preparedRole(KeyId keyId, WriteSession session)
      throws SQLException {
    PreparedStatement select =
        session.prepared("SELECT role FROM authority WHERE key_id = ? AND state = 'PREPARED'");
    select.setString(1, keyId.value());
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }

  @Override
  public void remove(KeyId keyId) throws RefusedException {
    write(session -> {
      PreparedStatement delete =
          session.prepared("DELETE FROM authority WHERE key_id = ? AND state = 'PREPARED'");
      delete.setString(1, keyId.value());
      return delete.executeUpdate();
    });
  }

  @Override
  public long bundleRevision() throws RefusedException {
    return reader.query("SELECT revision FROM bundle", row -> row.getLong(1)).stream()
        .findFirst()
        .orElseThrow(() ->
            new RefusedException(RefusalReason.STORE_UNAVAILABLE, "the store has no bundle row"));
  }

  private <T> T write(Work.Task<T> task) throws RefusedException {
    try {
      return writer.submit(task).get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, "interrupted", e);
    }
  }

  private static AuthorityRow authority(ResultSet row) throws SQLException {
    return new AuthorityRow(
        new KeyId(row.getString(1)),
        AuthorityRow.Role.valueOf(row.getString(2)),
        AuthorityRow.State.valueOf(row.getString(3)),
        Optional.ofNullable(row.getString(4)),
        Optional.ofNullable(row.getBytes(5)),
        Instant.ofEpochMilli(row.getLong(6)));
  }
}
