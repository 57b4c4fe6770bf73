package dev.signet.ca.issuance;

import dev.signet.ca.authority.MemoryAuthorityStore;
import dev.signet.ca.rotation.TrustStateStore;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

class MemoryIssuanceLogTest extends IssuanceLogContract {
  private final MemoryAuthorityStore store = new MemoryAuthorityStore();
  private final MemoryIssuanceLog log =
      new MemoryIssuanceLog().fencedBy(store::version).banning(this::isBanned);

  private boolean isBanned(String cluster, String nodeName) {
    try {
      return store.state().isBanned(cluster, nodeName);
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Override
  protected IssuanceLog log() {
    return log;
  }

  @Override
  protected TrustStateStore trustStates() {
    return store;
  }

  @Override
  protected LiveAgents liveAgents() {
    return log;
  }

  @Override
  protected List<String> recorded() {
    return log.records().stream().map(IssuanceRecord::serial).toList();
  }

  @Override
  protected Optional<String> outcome(String serial) {
    return log.outcome(serial);
  }
}
