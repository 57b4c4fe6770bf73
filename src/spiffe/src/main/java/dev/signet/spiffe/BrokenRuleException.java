package dev.signet.spiffe;

import org.jspecify.annotations.Nullable;

/**
 * A rule that a certificate breaks, before it is known whether the certificate stands for an SVID
 * or a bundle. Checked, so that each public entry turns it into its own kind of refusal.
 */
final class BrokenRuleException extends Exception {

  /** RFC 5280 as X509-SVID section 5.1 demands it: structure, signatures, validity, limits. */
  static final String PATH = "X-16";

  private final String rule;
  private final String problem;

  BrokenRuleException(String rule, String problem) {
    this(rule, problem, null);
  }

  BrokenRuleException(String rule, String problem, @Nullable Throwable cause) {
    super(problem, cause, false, false); // Tried paths may throw many; the public one has a trace.
    this.rule = rule;
    this.problem = problem;
  }

  String rule() {
    return rule;
  }

  String problem() {
    return problem;
  }
}
