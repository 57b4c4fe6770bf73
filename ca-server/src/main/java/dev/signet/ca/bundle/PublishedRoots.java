package dev.signet.ca.bundle;

import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.util.Optional;

/** What stands where the bundle is published. */
public sealed interface PublishedRoots {
  /** Nothing. */
  record None() implements PublishedRoots {}

  /**
   * Authorities, whosever they are.
   *
   * @param bundle never empty
   */
  record Roots(X509Bundle bundle) implements PublishedRoots {}

  /**
   * Something of which nobody can say that it holds no authority.
   *
   * @param why what is wrong with it
   */
  record Unreadable(String why) implements PublishedRoots {}

  /** Reads what was found; a blank text is nothing. */
  static PublishedRoots parse(TrustDomain trustDomain, Optional<String> text) {
    if (text.isEmpty() || text.get().isBlank()) {
      return new None();
    }
    try {
      X509Bundle bundle = X509Bundle.parsePem(trustDomain, text.get());
      return bundle.isEmpty() ? new None() : new Roots(bundle);
    } catch (SpiffeException e) {
      return new Unreadable(String.valueOf(e.getMessage()));
    }
  }
}
