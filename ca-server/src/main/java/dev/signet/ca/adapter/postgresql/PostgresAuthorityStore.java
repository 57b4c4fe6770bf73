package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.AuthorityRow;
import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The authorities in PostgreSQL. Of two processes that change one at once, one waits and then finds
 * it changed; that at most one of a role is active, an index holds. Thread-safe.
 */
final class PostgresAuthorityStore implements AuthorityStore {
  private final PostgresPools pools;

  PostgresAuthorityStore(PostgresPools pools) {
    this.pools = pools;
  }

  @Override
  public List<AuthorityRow> authorities() throws RefusedException {
    return pools.query(
        "SELECT key_id, role, state, key_sha256, certificate, created_at FROM authority"
            + " ORDER BY created_at, key_id",
        PostgresAuthorityStore::authority);
  }

  @Override
  public void prepare(KeyId keyId, AuthorityRow.Role role, Instant createdAt)
      throws RefusedException {
    write(connection -> {
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO authority (key_id, role, state, created_at)"
                  + " VALUES (?, ?, 'PREPARED', ?)")) {
        insert.setString(1, keyId.value());
        insert.setString(2, role.name());
        insert.setLong(3, createdAt.toEpochMilli());
        return insert.executeUpdate();
      }
    });
  }

  @Override
  public void activate(KeyId keyId, String keySha256, byte[] certificate) throws RefusedException {
    boolean activated = write(connection -> activate(keyId, keySha256, certificate, connection));
    if (!activated) {
      throw new IllegalStateException("authority " + keyId + " is not prepared");
    }
  }

  private static boolean activate(
      KeyId keyId, String keySha256, byte[] certificate, Connection connection)
      throws SQLException {
    Optional<String> role = lockPrepared(keyId, connection);
    if (role.isEmpty()) {
      return false;
    }
    try (PreparedStatement retire =
        connection.prepareStatement(
            "UPDATE authority SET state = 'RETIRED' WHERE role = ? AND state = 'ACTIVE'")) {
      retire.setString(1, role.get());
      retire.executeUpdate();
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE authority SET state = 'ACTIVE', key_sha256 = ?, certificate = ? WHERE key_id = ?")) {
      update.setString(1, keySha256);
      update.setBytes(2, certificate);
      update.setString(3, keyId.value());
      update.executeUpdate();
    }
    if (role.get().equals(AuthorityRow.Role.ROOT.name())) {
      try (PreparedStatement raise =
          connection.prepareStatement("UPDATE bundle SET revision = revision + 1")) {
        raise.executeUpdate();
      }
    }
    return true;
  }

  private static Optional<String> lockPrepared(KeyId keyId, Connection connection)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT role FROM authority WHERE key_id = ? AND state = 'PREPARED' FOR UPDATE")) {
      select.setString(1, keyId.value());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  @Override
  public void remove(KeyId keyId) throws RefusedException {
    write(connection -> {
      try (PreparedStatement delete =
          connection.prepareStatement(
              "DELETE FROM authority WHERE key_id = ? AND state = 'PREPARED'")) {
        delete.setString(1, keyId.value());
        return delete.executeUpdate();
      }
    });
  }

  @Override
  public long bundleRevision() throws RefusedException {
    return pools.query("SELECT revision FROM bundle", row -> row.getLong(1)).stream()
        .findFirst()
        .orElseThrow(() ->
            new RefusedException(RefusalReason.STORE_UNAVAILABLE, "the store has no bundle row"));
  }

  private <T> T write(PostgresPools.Task<T> task) throws RefusedException {
    try {
      return pools.transaction(task);
    } catch (SQLException e) {
      throw new RefusedException(
          RefusalReason.STORE_UNAVAILABLE, "the store failed: " + e.getMessage(), e);
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
