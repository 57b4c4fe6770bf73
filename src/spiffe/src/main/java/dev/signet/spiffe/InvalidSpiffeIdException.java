package dev.signet.spiffe;

/** A text is not a SPIFFE ID or not a trust domain name. */
public final class InvalidSpiffeIdException extends SpiffeException {

  InvalidSpiffeIdException(String rule, String problem) {
    super(rule, problem, null);
  }
}
