package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.authority.AuthorityRow;
import dev.signet.ca.authority.StoredTrust;
import dev.signet.ca.authority.TrustVersion;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Since;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustChange;
import dev.signet.ca.rotation.TrustChange.AuthorityChange;
import dev.signet.ca.rotation.TrustState;
import dev.signet.ca.rotation.TrustStateStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The trust state in SQLite. There is one process, so that a step's word cannot be lost. */
final class SqliteTrustStateStore implements TrustStateStore {
  private static final String ADVANCE =
      "UPDATE bundle SET version = version + 1, revision = ?, paused = ? WHERE version = ?";
  private static final String CHANGE =
      "UPDATE authority SET state = ?, since_version = ?, since_revision = ?, since_at = ?,"
          + " forced = ? WHERE key_id = ?";
  private static final String BAN =
      "INSERT INTO ban (cluster, node_name, who, why, at) VALUES (?, ?, ?, ?, ?)"
          + " ON CONFLICT (cluster, node_name) DO UPDATE SET who = excluded.who, why = excluded.why,"
          + " at = excluded.at";
  private static final String STEP =
      "INSERT INTO trust_step (version, at, kind, key_id, cluster, node_name, who, why, overrides)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String STEPS =
      "SELECT at, kind, key_id, cluster, node_name, who, why, overrides FROM trust_step"
          + " ORDER BY version DESC LIMIT ";

  private final SqliteWriter writer;
  private final SqliteReader reader;
  private final IssuanceSteps steps;
  private final StoredTrust trust = new StoredTrust();
  private final List<Runnable> actions = new CopyOnWriteArrayList<>();

  SqliteTrustStateStore(SqliteWriter writer, SqliteReader reader, IssuanceSteps steps) {
    this.writer = writer;
    this.reader = reader;
    this.steps = steps;
  }

  @Override
  public TrustState state() throws RefusedException {
    return reader.snapshot(this::state);
  }

  private TrustState state(Connection connection) throws SQLException, RefusedException {
    try (PreparedStatement select =
            connection.prepareStatement("SELECT version, revision, paused FROM bundle");
        ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, "the store has no bundle row");
      }
      return trust.state(
          new TrustVersion(row.getLong(1), row.getLong(2)),
          row.getBoolean(3),
          SqliteAuthorityStore.authorities(connection),
          bans(connection));
    }
  }

  private static List<Ban> bans(Connection connection) throws SQLException {
    List<Ban> bans = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT cluster, node_name, who, why, at FROM ban ORDER BY cluster, node_name");
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        bans.add(
            new Ban(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                Instant.ofEpochMilli(row.getLong(5))));
      }
    }
    return bans;
  }

  @Override
  public boolean step(TrustChange change) throws RefusedException {
    boolean made = writer.write(session -> session.alone(part -> step(change, part)));
    if (made) {
      steps.reached(change.step().kind().reached());
      actions.forEach(Runnable::run);
    }
    return made;
  }

  private static boolean step(TrustChange change, WriteSession session)
      throws SQLException, RefusedException {
    PreparedStatement advance = session.prepared(ADVANCE);
    advance.setLong(1, change.revision());
    advance.setBoolean(2, change.paused());
    advance.setLong(3, change.from());
    if (advance.executeUpdate() == 0) {
      return false;
    }
    // First who leaves the state of which there is one.
    List<AuthorityChange> ordered =
        change.authorities().stream()
            .sorted(Comparator.comparing(of -> of.state() == AuthorityState.ACTIVE))
            .toList();
    for (AuthorityChange authority : ordered) {
      apply(authority, change, session);
    }
    if (change.ban().isPresent()) {
      ban(change.ban().get(), session);
    }
    if (change.unban().isPresent()) {
      unban(change.unban().get(), session);
    }
    record(change, session);
    return true;
  }

  private static void apply(AuthorityChange change, TrustChange of, WriteSession session)
      throws SQLException, RefusedException {
    Optional<AuthorityRow> found = SqliteAuthorityStore.row(change.id(), session);
    if (found.isEmpty()) {
      if (change.state() != AuthorityState.PREPARED) {
        throw new RefusedException(
            RefusalReason.INTERNAL_ERROR, "there is no authority " + change.id());
      }
      SqliteAuthorityStore.insertRoot(change.id(), of.step().at(), session);
    }
    Since since =
        found
            .filter(row -> row.state() == change.state())
            .map(AuthorityRow::since)
            .orElseGet(() -> new Since(of.from() + 1, of.revision(), of.step().at()));
    PreparedStatement update = session.prepared(CHANGE);
    update.setString(1, change.state().name());
    update.setLong(2, since.version());
    update.setLong(3, since.revision());
    update.setLong(4, since.at().toEpochMilli());
    update.setBoolean(5, change.forced());
    update.setString(6, change.id().value());
    update.executeUpdate();
  }

  private static void ban(Ban ban, WriteSession session) throws SQLException {
    PreparedStatement insert = session.prepared(BAN);
    insert.setString(1, ban.cluster());
    insert.setString(2, ban.nodeName());
    insert.setString(3, ban.who());
    insert.setString(4, ban.why());
    insert.setLong(5, ban.at().toEpochMilli());
    insert.executeUpdate();
  }

  private static void unban(NodeRef node, WriteSession session) throws SQLException {
    PreparedStatement delete =
        session.prepared("DELETE FROM ban WHERE cluster = ? AND node_name = ?");
    delete.setString(1, node.cluster());
    delete.setString(2, node.nodeName());
    delete.executeUpdate();
  }

  private static void record(TrustChange change, WriteSession session) throws SQLException {
    Step step = change.step();
    PreparedStatement insert = session.prepared(STEP);
    insert.setLong(1, change.from() + 1);
    insert.setLong(2, step.at().toEpochMilli());
    insert.setString(3, step.kind().name());
    insert.setString(4, step.authority().map(KeyId::value).orElse(null));
    insert.setString(5, step.node().map(NodeRef::cluster).orElse(null));
    insert.setString(6, step.node().map(NodeRef::nodeName).orElse(null));
    insert.setString(7, step.who());
    insert.setString(8, step.why());
    insert.setString(9, step.overrides());
    insert.executeUpdate();
  }

  @Override
  public List<Step> steps(int most) throws RefusedException {
    return reader.query(STEPS + most, SqliteTrustStateStore::step);
  }

  private static Step step(ResultSet row) throws SQLException {
    Optional<String> cluster = Optional.ofNullable(row.getString(4));
    String nodeName = row.getString(5);
    return new Step(
        Instant.ofEpochMilli(row.getLong(1)),
        Step.Kind.valueOf(row.getString(2)),
        Optional.ofNullable(row.getString(3)).map(KeyId::new),
        cluster.map(name -> new NodeRef(name, nodeName)),
        row.getString(6),
        row.getString(7),
        row.getString(8));
  }

  @Override
  public void onStep(Runnable action) {
    actions.add(action);
  }
}
