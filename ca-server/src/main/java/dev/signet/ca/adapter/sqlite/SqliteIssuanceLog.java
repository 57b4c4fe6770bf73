package dev.signet.ca.adapter.sqlite;

import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.CertificateKind;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The issuance log in SQLite. Thread-safe. */
final class SqliteIssuanceLog implements IssuanceLog {
  private static final String INSERT =
      "INSERT INTO issuance (serial, kind, spiffe_id, tbs_sha256, authority_key_id, not_before,"
          + " not_after, recorded_at, decision, cluster, namespace, pod_name, pod_uid,"
          + " service_account, service_account_uid, node_name, node_uid, credential_id,"
          + " agent_pod_uid, review) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String VERSION = "SELECT version FROM bundle";
  private static final String LAST =
      "INSERT INTO last_signing (authority_key_id, recorded_at) VALUES (?, ?) ON CONFLICT"
          + " (authority_key_id) DO UPDATE SET recorded_at = max(recorded_at, excluded.recorded_at)";
  private static final String AGENT_ON_NODE =
      "SELECT pod_uid, pod_name FROM live_agent WHERE cluster = ? AND node_name = ?";
  private static final String UPSERT_AGENT =
      "INSERT INTO live_agent (cluster, node_name, node_uid, pod_namespace, pod_name, pod_uid, serial,"
          + " not_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (cluster, node_name) DO UPDATE"
          + " SET node_uid = excluded.node_uid, pod_namespace = excluded.pod_namespace, pod_name ="
          + " excluded.pod_name, pod_uid = excluded.pod_uid, serial = excluded.serial, not_after ="
          + " excluded.not_after";

  /** As many as {@link #facts} gives. */
  private static final int FACTS = 11;

  private final SqliteWriter writer;
  private final SqliteReader reader;

  SqliteIssuanceLog(SqliteWriter writer, SqliteReader reader) {
    this.writer = writer;
    this.reader = reader;
  }

  @Override
  public CompletableFuture<IssuanceRecord> record(IssuanceRecord record) {
    return writer.submit(session -> write(record, session));
  }

  @Override
  public void signed(String serial, String certificateSha256) {
    writer.add(new Outcomes.Outcome(serial, certificateSha256));
  }

  @Override
  public Optional<Instant> lastRecorded(String authorityKeyId) throws RefusedException {
    return reader
        .query(
            "SELECT recorded_at FROM last_signing WHERE authority_key_id = ?",
            row -> Instant.ofEpochMilli(row.getLong(1)),
            authorityKeyId)
        .stream()
        .findFirst();
  }

  static IssuanceRecord write(IssuanceRecord record, WriteSession session)
      throws SQLException, RefusedException {
    if (record.stateVersion().isPresent()) {
      checkVersion(record.stateVersion().getAsLong(), session);
      if (record.attestation().isPresent()) {
        checkNode(record.attestation().get(), session);
      }
    }
    boolean agent = record.kind() == CertificateKind.AGENT;
    if (agent) {
      checkAgent(record, record.attestation().orElseThrow(), session);
    }
    insert(record, session);
    PreparedStatement last = session.prepared(LAST);
    last.setString(1, record.authorityKeyId());
    last.setLong(2, record.recordedAt().toEpochMilli());
    last.executeUpdate();
    if (agent) {
      upsertAgent(record, record.attestation().orElseThrow(), session);
    }
    return record;
  }

  private static void checkNode(Attestation facts, WriteSession session)
      throws SQLException, RefusedException {
    PreparedStatement select =
        session.prepared("SELECT 1 FROM ban WHERE cluster = ? AND node_name = ?");
    select.setString(1, facts.cluster());
    select.setString(2, facts.nodeName());
    try (ResultSet row = select.executeQuery()) {
      if (row.next()) {
        throw new RefusedException(
            RefusalReason.AGENT_BANNED, "its node was banned while it was under way");
      }
    }
  }

  /** No step comes between: it is made by the same thread. */
  private static void checkVersion(long version, WriteSession session)
      throws SQLException, RefusedException {
    try (ResultSet row = session.prepared(VERSION).executeQuery()) {
      long newest = row.next() ? row.getLong(1) : -1;
      if (newest != version) {
        throw new RefusedException(
            RefusalReason.REPLICA_BEHIND,
            "it is signed by version " + version + " of the trust state, the store has " + newest);
      }
    }
  }

  private static void checkAgent(IssuanceRecord record, Attestation agent, WriteSession session)
      throws SQLException, RefusedException {
    PreparedStatement select = session.prepared(AGENT_ON_NODE);
    select.setString(1, agent.cluster());
    select.setString(2, agent.nodeName());
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return;
      }
      String holder = row.getString(1);
      if (!holder.equals(agent.podUid())
          && !record.replacesAgentPod().equals(Optional.of(holder))) {
        throw new RefusedException(
            RefusalReason.AGENT_ALREADY_ON_NODE,
            "node "
                + agent.nodeName()
                + " has the agent pod "
                + row.getString(2)
                + " ("
                + holder
                + ")");
      }
    }
  }

  private static void insert(IssuanceRecord record, WriteSession session)
      throws SQLException, RefusedException {
    PreparedStatement insert = session.prepared(INSERT);
    insert.setString(1, record.serial());
    insert.setString(2, record.kind().name());
    insert.setString(3, record.id().toString());
    insert.setString(4, record.tbsSha256());
    insert.setString(5, record.authorityKeyId());
    insert.setLong(6, record.validity().notBefore().toEpochMilli());
    insert.setLong(7, record.validity().notAfter().toEpochMilli());
    insert.setLong(8, record.recordedAt().toEpochMilli());
    insert.setString(9, record.attestation().isPresent() ? "GRANTED" : "OWN");
    List<@Nullable String> facts =
        record.attestation().map(SqliteIssuanceLog::facts).orElse(List.of());
    for (int i = 0; i < FACTS; i++) {
      insert.setString(10 + i, facts.isEmpty() ? null : facts.get(i));
    }
    try {
      insert.executeUpdate();
    } catch (SQLException e) {
      if (SqliteFailure.of(e) == SqliteFailure.CONSTRAINT) {
        throw new RefusedException(
            RefusalReason.CERTIFICATE_NOT_SOUND,
            "the record " + record.serial() + " breaks a rule of the store: " + e.getMessage(),
            e);
      }
      throw e;
    }
  }

  private static List<@Nullable String> facts(Attestation facts) {
    return List.of(
        facts.cluster(),
        facts.namespace(),
        facts.podName(),
        facts.podUid(),
        facts.serviceAccount(),
        facts.serviceAccountUid(),
        facts.nodeName(),
        facts.nodeUid(),
        facts.credentialId(),
        facts.agentPodUid(),
        facts.mode().name());
  }

  private static void upsertAgent(IssuanceRecord record, Attestation agent, WriteSession session)
      throws SQLException {
    PreparedStatement upsert = session.prepared(UPSERT_AGENT);
    upsert.setString(1, agent.cluster());
    upsert.setString(2, agent.nodeName());
    upsert.setString(3, agent.nodeUid());
    upsert.setString(4, agent.namespace());
    upsert.setString(5, agent.podName());
    upsert.setString(6, agent.podUid());
    upsert.setString(7, record.serial());
    upsert.setLong(8, record.validity().notAfter().toEpochMilli());
    upsert.executeUpdate();
  }
}
