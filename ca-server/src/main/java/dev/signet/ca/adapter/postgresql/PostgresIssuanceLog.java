package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.RefusedException;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The issuance log in PostgreSQL. Thread-safe. */
final class PostgresIssuanceLog implements IssuanceLog {
  private final RecordWriter writer;
  private final PostgresPools pools;

  PostgresIssuanceLog(RecordWriter writer, PostgresPools pools) {
    this.writer = writer;
    this.pools = pools;
  }

  @Override
  public CompletableFuture<IssuanceRecord> record(IssuanceRecord record) {
    return writer.submit(record);
  }

  @Override
  public void signed(String serial, String certificateSha256) {
    writer.add(new Outcomes.Outcome(serial, certificateSha256));
  }

  @Override
  public Optional<Instant> lastRecorded(String authorityKeyId) throws RefusedException {
    return pools
        .query(
            "SELECT recorded_at FROM last_signing WHERE authority_key_id = ?",
            row -> Instant.ofEpochMilli(row.getLong(1)),
            authorityKeyId)
        .stream()
        .findFirst();
  }
}
