package dev.signet.ca.attestation;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenClaims;

/** Verifies tokens by the public keys of one cluster's issuer. Implementations are thread-safe. */
@FunctionalInterface
public interface TokenSignatures {
  /**
   * The claims of a token that one of the keys signed; nothing in them is judged yet.
   *
   * @throws RefusedException {@code TOKEN_MALFORMED} or {@code TOKEN_REJECTED} where it is not
   *     signed so, {@code TOKEN_KEY_UNKNOWN} where it names a key that is not known
   */
  TokenClaims verify(ServiceAccountToken token) throws RefusedException;
}
