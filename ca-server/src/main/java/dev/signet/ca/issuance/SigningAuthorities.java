package dev.signet.ca.issuance;

/** Who signs. Implementations are thread-safe and do not block. */
@FunctionalInterface
public interface SigningAuthorities {
  /**
   * The one that signs now.
   *
   * @throws RefusedException {@code AUTHORITY_UNAVAILABLE} while there is none that may sign
   */
  SigningAuthority current() throws RefusedException;
}
