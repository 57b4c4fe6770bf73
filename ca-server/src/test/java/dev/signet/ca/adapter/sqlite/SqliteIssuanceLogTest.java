package dev.signet.ca.adapter.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceLogContract;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.rotation.TrustStateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteIssuanceLogTest extends IssuanceLogContract {
  @TempDir private Path folder;
  private SqliteStore store;

  @BeforeEach
  void open() {
    store = Stores.create(folder);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Override
  protected IssuanceLog log() {
    return store.issuanceLog();
  }

  @Test
  void record_saysWhoReviewed() throws Exception {
    assertThat(get(log().record(Records.workload()))).isNotNull();
    assertThat(get(log().record(Records.agentReviewed()))).isNotNull();
    assertThat(get(log().record(Records.server("authority-1", Records.NOW)))).isNotNull();

    assertThat(
            Stores.strings(
                folder, "SELECT coalesce(review, 'none') FROM issuance ORDER BY sequence"))
        .containsExactly("CA_REVIEW", "AGENT_REVIEW", "none");
  }

  @Override
  protected TrustStateStore trustStates() {
    return store.trustStates();
  }

  @Override
  protected LiveAgents liveAgents() {
    return store.liveAgents();
  }

  @Override
  protected List<String> recorded() {
    return Stores.strings(folder, "SELECT serial FROM issuance ORDER BY sequence");
  }

  @Override
  protected Optional<String> outcome(String serial) {
    return Stores.outcome(folder, serial);
  }
}
