package dev.signet.cli.preflight;

import java.util.Optional;

/**
 * What the operator means to run.
 *
 * @param namespace of Signet
 * @param trustDomain empty: as installed
 * @param kubeletDir empty: as installed, or the usual one
 * @param review who has tokens reviewed; empty: as installed, or the CA
 * @param release version of this command
 */
public record Expectations(
    String namespace,
    Optional<String> trustDomain,
    Optional<String> kubeletDir,
    Optional<ReviewBy> review,
    String release) {

  /** Who asks the API server about tokens. */
  public enum ReviewBy {
    CA,
    AGENT
  }
}
