package dev.signet.ca.adapter.postgresql;

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
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The trust state in PostgreSQL. Steps are made one after another, and none while a group of
 * records that a version signs is being written. Thread-safe.
 */
final class PostgresTrustStateStore implements TrustStateStore, AutoCloseable {
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

  private final PostgresPools pools;
  private final StepListener listener;
  private final IssuanceSteps steps;
  private final StoredTrust trust = new StoredTrust();

  PostgresTrustStateStore(PostgresPools pools, StepListener listener, IssuanceSteps steps) {
    this.pools = pools;
    this.listener = listener;
    this.steps = steps;
  }

  @Override
  public TrustState state() throws RefusedException {
    return pools.snapshot(this::state);
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
          PostgresAuthorityStore.authorities(connection),
          bans(connection));
    }
  }

  private static List<Ban> bans(Connection connection) throws SQLException {
    List<Ban> bans = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT cluster, node_name, who, why, at FROM ban"
                    + " ORDER BY cluster COLLATE \"C\", node_name COLLATE \"C\"");
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

  /** A rule that it breaks shows in the middle, and undoes the whole. */
  @Override
  public boolean step(TrustChange change) throws RefusedException {
    boolean made = pools.write(connection -> step(change, connection));
    if (made) {
      steps.reached(change.step().kind().reached());
    }
    return made;
  }

  private static boolean step(TrustChange change, Connection connection) throws SQLException {
    PostgresAuthorityStore.lockState(connection);
    try (PreparedStatement advance = connection.prepareStatement(ADVANCE)) {
      advance.setLong(1, change.revision());
      advance.setBoolean(2, change.paused());
      advance.setLong(3, change.from());
      if (advance.executeUpdate() == 0) {
        return false;
      }
    }
    // First who leaves the state of which there is one.
    List<AuthorityChange> ordered =
        change.authorities().stream()
            .sorted(Comparator.comparing(of -> of.state() == AuthorityState.ACTIVE))
            .toList();
    for (AuthorityChange authority : ordered) {
      apply(authority, change, connection);
    }
    if (change.ban().isPresent()) {
      ban(change.ban().get(), connection);
    }
    if (change.unban().isPresent()) {
      unban(change.unban().get(), connection);
    }
    record(change, connection);
    try (Statement notify = connection.createStatement()) {
      notify.execute(StepListener.NOTIFY);
    }
    return true;
  }

  private static void apply(AuthorityChange change, TrustChange of, Connection connection)
      throws SQLException {
    Optional<AuthorityRow> found =
        PostgresAuthorityStore.row(change.id(), " FOR UPDATE", connection);
    if (found.isEmpty()) {
      if (change.state() != AuthorityState.PREPARED) {
        // As a foreign key would say it.
        throw new SQLException("there is no authority " + change.id(), "23503");
      }
      PostgresAuthorityStore.insertRoot(change.id(), of.step().at(), connection);
    }
    Since since =
        found
            .filter(row -> row.state() == change.state())
            .map(AuthorityRow::since)
            .orElseGet(() -> new Since(of.from() + 1, of.revision(), of.step().at()));
    try (PreparedStatement update = connection.prepareStatement(CHANGE)) {
      update.setString(1, change.state().name());
      update.setLong(2, since.version());
      update.setLong(3, since.revision());
      update.setLong(4, since.at().toEpochMilli());
      update.setBoolean(5, change.forced());
      update.setString(6, change.id().value());
      update.executeUpdate();
    }
  }

  private static void ban(Ban ban, Connection connection) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(BAN)) {
      insert.setString(1, ban.cluster());
      insert.setString(2, ban.nodeName());
      insert.setString(3, ban.who());
      insert.setString(4, ban.why());
      insert.setLong(5, ban.at().toEpochMilli());
      insert.executeUpdate();
    }
  }

  private static void unban(NodeRef node, Connection connection) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM ban WHERE cluster = ? AND node_name = ?")) {
      delete.setString(1, node.cluster());
      delete.setString(2, node.nodeName());
      delete.executeUpdate();
    }
  }

  private static void record(TrustChange change, Connection connection) throws SQLException {
    Step step = change.step();
    try (PreparedStatement insert = connection.prepareStatement(STEP)) {
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
  }

  @Override
  public List<Step> steps(int most) throws RefusedException {
    return pools.query(STEPS + most, PostgresTrustStateStore::step);
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
    listener.add(action);
  }

  @Override
  public void close() {
    listener.close();
  }
}
