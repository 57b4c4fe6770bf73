package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.Consumers;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.rotation.EvidenceBatch;
import dev.signet.ca.rotation.EvidenceRows;
import dev.signet.ca.rotation.EvidenceRows.LeafRow;
import dev.signet.ca.rotation.EvidenceRows.PodRef;
import dev.signet.ca.rotation.EvidenceStore;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.ReplicaReport;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The evidence in SQLite; written with the records, so that it shares their fsync. Thread-safe. */
final class SqliteEvidenceStore implements EvidenceStore {
  private static final String NONE = "NONE";
  private static final String AGENT =
      "INSERT INTO agent_evidence AS known (cluster, node_name, revision, replica, heard, full_at)"
          + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (cluster, node_name) DO UPDATE"
          + " SET revision = excluded.revision, replica = excluded.replica, heard = excluded.heard,"
          + " full_at = CASE WHEN excluded.full_at > 0 THEN excluded.full_at ELSE known.full_at END";
  private static final String SHOWN =
      "INSERT INTO pod_evidence AS known (cluster, node_name, pod_uid, evidence, consumers,"
          + " revision, serial, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (cluster, node_name, pod_uid, evidence) DO UPDATE"
          + " SET consumers = excluded.consumers, revision = excluded.revision,"
          + " serial = excluded.serial, since = CASE WHEN known.revision = excluded.revision"
          + " AND known.serial = excluded.serial THEN known.since ELSE excluded.since END";
  private static final String OF_POD = " WHERE cluster = ? AND node_name = ? AND pod_uid = ?";
  private static final String END =
      "INSERT INTO ended_pod (cluster, node_name, pod_uid, ended_at) VALUES (?, ?, ?, ?)"
          + " ON CONFLICT DO NOTHING";
  private static final String REPLICA =
      "INSERT INTO replica (name, version, published, seen) VALUES (?, ?, ?, ?)"
          + " ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
          + " published = excluded.published, seen = excluded.seen";
  private static final String LEAVES =
      "SELECT cluster, node_name, pod_uid, namespace, pod_name, spiffe_id, serial,"
          + " authority_key_id, not_after, recorded_at FROM issuance"
          + " WHERE kind = 'WORKLOAD' AND not_after > ? ORDER BY recorded_at, sequence";
  private static final String AGENTS =
      "SELECT a.cluster, a.node_name, i.authority_key_id, a.not_after, e.revision, e.heard"
          + " FROM live_agent a JOIN issuance i ON i.serial = a.serial LEFT JOIN agent_evidence e"
          + " ON e.cluster = a.cluster AND e.node_name = a.node_name"
          + " WHERE a.not_after > ? ORDER BY a.cluster, a.node_name";

  /** How often what nobody asks for any more is looked for. */
  private static final Duration PRUNING = Duration.ofMinutes(10);

  /** By then nobody asks for a leaf that ended. */
  private static final Duration KEPT = Duration.ofHours(1);

  private static final String WITHOUT_LEAF =
      " AND (cluster, node_name, pod_uid) NOT IN (SELECT cluster, node_name, pod_uid FROM issuance"
          + " WHERE kind = 'WORKLOAD' AND not_after > ?)";

  private final SqliteWriter writer;
  private final SqliteReader reader;

  /** Touched by the writer's thread alone. */
  private Instant pruned = Instant.EPOCH;

  SqliteEvidenceStore(SqliteWriter writer, SqliteReader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  @Override
  public void heard(List<AgentReport> reports) throws RefusedException {
    if (reports.isEmpty()) {
      return;
    }
    EvidenceBatch batch = EvidenceBatch.of(reports);
    var _ =
        writer.write(session ->
            session.alone(part -> {
              for (EvidenceBatch.OfNode node : batch.nodes()) {
                write(node, part);
              }
              prune(reports.getLast().heard(), part);
              return true;
            }));
  }

  private static void write(EvidenceBatch.OfNode of, WriteSession session) throws SQLException {
    PreparedStatement agent = session.prepared(AGENT);
    set(of.node(), agent);
    agent.setLong(3, of.revision());
    agent.setString(4, of.replica());
    agent.setLong(5, of.heard().toEpochMilli());
    agent.setLong(6, of.full() ? of.heard().toEpochMilli() : 0);
    agent.executeUpdate();
    Set<String> ended = new HashSet<>(of.ended());
    if (of.full()) {
      ended.addAll(named(of.node(), session));
      ended.removeAll(of.pods().keySet());
    }
    for (String uid : ended) {
      forget("pod_evidence", of.node(), uid, session);
      PreparedStatement end = session.prepared(END);
      set(of.node(), end);
      end.setString(3, uid);
      end.setLong(4, of.heard().toEpochMilli());
      end.executeUpdate();
    }
    for (Map.Entry<String, List<Consumers.Shown>> pod : of.pods().entrySet()) {
      forget("ended_pod", of.node(), pod.getKey(), session);
      write(of, pod.getKey(), pod.getValue(), session);
    }
  }

  private static void write(
      EvidenceBatch.OfNode of, String uid, List<Consumers.Shown> shown, WriteSession session)
      throws SQLException {
    Set<String> now = new HashSet<>();
    for (Consumers.Shown each : shown) {
      now.add(each.evidence().name());
      write(
          of.node(),
          uid,
          each.evidence().name(),
          each.consumers(),
          each.revision(),
          each.serial(),
          each.since(),
          session);
    }
    if (shown.isEmpty()) {
      now.add(NONE);
      write(of.node(), uid, NONE, 0, 0, "", of.heard(), session);
    }
    PreparedStatement delete =
        session.prepared("DELETE FROM pod_evidence" + OF_POD + " AND evidence = ?");
    for (String other : List.of("ACKNOWLEDGED", "SENT", "HELD", "UNSEEN", NONE)) {
      if (!now.contains(other)) {
        set(of.node(), delete);
        delete.setString(3, uid);
        delete.setString(4, other);
        delete.executeUpdate();
      }
    }
  }

  private static void write(
      NodeRef node,
      String uid,
      String evidence,
      int consumers,
      long revision,
      String serial,
      Instant since,
      WriteSession session)
      throws SQLException {
    PreparedStatement upsert = session.prepared(SHOWN);
    set(node, upsert);
    upsert.setString(3, uid);
    upsert.setString(4, evidence);
    upsert.setInt(5, consumers);
    upsert.setLong(6, revision);
    upsert.setString(7, serial);
    upsert.setLong(8, since.toEpochMilli());
    upsert.executeUpdate();
  }

  private static Set<String> named(NodeRef node, WriteSession session) throws SQLException {
    PreparedStatement select =
        session.prepared("SELECT pod_uid FROM pod_evidence WHERE cluster = ? AND node_name = ?");
    set(node, select);
    Set<String> named = new HashSet<>();
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        named.add(rows.getString(1));
      }
    }
    return named;
  }

  private static void forget(String table, NodeRef node, String uid, WriteSession session)
      throws SQLException {
    PreparedStatement delete = session.prepared("DELETE FROM " + table + OF_POD);
    set(node, delete);
    delete.setString(3, uid);
    delete.executeUpdate();
  }

  private static void set(NodeRef node, PreparedStatement statement) throws SQLException {
    statement.setString(1, node.cluster());
    statement.setString(2, node.nodeName());
  }

  private void prune(Instant now, WriteSession session) throws SQLException {
    if (now.isBefore(pruned.plus(PRUNING))) {
      return;
    }
    pruned = now;
    long kept = now.minus(KEPT).toEpochMilli();
    for (String what : List.of("ended_pod WHERE ended_at < ?", "pod_evidence WHERE since < ?")) {
      PreparedStatement delete = session.prepared("DELETE FROM " + what + WITHOUT_LEAF);
      delete.setLong(1, kept);
      delete.setLong(2, kept);
      delete.executeUpdate();
    }
  }

  @Override
  public void replica(ReplicaReport report) throws RefusedException {
    var _ =
        writer.write(session ->
            session.alone(part -> {
              PreparedStatement upsert = part.prepared(REPLICA);
              upsert.setString(1, report.replica());
              upsert.setLong(2, report.version());
              upsert.setLong(3, report.published());
              upsert.setLong(4, report.seen().toEpochMilli());
              upsert.executeUpdate();
              PreparedStatement delete = part.prepared("DELETE FROM replica WHERE seen < ?");
              delete.setLong(1, report.seen().minus(KEPT).toEpochMilli());
              return delete.executeUpdate();
            }));
  }

  @Override
  public Consumers consumers(Instant unexpiredAt) throws RefusedException {
    return reader.snapshot(connection -> {
      EvidenceRows rows = new EvidenceRows();
      read(
          connection,
          "SELECT name, version, published, seen FROM replica ORDER BY name",
          row ->
              rows.replica(
                  new ReplicaReport(
                      row.getString(1), row.getLong(2), row.getLong(3), time(row.getLong(4)))));
      read(connection, AGENTS, unexpiredAt, row -> rows.agent(agent(row)));
      read(connection, LEAVES, unexpiredAt, row -> rows.leaf(leaf(row)));
      read(
          connection,
          "SELECT cluster, node_name, full_at FROM agent_evidence" + " WHERE full_at > 0",
          row -> rows.full(node(row), time(row.getLong(3))));
      read(
          connection,
          "SELECT cluster, node_name, pod_uid FROM ended_pod",
          row -> rows.ended(pod(row)));
      read(
          connection,
          "SELECT cluster, node_name, pod_uid, evidence, consumers, revision, serial,"
              + " since FROM pod_evidence",
          row -> rows.named(pod(row), shown(row)));
      return rows.consumers();
    });
  }

  private interface Row {
    void read(ResultSet row) throws SQLException;
  }

  private static void read(Connection connection, String sql, Row row) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      read(select, row);
    }
  }

  private static void read(Connection connection, String sql, Instant after, Row row)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setLong(1, after.toEpochMilli());
      read(select, row);
    }
  }

  private static void read(PreparedStatement select, Row row) throws SQLException {
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        row.read(rows);
      }
    }
  }

  private static Consumers.Agent agent(ResultSet row) throws SQLException {
    long revision = row.getLong(5);
    long heard = row.getLong(6);
    Optional<Instant> at = row.wasNull() ? Optional.empty() : Optional.of(time(heard));
    return new Consumers.Agent(
        node(row), new KeyId(row.getString(3)), time(row.getLong(4)), revision, at);
  }

  private static LeafRow leaf(ResultSet row) throws SQLException {
    return new LeafRow(
        pod(row),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        new KeyId(row.getString(8)),
        time(row.getLong(9)),
        time(row.getLong(10)));
  }

  private static Optional<Consumers.Shown> shown(ResultSet row) throws SQLException {
    String evidence = row.getString(4);
    return evidence.equals(NONE)
        ? Optional.empty()
        : Optional.of(
            new Consumers.Shown(
                Evidence.valueOf(evidence),
                row.getInt(5),
                row.getLong(6),
                row.getString(7),
                time(row.getLong(8))));
  }

  private static PodRef pod(ResultSet row) throws SQLException {
    return new PodRef(node(row), row.getString(3));
  }

  private static NodeRef node(ResultSet row) throws SQLException {
    return new NodeRef(row.getString(1), row.getString(2));
  }

  private static Instant time(long millis) {
    return Instant.ofEpochMilli(millis);
  }
}
