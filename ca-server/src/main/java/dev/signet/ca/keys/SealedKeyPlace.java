package dev.signet.ca.keys;

import java.util.List;
import java.util.Optional;

/**
 * Where sealed keys lie: written once, never changed. It sees no private byte. Implementations are
 * thread-safe; every call may block, and fails with {@code UNAVAILABLE}.
 */
public interface SealedKeyPlace {
  /**
   * Writes a sealed key; once this returns, it survives a crash.
   *
   * @param written run when it is whole, just before it can be seen
   * @return whether it was; false if there is one of that name, which is left as it is
   */
  boolean write(KeyId id, byte[] sealed, Runnable written) throws KeyManagerException;

  /**
   * What lies there as the key of that name.
   *
   * @param limit no more bytes than this are read
   */
  Optional<byte[]> read(KeyId id, int limit) throws KeyManagerException;

  /** One that does not exist is no error. */
  void delete(KeyId id) throws KeyManagerException;

  /** All, by name. */
  List<KeyId> list() throws KeyManagerException;

  /** What messages call a key: where to look for it. */
  String place(KeyId id);
}
