package dev.signet.ca.rotation;

import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.MemoryIssuanceLog;
import org.junit.jupiter.api.AfterEach;

class MemoryEvidenceStoreTest extends EvidenceStoreContract {
  private final MemoryIssuanceLog log = new MemoryIssuanceLog();
  private final MemoryEvidenceStore store = new MemoryEvidenceStore(log);

  @AfterEach
  void close() {
    log.close();
  }

  @Override
  protected EvidenceStore store() {
    return store;
  }

  @Override
  protected IssuanceLog log() {
    return log;
  }
}
