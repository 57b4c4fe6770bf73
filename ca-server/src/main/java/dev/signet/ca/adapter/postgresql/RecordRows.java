package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.issuance.Attestation;
import dev.signet.ca.issuance.IssuanceRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How records become rows of {@code issuance}: each column once, for one row and for many. */
final class RecordRows {
  /** A column, its type and what is in it. */
  private record Column(
      String name, String type, Function<IssuanceRecord, @Nullable Object> value) {}

  private static final List<Column> COLUMNS =
      List.of(
          new Column("serial", "text", IssuanceRecord::serial),
          new Column("kind", "text", record -> record.kind().name()),
          new Column("spiffe_id", "text", record -> record.id().toString()),
          new Column("tbs_sha256", "text", IssuanceRecord::tbsSha256),
          new Column("authority_key_id", "text", IssuanceRecord::authorityKeyId),
          new Column(
              "not_before", "bigint", record -> record.validity().notBefore().toEpochMilli()),
          new Column("not_after", "bigint", record -> record.validity().notAfter().toEpochMilli()),
          new Column("recorded_at", "bigint", record -> record.recordedAt().toEpochMilli()),
          new Column(
              "decision", "text", record -> record.attestation().isPresent() ? "GRANTED" : "OWN"),
          fact("cluster", Attestation::cluster),
          fact("namespace", Attestation::namespace),
          fact("pod_name", Attestation::podName),
          fact("pod_uid", Attestation::podUid),
          fact("service_account", Attestation::serviceAccount),
          fact("service_account_uid", Attestation::serviceAccountUid),
          fact("node_name", Attestation::nodeName),
          fact("node_uid", Attestation::nodeUid),
          fact("credential_id", Attestation::credentialId),
          fact("agent_pod_uid", Attestation::agentPodUid),
          fact("review", attestation -> attestation.mode().name()));

  /** All names, for an INSERT. */
  static final String NAMES = COLUMNS.stream().map(Column::name).collect(Collectors.joining(", "));

  /** A parameter for each column, of one row. */
  static final String ONE =
      COLUMNS.stream().map(column -> "?::" + column.type()).collect(Collectors.joining(", "));

  /** A parameter for each column, of many rows. */
  static final String MANY =
      COLUMNS.stream()
          .map(column -> "?::" + column.type() + "[]")
          .collect(Collectors.joining(", "));

  private RecordRows() {}

  private static Column fact(String name, Function<Attestation, String> value) {
    return new Column(name, "text", record -> record.attestation().map(value).orElse(null));
  }

  /** Sets {@link #ONE}, from a parameter on. */
  static void set(IssuanceRecord record, PreparedStatement statement, int first)
      throws SQLException {
    int index = first;
    for (Column column : COLUMNS) {
      statement.setObject(index++, column.value().apply(record));
    }
  }

  /** Sets {@link #MANY}, from the first parameter on. */
  static void set(List<IssuanceRecord> records, PreparedStatement statement, Connection connection)
      throws SQLException {
    int index = 1;
    for (Column column : COLUMNS) {
      Object[] values = records.stream().map(column.value()).toArray();
      statement.setArray(index++, connection.createArrayOf(column.type(), values));
    }
  }
}
