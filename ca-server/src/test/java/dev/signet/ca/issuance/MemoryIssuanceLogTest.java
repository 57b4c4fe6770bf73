package dev.signet.ca.issuance;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

class MemoryIssuanceLogTest extends IssuanceLogContract {
  private final MemoryIssuanceLog log = new MemoryIssuanceLog();

  @AfterEach
  void close() {
    log.close();
  }

  @Override
  protected IssuanceLog log() {
    return log;
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
