package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.rotation.Consumers;
import dev.signet.ca.rotation.EvidenceBatch;
import dev.signet.ca.rotation.NodeRef;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What many agents said, as columns: as many statements for a thousand nodes as for one. Rows are
 * locked in the order of nodes and pods, so that two replicas do not wait for each other in a ring.
 */
final class EvidenceArrays {
  /** The class of a pod of which nothing was said but that it is there. */
  static final String NONE = "NONE";

  private static final String AGENTS =
      "INSERT INTO agent_evidence AS known (cluster, node_name, revision, replica, heard, full_at)"
          + " SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::bigint[],"
          + " ?::bigint[]) ON CONFLICT (cluster, node_name) DO UPDATE"
          + " SET revision = excluded.revision, replica = excluded.replica, heard = excluded.heard,"
          + " full_at = CASE WHEN excluded.full_at > 0 THEN excluded.full_at ELSE known.full_at END";

  private static final String NAMED = "unnest(?::text[], ?::text[], ?::text[])";

  /** Whom a full report of its node passes over. */
  private static final String END_UNNAMED =
      "INSERT INTO ended_pod (cluster, node_name, pod_uid, ended_at)"
          + " SELECT DISTINCT known.cluster, known.node_name, known.pod_uid, node.full_at"
          + " FROM pod_evidence known JOIN unnest(?::text[], ?::text[], ?::bigint[])"
          + " AS node (cluster, node_name, full_at) USING (cluster, node_name)"
          + " WHERE NOT EXISTS (SELECT FROM "
          + NAMED
          + " AS named (cluster, node_name, pod_uid) WHERE named.cluster = known.cluster"
          + " AND named.node_name = known.node_name AND named.pod_uid = known.pod_uid)"
          + " ON CONFLICT DO NOTHING";

  private static final String END =
      "INSERT INTO ended_pod (cluster, node_name, pod_uid, ended_at)"
          + " SELECT * FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[])"
          + " ON CONFLICT DO NOTHING";

  private static final String REVIVE =
      "DELETE FROM ended_pod old USING "
          + NAMED
          + " AS named (cluster, node_name, pod_uid) WHERE named.cluster = old.cluster"
          + " AND named.node_name = old.node_name AND named.pod_uid = old.pod_uid";

  private static final String FORGET_ENDED =
      "DELETE FROM pod_evidence old USING ended_pod ended, unnest(?::text[], ?::text[])"
          + " AS node (cluster, node_name) WHERE ended.cluster = node.cluster"
          + " AND ended.node_name = node.node_name AND old.cluster = ended.cluster"
          + " AND old.node_name = ended.node_name AND old.pod_uid = ended.pod_uid";

  /** Classes of which nobody is any more. */
  private static final String FORGET_CLASSES =
      "DELETE FROM pod_evidence old USING "
          + NAMED
          + " AS named (cluster, node_name, pod_uid) WHERE named.cluster = old.cluster"
          + " AND named.node_name = old.node_name AND named.pod_uid = old.pod_uid"
          + " AND NOT EXISTS (SELECT FROM unnest(?::text[], ?::text[], ?::text[], ?::text[])"
          + " AS shown (cluster, node_name, pod_uid, evidence) WHERE shown.cluster = old.cluster"
          + " AND shown.node_name = old.node_name AND shown.pod_uid = old.pod_uid"
          + " AND shown.evidence = old.evidence)";

  private static final String SHOWN =
      "INSERT INTO pod_evidence AS known (cluster, node_name, pod_uid, evidence, consumers,"
          + " revision, serial, since) SELECT * FROM unnest(?::text[], ?::text[], ?::text[],"
          + " ?::text[], ?::integer[], ?::bigint[], ?::text[], ?::bigint[])"
          + " ON CONFLICT (cluster, node_name, pod_uid, evidence) DO UPDATE"
          + " SET consumers = excluded.consumers, revision = excluded.revision,"
          + " serial = excluded.serial, since = CASE WHEN known.revision = excluded.revision"
          + " AND known.serial = excluded.serial THEN known.since ELSE excluded.since END";

  /** The columns of some rows. */
  private static final class Rows {
    private final List<String> types;
    private final List<Object[]> rows = new ArrayList<>();

    Rows(String... types) {
      this.types = List.of(types);
    }

    void add(Object... values) {
      rows.add(values);
    }

    boolean isEmpty() {
      return rows.isEmpty();
    }

    /** Sets the first columns; the next free index. */
    int set(int columns, int first, PreparedStatement statement) throws SQLException {
      Connection connection = statement.getConnection();
      for (int column = 0; column < columns; column++) {
        int at = column;
        Object[] values = rows.stream().map(row -> row[at]).toArray();
        statement.setArray(first + column, connection.createArrayOf(types.get(column), values));
      }
      return first + columns;
    }

    int set(PreparedStatement statement) throws SQLException {
      return set(types.size(), 1, statement);
    }
  }

  private final Rows agents = new Rows("text", "text", "bigint", "text", "bigint", "bigint");
  private final Rows full = new Rows("text", "text", "bigint");
  private final Rows named = new Rows("text", "text", "text");
  private final Rows ended = new Rows("text", "text", "text", "bigint");
  private final Rows shown =
      new Rows("text", "text", "text", "text", "integer", "bigint", "text", "bigint");

  private EvidenceArrays() {}

  static EvidenceArrays of(EvidenceBatch batch) {
    EvidenceArrays arrays = new EvidenceArrays();
    batch.nodes().forEach(arrays::add);
    return arrays;
  }

  private void add(EvidenceBatch.OfNode of) {
    String cluster = of.node().cluster();
    String name = of.node().nodeName();
    long heard = of.heard().toEpochMilli();
    agents.add(cluster, name, of.revision(), of.replica(), heard, of.full() ? heard : 0L);
    if (of.full()) {
      full.add(cluster, name, heard);
    }
    of.ended().stream().sorted().forEach(uid -> ended.add(cluster, name, uid, heard));
    of.pods().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(pod -> add(of.node(), pod.getKey(), pod.getValue(), of.heard()));
  }

  private void add(NodeRef node, String uid, List<Consumers.Shown> classes, Instant heard) {
    named.add(node.cluster(), node.nodeName(), uid);
    for (Consumers.Shown each : classes) {
      shown.add(
          node.cluster(),
          node.nodeName(),
          uid,
          each.evidence().name(),
          each.consumers(),
          each.revision(),
          each.serial(),
          each.since().toEpochMilli());
    }
    if (classes.isEmpty()) {
      shown.add(node.cluster(), node.nodeName(), uid, NONE, 0, 0L, "", heard.toEpochMilli());
    }
  }

  void write(Connection connection) throws SQLException {
    // Locks the nodes first: what follows is theirs.
    execute(AGENTS, connection, agents::set);
    if (!full.isEmpty()) {
      execute(
          END_UNNAMED,
          connection,
          statement -> {
            int next = full.set(statement);
            var _ = named.set(3, next, statement);
          });
    }
    if (!ended.isEmpty()) {
      execute(END, connection, ended::set);
    }
    if (!named.isEmpty()) {
      execute(REVIVE, connection, named::set);
    }
    if (!full.isEmpty() || !ended.isEmpty()) {
      execute(FORGET_ENDED, connection, statement -> agents.set(2, 1, statement));
    }
    if (!named.isEmpty()) {
      execute(
          FORGET_CLASSES,
          connection,
          statement -> {
            int next = named.set(statement);
            var _ = shown.set(4, next, statement);
          });
      execute(SHOWN, connection, shown::set);
    }
  }

  @FunctionalInterface
  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private static void execute(String sql, Connection connection, Parameters parameters)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      parameters.set(statement);
      statement.executeUpdate();
    }
  }
}
