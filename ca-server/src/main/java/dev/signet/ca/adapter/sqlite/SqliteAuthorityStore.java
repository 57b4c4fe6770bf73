package dev.signet.ca.adapter.sqlite;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The authorities in SQLite. What is decided is decided by the one writer. Thread-safe. */
final class SqliteAuthorityStore implements AuthorityStore {
  private static final String ROWS =
      "SELECT key_id, role, state, root_key_id, replica, since_version, since_revision, since_at,"
          + " forced, key_sha256, certificate, created_at FROM authority"
          + " ORDER BY created_at, key_id";
  private static final String VERSION = "SELECT version, revision FROM bundle";
  private static final String INSERT =
      "INSERT INTO authority (key_id, role, state, root_key_id, replica, since_version,"
          + " since_revision, since_at, forced, created_at)"
          + " SELECT ?, ?, 'PREPARED', ?, ?, version, revision, ?, FALSE, ? FROM bundle";
  private static final String RETIRE =
      "UPDATE authority SET state = 'RETIRED', since_version = ?, since_revision = ?, since_at = ?"
          + " WHERE replica = ? AND role = 'ISSUING' AND state = 'ACTIVE'";
  private static final String COMPLETE =
      "UPDATE authority SET state = ?, since_version = ?, since_revision = ?, since_at = ?,"
          + " key_sha256 = ?, certificate = ? WHERE key_id = ?";

  private final SqliteWriter writer;
  private final SqliteReader reader;

  SqliteAuthorityStore(SqliteWriter writer, SqliteReader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  @Override
  public List<AuthorityRow> authorities() throws RefusedException {
    return reader.query(ROWS, SqliteAuthorityStore::authority);
  }

  static List<AuthorityRow> authorities(Connection connection) throws SQLException {
    List<AuthorityRow> found = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(ROWS);
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        found.add(authority(rows));
      }
    }
    return found;
  }

  @Override
  public void prepare(KeyId keyId, NewAuthority what, Instant createdAt) throws RefusedException {
    var _ =
        writer.write(session ->
            session.alone(part -> {
              if (what instanceof NewAuthority.FirstRoot) {
                refuseSecondRoot(part);
              }
              insert(keyId, what, createdAt, part);
              return true;
            }));
  }

  static void insert(KeyId keyId, NewAuthority what, Instant createdAt, WriteSession session)
      throws SQLException {
    PreparedStatement insert = session.prepared(INSERT);
    insert.setString(1, keyId.value());
    switch (what) {
      case NewAuthority.FirstRoot() -> setRoot(insert);
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

  /** One of the rotation's, of which there may be others. */
  static void insertRoot(KeyId keyId, Instant createdAt, WriteSession session) throws SQLException {
    insert(keyId, new NewAuthority.FirstRoot(), createdAt, session);
  }

  private static void setRoot(PreparedStatement insert) throws SQLException {
    insert.setString(2, Role.ROOT.name());
    insert.setString(3, null);
    insert.setString(4, "");
  }

  private static void refuseSecondRoot(WriteSession session) throws SQLException, RefusedException {
    PreparedStatement select =
        session.prepared("SELECT key_id FROM authority WHERE role = 'ROOT' LIMIT 1");
    try (ResultSet row = select.executeQuery()) {
      if (row.next()) {
        throw new RefusedException(
            RefusalReason.STORE_UNAVAILABLE, "the store has the root " + row.getString(1));
      }
    }
  }

  @Override
  public void complete(KeyId keyId, String keySha256, byte[] certificate) throws RefusedException {
    boolean prepared =
        writer.write(
            session -> session.alone(part -> complete(keyId, keySha256, certificate, part)));
    if (!prepared) {
      throw new IllegalStateException("authority " + keyId + " is not prepared");
    }
  }

  private static boolean complete(
      KeyId keyId, String keySha256, byte[] certificate, WriteSession session)
      throws SQLException, RefusedException {
    Optional<AuthorityRow> found = row(keyId, session);
    if (found.isEmpty()) {
      return false;
    }
    AuthorityRow row = found.get();
    boolean prepared = row.state() == AuthorityState.PREPARED;
    TrustVersion at = version(session);
    if (row.role() == Role.ROOT) {
      if (!prepared) {
        throw new RefusedException(
            RefusalReason.AUTHORITY_UNAVAILABLE, "the root " + keyId + " is " + row.state());
      }
      completeRoot(row, at, keySha256, certificate, session);
      return true;
    }
    if (prepared) {
      requireActiveRoot(row, session);
      retire(row, at, session);
      set(row, AuthorityState.ACTIVE, at, keySha256, certificate, session);
    }
    return prepared;
  }

  private static void completeRoot(
      AuthorityRow row, TrustVersion at, String keySha256, byte[] certificate, WriteSession session)
      throws SQLException {
    if (at.version() == 0) {
      session.prepared("UPDATE bundle SET version = 1, revision = 1").executeUpdate();
      set(row, AuthorityState.ACTIVE, new TrustVersion(1, 1), keySha256, certificate, session);
    } else if (row.certificate().isEmpty()) {
      TrustVersion since = new TrustVersion(row.since().version(), row.since().revision());
      set(row, AuthorityState.PREPARED, since, keySha256, certificate, session);
    }
  }

  private static void requireActiveRoot(AuthorityRow row, WriteSession session)
      throws SQLException, RefusedException {
    KeyId root = row.root().orElseThrow();
    Optional<AuthorityState> state = row(root, session).map(AuthorityRow::state);
    if (state.filter(AuthorityState::maySign).isEmpty()) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE,
          "the root "
              + root
              + " of "
              + row.keyId()
              + " is "
              + state.map(AuthorityState::name).orElse("unknown")
              + ", not the active one");
    }
  }

  private static void retire(AuthorityRow next, TrustVersion at, WriteSession session)
      throws SQLException {
    PreparedStatement retire = session.prepared(RETIRE);
    retire.setLong(1, at.version());
    retire.setLong(2, at.revision());
    retire.setLong(3, next.createdAt().toEpochMilli());
    retire.setString(4, next.replica());
    retire.executeUpdate();
  }

  private static void set(
      AuthorityRow row,
      AuthorityState state,
      TrustVersion since,
      String keySha256,
      byte[] certificate,
      WriteSession session)
      throws SQLException {
    PreparedStatement update = session.prepared(COMPLETE);
    update.setString(1, state.name());
    update.setLong(2, since.version());
    update.setLong(3, since.revision());
    update.setLong(4, row.since().at().toEpochMilli());
    update.setString(5, keySha256);
    update.setBytes(6, certificate);
    update.setString(7, row.keyId().value());
    update.executeUpdate();
  }

  static Optional<AuthorityRow> row(KeyId keyId, WriteSession session) throws SQLException {
    PreparedStatement select =
        session.prepared(ROWS.replace("ORDER BY created_at, key_id", "WHERE key_id = ?"));
    select.setString(1, keyId.value());
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? Optional.of(authority(row)) : Optional.empty();
    }
  }

  private static TrustVersion version(WriteSession session) throws SQLException {
    try (ResultSet row = session.prepared(VERSION).executeQuery()) {
      return row.next() ? new TrustVersion(row.getLong(1), row.getLong(2)) : new TrustVersion(0, 0);
    }
  }

  @Override
  public void remove(KeyId keyId) throws RefusedException {
    var _ =
        writer.write(session -> {
          PreparedStatement delete =
              session.prepared("DELETE FROM authority WHERE key_id = ? AND state = 'PREPARED'");
          delete.setString(1, keyId.value());
          return delete.executeUpdate();
        });
  }

  @Override
  public TrustVersion trustVersion() throws RefusedException {
    return reader.query(VERSION, row -> new TrustVersion(row.getLong(1), row.getLong(2))).stream()
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
