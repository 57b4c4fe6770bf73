package dev.signet.ca.attestation;

import java.util.Optional;

/**
 * Guesses which pod a token is about from claims that nobody has verified. A guess decides which
 * pod is read early, and nothing else. Implementations are thread-safe and total.
 */
@FunctionalInterface
public interface PodHint {
  Optional<PodName> of(ServiceAccountToken token);
}
