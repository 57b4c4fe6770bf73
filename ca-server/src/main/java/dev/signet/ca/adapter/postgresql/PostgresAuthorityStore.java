package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.AuthorityRow;
import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.NewAuthority;
import dev.signet.ca.authority.TrustVersion;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Since;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The authorities in PostgreSQL. Who completes one holds the state's row, and who makes a step or a
 * first root the state's table, so that what was found holds until it is durable. That one root is
 * active, and one authority of a replica, indexes hold besides. Thread-safe.
 */
final class PostgresAuthorityStore implements AuthorityStore {
  private static final String ROWS =
      "SELECT key_id, role, state, root_key_id, replica, since_version, since_revision, since_at,"
          + " forced, key_sha256, certificate, created_at FROM authority";
  private static final String ORDER = " ORDER BY created_at, key_id COLLATE \"C\"";
  private static final String VERSION = "SELECT version, revision FROM bundle";
  private static final String INSERT =
      "INSERT INTO authority (key_id, role, state, root_key_id, replica, since_version,"
          + " since_revision, since_at, created_at)"
          + " SELECT ?, ?, 'PREPARED', ?, ?, version, revision, ?, ? FROM bundle";
  private static final String RETIRE =
      "UPDATE authority SET state = 'RETIRED', since_version = ?, since_revision = ?, since_at = ?"
          + " WHERE replica = ? AND role = 'ISSUING' AND state = 'ACTIVE'";
  private static final String COMPLETE =
      "UPDATE authority SET state = ?, since_version = ?, since_revision = ?, since_at = ?,"
          + " key_sha256 = ?, certificate = ? WHERE key_id = ?";

  private final PostgresPools pools;

  PostgresAuthorityStore(PostgresPools pools) {
    this.pools = pools;
  }

  @Override
  public List<AuthorityRow> authorities() throws RefusedException {
    return pools.query(ROWS + ORDER, PostgresAuthorityStore::authority);
  }

  static List<AuthorityRow> authorities(Connection connection) throws SQLException {
    List<AuthorityRow> found = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(ROWS + ORDER);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        found.add(authority(rows));
      }
    }
    return found;
  }

  /**
   * Until the end of the transaction nobody else makes a step, and nothing is recorded that is
   * signed by a version. Locks of the table are granted in the order in which they were asked for:
   * it waits for those who hold the row now and for none that come later.
   */
  static void lockState(Connection connection) throws SQLException {
    try (Statement lock = connection.createStatement()) {
      lock.execute("LOCK TABLE bundle IN EXCLUSIVE MODE");
    }
  }

  @Override
  public void prepare(KeyId keyId, NewAuthority what, Instant createdAt) throws RefusedException {
    Optional<String> root =
        pools.write(connection -> {
          if (what instanceof NewAuthority.FirstRoot) {
            lockState(connection);
            Optional<String> present = anyRoot(connection);
            if (present.isPresent()) {
              return present;
            }
          }
          insert(keyId, what, createdAt, connection);
          return Optional.empty();
        });
    if (root.isPresent()) {
      throw new RefusedException(
          RefusalReason.STORE_UNAVAILABLE, "the store has the root " + root.get());
    }
  }

  private static Optional<String> anyRoot(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT key_id FROM authority WHERE role = 'ROOT' LIMIT 1");
        ResultSet row = select.executeQuery()) {
      return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
    }
  }

  private static void insert(
      KeyId keyId, NewAuthority what, Instant createdAt, Connection connection)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, keyId.value());
      switch (what) {
        case NewAuthority.FirstRoot() -> {
          insert.setString(2, Role.ROOT.name());
          insert.setString(3, null);
          insert.setString(4, "");
        }
        case NewAuthority.Issuing(KeyId root, String replica) -> {
          insert.setString(2, Role.ISSUING.name());
          insert.setString(3, root.value());
          insert.setString(4, replica);
        }
      }
      insert.setLong(5, createdAt.toEpochMilli());
      insert.setLong(6, createdAt.toEpochMilli());
      insert.executeUpdate();
    }
  }

  /** One of the rotation's, of which there may be others. */
  static void insertRoot(KeyId keyId, Instant createdAt, Connection connection)
      throws SQLException {
    insert(keyId, new NewAuthority.FirstRoot(), createdAt, connection);
  }

  /** What came of completing one. */
  private sealed interface Outcome {
    record Done() implements Outcome {}

    record NotPrepared() implements Outcome {}

    record NotNow(String why) implements Outcome {}
  }

  @Override
  public void complete(KeyId keyId, String keySha256, byte[] certificate) throws RefusedException {
    Outcome outcome =
        pools.write(connection -> complete(keyId, keySha256, certificate, connection));
    switch (outcome) {
      case Outcome.Done() -> {}
      case Outcome.NotPrepared() ->
          throw new IllegalStateException("authority " + keyId + " is not prepared");
      case Outcome.NotNow(String why) ->
          throw new RefusedException(RefusalReason.AUTHORITY_UNAVAILABLE, why);
    }
  }

  private static Outcome complete(
      KeyId keyId, String keySha256, byte[] certificate, Connection connection)
      throws SQLException {
    // What it is never changes; what state it is in is looked at under the lock.
    Optional<Role> role = row(keyId, "", connection).map(AuthorityRow::role);
    if (role.isEmpty()) {
      return new Outcome.NotPrepared();
    }
    return role.get() == Role.ROOT
        ? completeRoot(keyId, keySha256, certificate, connection)
        : completeIssuing(keyId, keySha256, certificate, connection);
  }

  private static Outcome completeRoot(
      KeyId keyId, String keySha256, byte[] certificate, Connection connection)
      throws SQLException {
    lockState(connection);
    TrustVersion at = version("", connection);
    Optional<AuthorityRow> found = row(keyId, " FOR UPDATE", connection);
    Optional<AuthorityState> state = found.map(AuthorityRow::state);
    if (!state.equals(Optional.of(AuthorityState.PREPARED))) {
      return new Outcome.NotNow(
          "the root " + keyId + " is " + state.map(AuthorityState::name).orElse("gone"));
    }
    AuthorityRow row = found.orElseThrow();
    if (at.version() == 0) {
      try (PreparedStatement first =
          connection.prepareStatement("UPDATE bundle SET version = 1, revision = 1")) {
        first.executeUpdate();
      }
      set(row, AuthorityState.ACTIVE, new TrustVersion(1, 1), keySha256, certificate, connection);
    } else if (row.certificate().isEmpty()) {
      TrustVersion since = new TrustVersion(row.since().version(), row.since().revision());
      set(row, AuthorityState.PREPARED, since, keySha256, certificate, connection);
    }
    return new Outcome.Done();
  }

  private static Outcome completeIssuing(
      KeyId keyId, String keySha256, byte[] certificate, Connection connection)
      throws SQLException {
    TrustVersion at = version(" FOR SHARE", connection);
    Optional<AuthorityRow> found = row(keyId, " FOR UPDATE", connection);
    if (found.isEmpty() || found.get().state() != AuthorityState.PREPARED) {
      return new Outcome.NotPrepared();
    }
    AuthorityRow row = found.get();
    KeyId root = row.root().orElseThrow();
    Optional<AuthorityState> state = row(root, "", connection).map(AuthorityRow::state);
    if (state.filter(AuthorityState::maySign).isEmpty()) {
      return new Outcome.NotNow(
          "the root "
              + root
              + " of "
              + keyId
              + " is "
              + state.map(AuthorityState::name).orElse("unknown")
              + ", not the active one");
    }
    retire(row, at, connection);
    set(row, AuthorityState.ACTIVE, at, keySha256, certificate, connection);
    return new Outcome.Done();
  }

  private static void retire(AuthorityRow next, TrustVersion at, Connection connection)
      throws SQLException {
    try (PreparedStatement retire = connection.prepareStatement(RETIRE)) {
      retire.setLong(1, at.version());
      retire.setLong(2, at.revision());
      retire.setLong(3, next.createdAt().toEpochMilli());
      retire.setString(4, next.replica());
      retire.executeUpdate();
    }
  }

  private static void set(
      AuthorityRow row,
      AuthorityState state,
      TrustVersion since,
      String keySha256,
      byte[] certificate,
      Connection connection)
      throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(COMPLETE)) {
      update.setString(1, state.name());
      update.setLong(2, since.version());
      update.setLong(3, since.revision());
      update.setLong(4, row.since().at().toEpochMilli());
      update.setString(5, keySha256);
      update.setBytes(6, certificate);
      update.setString(7, row.keyId().value());
      update.executeUpdate();
    }
  }

  static Optional<AuthorityRow> row(KeyId keyId, String lock, Connection connection)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(ROWS + " WHERE key_id = ?" + lock)) {
      select.setString(1, keyId.value());
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(authority(row)) : Optional.empty();
      }
    }
  }

  private static TrustVersion version(String lock, Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(VERSION + lock);
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("the store has no bundle row");
      }
      return new TrustVersion(row.getLong(1), row.getLong(2));
    }
  }

  @Override
  public void remove(KeyId keyId) throws RefusedException {
    var _ =
        pools.write(connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement(
                  "DELETE FROM authority WHERE key_id = ? AND state = 'PREPARED'")) {
            delete.setString(1, keyId.value());
            return delete.executeUpdate();
          }
        });
  }

  @Override
  public TrustVersion trustVersion() throws RefusedException {
    return pools.query(VERSION, row -> new TrustVersion(row.getLong(1), row.getLong(2))).stream()
        .findFirst()
        .orElseThrow(() ->
            new RefusedException(RefusalReason.STORE_UNAVAILABLE, "the store has no bundle row"));
  }

  private static AuthorityRow authority(ResultSet row) throws SQLException {
    return new AuthorityRow(
        new KeyId(row.getString(1)),
        Role.valueOf(row.getString(2)),
        AuthorityState.valueOf(row.getString(3)),
        Optional.ofNullable(row.getString(4)).map(KeyId::new),
        row.getString(5),
        new Since(row.getLong(6), row.getLong(7), Instant.ofEpochMilli(row.getLong(8))),
        row.getBoolean(9),
        Optional.ofNullable(row.getString(10)),
        Optional.ofNullable(row.getBytes(11)),
        Instant.ofEpochMilli(row.getLong(12)));
  }
}
