package dev.signet.workload;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The context in use, under a name of its own: JSSE asks for the key and the chain by name in two
 * calls, and a rotation between the two must not make them differ.
 */
record LiveIdentity(String alias, X509Context context) {

  private static final AtomicLong COUNT = new AtomicLong();

  static LiveIdentity of(X509Context context) {
    return new LiveIdentity("x509-svid-" + COUNT.incrementAndGet(), context);
  }
}
