package dev.signet.spiffe;

/** A certificate chain is not an X509-SVID, or is not one that the given bundles vouch for. */
public final class InvalidX509SvidException extends SpiffeException {

  InvalidX509SvidException(String rule, String problem) {
    super(rule, problem, null);
  }

  InvalidX509SvidException(BrokenRuleException broken) {
    super(broken.rule(), broken.problem(), broken.getCause());
  }
}
