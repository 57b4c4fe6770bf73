package dev.signet.spiffe;

/** Certificates cannot be the authorities of a trust domain. */
public final class InvalidX509BundleException extends SpiffeException {

  InvalidX509BundleException(String rule, String problem) {
    super(rule, problem, null);
  }

  InvalidX509BundleException(BrokenRuleException broken) {
    super(broken.rule(), broken.problem(), broken.getCause());
  }
}
