package dev.signet.cli.preflight;

import java.util.List;

/**
 * All findings, in the order of the sections.
 *
 * @param server URL of the API server
 */
public record Report(String server, String namespace, String trustDomain, List<Finding> findings) {
  public Report {
    findings = List.copyOf(findings);
  }

  public long count(Status status) {
    return findings.stream().filter(finding -> finding.status() == status).count();
  }

  /** Whether nothing failed. What is unknown is not counted as failed, and is not good either. */
  public boolean passed() {
    return count(Status.FAIL) == 0;
  }
}
