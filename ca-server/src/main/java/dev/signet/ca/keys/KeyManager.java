package dev.signet.ca.keys;

import java.security.PublicKey;
import java.util.List;

/**
 * Makes, uses and destroys P-256 keys. Private bytes never cross this port. Implementations are
 * thread-safe; every call may block on a disk or a module.
 */
public interface KeyManager {
  /**
   * Makes a key; once this returns, it survives a crash.
   *
   * @throws KeyManagerException {@code EXISTS} if there is one of that name, which is left as it is
   */
  PublicKey create(KeyId id) throws KeyManagerException;

  PublicKey publicKey(KeyId id) throws KeyManagerException;

  /**
   * Signs with ECDSA and SHA-256.
   *
   * @return the signature in DER (RFC 3279, section 2.2.3)
   */
  byte[] sign(KeyId id, byte[] data) throws KeyManagerException;

  /** Destroys a key for good; one that does not exist is no error. */
  void delete(KeyId id) throws KeyManagerException;

  /** Every key there is, usable or not, by name. */
  List<KeyId> list() throws KeyManagerException;
}
