package dev.signet.ca.adapter.keys;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SignatureException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Keys that end with the process. Thread-safe. */
public final class MemoryKeyManager implements KeyManager {
  private final CryptoProvider crypto;
  private final ConcurrentMap<KeyId, KeyPair> keys = new ConcurrentHashMap<>();

  public MemoryKeyManager(CryptoProvider crypto) {
    this.crypto = crypto;
  }

  @Override
  public PublicKey create(KeyId id) throws KeyManagerException {
    KeyPair pair = crypto.generateP256();
    if (keys.putIfAbsent(id, pair) != null) {
      throw new KeyManagerException(Problem.EXISTS, "key " + id + " exists in memory");
    }
    return pair.getPublic();
  }

  @Override
  public PublicKey publicKey(KeyId id) throws KeyManagerException {
    return pair(id).getPublic();
  }

  @Override
  public byte[] sign(KeyId id, byte[] data) throws KeyManagerException {
    try {
      return crypto.sign(pair(id).getPrivate(), data);
    } catch (SignatureException e) {
      throw new KeyManagerException(Problem.UNAVAILABLE, "key " + id + " does not sign", e);
    }
  }

  @Override
  public void delete(KeyId id) {
    keys.remove(id);
  }

  @Override
  public List<KeyId> list() {
    return keys.keySet().stream().sorted(Comparator.comparing(KeyId::value)).toList();
  }

  private KeyPair pair(KeyId id) throws KeyManagerException {
    KeyPair pair = keys.get(id);
    if (pair == null) {
      throw new KeyManagerException(
          Problem.MISSING, "key " + id + " is not in memory: it ended with an earlier process");
    }
    return pair;
  }
}
