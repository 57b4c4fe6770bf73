package dev.signet.spiffe;

import org.jspecify.annotations.Nullable;

/**
 * Something is not what the SPIFFE standards demand.
 *
 * <p>The message says what was wrong, the value (escaped and cut short, never a private key) and
 * what to do. Decide by type and {@link #rule}, not by message.
 */
public abstract sealed class SpiffeException extends RuntimeException
    permits InvalidSpiffeIdException, InvalidX509SvidException, InvalidX509BundleException {

  private final String rule;
  private final String problem;

  SpiffeException(String rule, String problem, @Nullable Throwable cause) {
    super(problem + " (" + rule + ")", cause);
    this.rule = rule;
    this.problem = problem;
  }

  /**
   * The broken rule: {@code ID-1} to {@code ID-19} for SPIFFE-ID, {@code X-1} to {@code X-22} for
   * X509-SVID, {@code W-28} where a trust domain has no bundle, {@code W-29} where a private key is
   * not the certificate's, {@code B-1} where bundles would be mixed up.
   */
  public final String rule() {
    return rule;
  }

  /** The message without the rule, to be quoted in another. */
  final String problem() {
    return problem;
  }
}
