package dev.signet.ca.adapter.postgresql;

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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The evidence in PostgreSQL. Thread-safe. */
final class PostgresEvidenceStore implements EvidenceStore {
  private static final String LEAVES =
      "SELECT cluster, node_name, pod_uid, namespace, pod_name, spiffe_id, serial,"
          + " authority_key_id, not_after, recorded_at FROM issuance"
          + " WHERE kind = 'WORKLOAD' AND not_after > ? ORDER BY recorded_at, sequence";
  private static final String AGENTS =
      "SELECT a.cluster, a.node_name, i.authority_key_id, a.not_after, e.revision, e.heard"
          + " FROM live_agent a JOIN issuance i ON i.serial = a.serial LEFT JOIN agent_evidence e"
          + " ON e.cluster = a.cluster AND e.node_name = a.node_name WHERE a.not_after > ?"
          + " ORDER BY a.cluster COLLATE \"C\", a.node_name COLLATE \"C\"";
  private static final String REPLICA =
      "INSERT INTO replica (name, version, published, seen) VALUES (?, ?, ?, ?)"
          + " ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
          + " published = excluded.published, seen = excluded.seen";

  /** Two that come back after an hour at once are not each other's to wait for. */
  private static final String FORGET_REPLICAS =
      "DELETE FROM replica WHERE name IN"
          + " (SELECT name FROM replica WHERE seen < ? FOR UPDATE SKIP LOCKED)";

  /** How often what nobody asks for any more is looked for. */
  private static final Duration PRUNING = Duration.ofMinutes(10);

  /** By then nobody asks for a leaf that ended, nor for a replica that was not seen. */
  private static final Duration KEPT = Duration.ofHours(1);

  private static final String WITHOUT_LEAF =
      " AND NOT EXISTS (SELECT FROM live WHERE live.cluster = old.cluster"
          + " AND live.node_name = old.node_name AND live.pod_uid = old.pod_uid)";

  private final PostgresPools pools;
  private final AtomicReference<Instant> pruned = new AtomicReference<>(Instant.EPOCH);

  PostgresEvidenceStore(PostgresPools pools) {
    this.pools = pools;
  }

  @Override
  public void heard(List<AgentReport> reports) throws RefusedException {
    if (reports.isEmpty()) {
      return;
    }
    EvidenceArrays arrays = EvidenceArrays.of(EvidenceBatch.of(reports));
    var _ =
        pools.write(connection -> {
          arrays.write(connection);
          return true;
        });
    prune(reports.getLast().heard());
  }

  /** After the transaction in which nobody may wait long. */
  private void prune(Instant now) throws RefusedException {
    Instant last = pruned.get();
    if (now.isBefore(last.plus(PRUNING)) || !pruned.compareAndSet(last, now)) {
      return;
    }
    long kept = now.minus(KEPT).toEpochMilli();
    for (String what :
        List.of("ended_pod AS old WHERE ended_at < ?", "pod_evidence AS old WHERE since < ?")) {
      var _ =
          pools.write(connection -> {
            try (PreparedStatement delete =
                connection.prepareStatement(
                    "WITH live AS (SELECT cluster, node_name, pod_uid FROM issuance"
                        + " WHERE kind = 'WORKLOAD' AND not_after > ?) DELETE FROM "
                        + what
                        + WITHOUT_LEAF)) {
              delete.setLong(1, kept);
              delete.setLong(2, kept);
              return delete.executeUpdate();
            }
          });
    }
  }

  @Override
  public void replica(ReplicaReport report) throws RefusedException {
    var _ =
        pools.write(connection -> {
          try (PreparedStatement upsert = connection.prepareStatement(REPLICA);
              PreparedStatement forget = connection.prepareStatement(FORGET_REPLICAS)) {
            upsert.setString(1, report.replica());
            upsert.setLong(2, report.version());
            upsert.setLong(3, report.published());
            upsert.setLong(4, report.seen().toEpochMilli());
            upsert.executeUpdate();
            forget.setLong(1, report.seen().minus(KEPT).toEpochMilli());
            return forget.executeUpdate();
          }
        });
  }

  @Override
  public Consumers consumers(Instant unexpiredAt) throws RefusedException {
    return pools.snapshot(connection -> {
      EvidenceRows rows = new EvidenceRows();
      read(
          connection,
          "SELECT name, version, published, seen FROM replica ORDER BY name COLLATE \"C\"",
          row ->
              rows.replica(
                  new ReplicaReport(
                      row.getString(1), row.getLong(2), row.getLong(3), time(row.getLong(4)))));
      read(connection, AGENTS, unexpiredAt, row -> rows.agent(agent(row)));
      read(connection, LEAVES, unexpiredAt, row -> rows.leaf(leaf(row)));
      read(
          connection,
          "SELECT cluster, node_name, full_at FROM agent_evidence WHERE full_at > 0",
          row -> rows.full(node(row), time(row.getLong(3))));
      read(
          connection,
          "SELECT cluster, node_name, pod_uid FROM ended_pod",
          row -> rows.ended(pod(row)));
      read(
          connection,
          "SELECT cluster, node_name, pod_uid, evidence, consumers, revision, serial, since"
              + " FROM pod_evidence",
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
    return evidence.equals(EvidenceArrays.NONE)
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
