package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.CertificateKind;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.NodeRef;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Records that are written in one transaction, in as few statements as their kinds allow. Decides
 * nothing by what it read before: a serial number is free, and a node's agent is whom it may
 * replace, at the moment of writing and for all who write.
 */
final class RecordGroup {
  /** In the order of the arrays, which the numbering of the rows follows. */
  private static final String INSERT =
      "INSERT INTO issuance ("
          + RecordRows.NAMES
          + ") SELECT "
          + RecordRows.NAMES
          + " FROM unnest("
          + RecordRows.MANY
          + ") WITH ORDINALITY AS record ("
          + RecordRows.NAMES
          + ", place) ORDER BY place ON CONFLICT (serial) DO NOTHING RETURNING serial";

  /** The record only if the agent may live there, and both or neither. */
  private static final String INSERT_AGENT =
      "WITH live AS (INSERT INTO live_agent AS present (cluster, node_name, node_uid,"
          + " pod_namespace, pod_name, pod_uid, serial, not_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT (cluster, node_name) DO UPDATE SET node_uid = excluded.node_uid,"
          + " pod_namespace = excluded.pod_namespace, pod_name = excluded.pod_name, pod_uid ="
          + " excluded.pod_uid, serial = excluded.serial, not_after = excluded.not_after"
          + " WHERE present.pod_uid = excluded.pod_uid OR present.pod_uid = ?::text RETURNING 1)"
          + " INSERT INTO issuance ("
          + RecordRows.NAMES
          + ") SELECT "
          + RecordRows.ONE
          + " FROM live RETURNING serial";

  private static final String HOLDER =
      "SELECT pod_uid, pod_name FROM live_agent WHERE cluster = ? AND node_name = ?";

  private static final String LAST =
      "INSERT INTO last_signing AS known (authority_key_id, recorded_at)"
          + " SELECT * FROM unnest(?::text[], ?::bigint[])"
          + " ON CONFLICT (authority_key_id) DO UPDATE"
          + " SET recorded_at = greatest(known.recorded_at, excluded.recorded_at)";

  private static final String VERSION = "SELECT version FROM bundle FOR SHARE";

  /** Sorts behind every name of a node. */
  private static final String LAST_OF_ALL = "\uffff";

  private final Connection connection;
  private final IdentityHashMap<IssuanceRecord, RefusedException> refused = new IdentityHashMap<>();

  private RecordGroup(Connection connection) {
    this.connection = connection;
  }

  /**
   * Writes the records; what is not among the refused is written.
   *
   * @throws SQLException if none is; with {@link PostgresFailure#DATA} it is worth to write them
   *     {@linkplain #writeEach one by one}
   */
  static IdentityHashMap<IssuanceRecord, RefusedException> write(
      List<IssuanceRecord> records, Connection connection) throws SQLException {
    RecordGroup group = new RecordGroup(connection);
    List<IssuanceRecord> current = group.current(records);
    if (!current.isEmpty()) {
      group.insert(current);
      group.noteLast(current);
    }
    return group.refused;
  }

  /** The same with a way back behind each: one that the store does not take harms no other. */
  static IdentityHashMap<IssuanceRecord, RefusedException> writeEach(
      List<IssuanceRecord> records, Connection connection) throws SQLException {
    RecordGroup group = new RecordGroup(connection);
    for (IssuanceRecord record : inLockOrder(group.current(records))) {
      Savepoint before = connection.setSavepoint();
      try {
        group.insert(List.of(record));
        connection.releaseSavepoint(before);
      } catch (SQLException e) {
        if (PostgresFailure.of(e) != PostgresFailure.DATA) {
          throw e;
        }
        connection.rollback(before);
        group.refused.put(
            record,
            new RefusedException(
                RefusalReason.CERTIFICATE_NOT_SOUND,
                "the record " + record.serial() + " breaks a rule of the store: " + e.getMessage(),
                e));
      }
    }
    // Behind all agents, as in the other way: others wait for this row.
    group.noteLast(records);
    return group.refused;
  }

  /**
   * Those whose signer works by the state that holds until this transaction ends: a step waits for
   * it, or was made before.
   */
  private List<IssuanceRecord> current(List<IssuanceRecord> records) throws SQLException {
    if (records.stream().allMatch(record -> record.stateVersion().isEmpty())) {
      return records;
    }
    long newest;
    try (PreparedStatement select = connection.prepareStatement(VERSION);
        ResultSet row = select.executeQuery()) {
      newest = row.next() ? row.getLong(1) : -1;
    }
    Set<NodeRef> banned = banned();
    List<IssuanceRecord> current = new ArrayList<>(records.size());
    for (IssuanceRecord record : records) {
      if (record.attestation().filter(facts -> banned.contains(node(facts))).isPresent()) {
        refused.put(
            record,
            new RefusedException(
                RefusalReason.AGENT_BANNED, "its node was banned while it was under way"));
      } else if (record.stateVersion().orElse(newest) == newest) {
        current.add(record);
      } else {
        refused.put(
            record,
            new RefusedException(
                RefusalReason.REPLICA_BEHIND,
                "it is signed by version "
                    + record.stateVersion().getAsLong()
                    + " of the trust state, the store has "
                    + newest));
      }
    }
    return current;
  }

  /** A ban is a step: none comes while the version is held. */
  private Set<NodeRef> banned() throws SQLException {
    Set<NodeRef> nodes = new HashSet<>();
    try (PreparedStatement select =
            connection.prepareStatement("SELECT cluster, node_name FROM ban");
        ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        nodes.add(new NodeRef(rows.getString(1), rows.getString(2)));
      }
    }
    return nodes;
  }

  private static NodeRef node(Attestation facts) {
    return new NodeRef(facts.cluster(), facts.nodeName());
  }

  private void insert(List<IssuanceRecord> records) throws SQLException {
    List<IssuanceRecord> others = new ArrayList<>(records.size());
    for (IssuanceRecord record : inLockOrder(records)) {
      if (record.kind() == CertificateKind.AGENT) {
        insertAgent(record, record.attestation().orElseThrow());
      } else {
        others.add(record);
      }
    }
    if (!others.isEmpty()) {
      insertOthers(others);
    }
  }

  /**
   * Agents by node, before all others, whose order stays: two processes that write about the same
   * nodes lock them in the same order, so that neither waits for the other in a ring.
   */
  private static List<IssuanceRecord> inLockOrder(List<IssuanceRecord> records) {
    return records.stream().sorted(Comparator.comparing(RecordGroup::lock)).toList();
  }

  private static String lock(IssuanceRecord record) {
    return record.kind() == CertificateKind.AGENT
        ? record.attestation().map(agent -> agent.cluster() + "/" + agent.nodeName()).orElseThrow()
        : LAST_OF_ALL;
  }

  private void insertAgent(IssuanceRecord record, Attestation agent) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT_AGENT)) {
      insert.setString(1, agent.cluster());
      insert.setString(2, agent.nodeName());
      insert.setString(3, agent.nodeUid());
      insert.setString(4, agent.namespace());
      insert.setString(5, agent.podName());
      insert.setString(6, agent.podUid());
      insert.setString(7, record.serial());
      insert.setLong(8, record.validity().notAfter().toEpochMilli());
      insert.setString(9, record.replacesAgentPod().orElse(null));
      RecordRows.set(record, insert, 10);
      try (ResultSet written = insert.executeQuery()) {
        if (!written.next()) {
          refused.put(record, alreadyOnNode(agent));
        }
      }
    }
  }

  private RefusedException alreadyOnNode(Attestation agent) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(HOLDER)) {
      select.setString(1, agent.cluster());
      select.setString(2, agent.nodeName());
      try (ResultSet row = select.executeQuery()) {
        String holder =
            row.next()
                ? "the agent pod " + row.getString(2) + " (" + row.getString(1) + ")"
                : "an agent";
        return new RefusedException(
            RefusalReason.AGENT_ALREADY_ON_NODE, "node " + agent.nodeName() + " has " + holder);
      }
    }
  }

  private void insertOthers(List<IssuanceRecord> records) throws SQLException {
    Set<String> written = new HashSet<>();
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      RecordRows.set(records, insert, connection);
      try (ResultSet rows = insert.executeQuery()) {
        while (rows.next()) {
          written.add(rows.getString(1));
        }
      }
    }
    for (IssuanceRecord record : records) {
      // Of two with one serial number in one group the first has the row.
      if (!written.remove(record.serial())) {
        refused.put(
            record,
            new RefusedException(
                RefusalReason.CERTIFICATE_NOT_SOUND,
                "the serial number " + record.serial() + " was used before"));
      }
    }
  }

  private void noteLast(List<IssuanceRecord> records) throws SQLException {
    Map<String, Instant> latest = new TreeMap<>();
    for (IssuanceRecord record : records) {
      if (!refused.containsKey(record)) {
        latest.merge(
            record.authorityKeyId(),
            record.recordedAt(),
            (one, other) -> one.isAfter(other) ? one : other);
      }
    }
    if (latest.isEmpty()) {
      return;
    }
    try (PreparedStatement upsert = connection.prepareStatement(LAST)) {
      Array keys = connection.createArrayOf("text", latest.keySet().toArray());
      Array times =
          connection.createArrayOf(
              "bigint", latest.values().stream().map(Instant::toEpochMilli).toArray());
      upsert.setArray(1, keys);
      upsert.setArray(2, times);
      upsert.executeUpdate();
    }
  }
}
