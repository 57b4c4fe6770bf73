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

  SpiffeException(String rule, String message, @Nullable Throwable cause) {
    super(message + " (" + rule + ")", cause);
    this.rule = rule;
  }

  /**
   * The broken rule: {@code ID-1} to {@code ID-19} for SPIFFE-ID, {@code X-1} to {@code X-22} for
   * X509-SVID, {@code W-28} where a trust domain has no bundle, {@code B-1} where bundles would be
   * mixed up.
   */
  public final String rule() {
    return rule;
  }
}
