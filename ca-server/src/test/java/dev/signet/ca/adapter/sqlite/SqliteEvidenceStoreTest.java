package dev.signet.ca.adapter.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.Records;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.rotation.EvidenceStore;
import dev.signet.ca.rotation.EvidenceStoreContract;
import dev.signet.ca.rotation.NodeRef;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteEvidenceStoreTest extends EvidenceStoreContract {
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
  protected EvidenceStore store() {
    return store.evidence();
  }

  @Override
  protected IssuanceLog log() {
    return store.issuanceLog();
  }

  /** Until its last leaf has ended it is known that a pod is gone; nobody asks after that. */
  @Test
  void podsWithoutALeaf_areForgotten() throws Exception {
    Instant now = Instant.parse("2026-11-01T12:00:00Z");
    NodeRef node = new NodeRef("demo", "node-1");
    record(Records.leaf("node-1", "pod-1", "authority-1", now, now.plus(Duration.ofHours(4))));
    record(Records.leaf("node-1", "pod-2", "authority-1", now, now.plus(Duration.ofHours(1))));
    record(Records.leaf("node-1", "pod-3", "authority-1", now, now.plus(Duration.ofHours(1))));
    AgentReport.Seen seen = new AgentReport.Seen(Evidence.SENT, 1, 1, "a");
    store()
        .heard(
            List.of(
                report(
                    node,
                    1,
                    now,
                    false,
                    Map.of("pod-3", List.of(seen)),
                    Set.of("pod-1", "pod-2"))));
    for (int hours : new int[] {1, 3}) {
      Instant later = now.plus(Duration.ofHours(hours));
      store().heard(List.of(report(node, 1, later, false, Map.of(), Set.of())));
      assertThat(strings("SELECT pod_uid FROM ended_pod ORDER BY pod_uid"))
          .isEqualTo(hours == 1 ? List.of("pod-1", "pod-2") : List.of("pod-1"));
      assertThat(strings("SELECT pod_uid FROM pod_evidence")).hasSize(hours == 1 ? 1 : 0);
    }
  }

  private List<String> strings(String sql) {
    return Stores.strings(folder, sql);
  }
}
