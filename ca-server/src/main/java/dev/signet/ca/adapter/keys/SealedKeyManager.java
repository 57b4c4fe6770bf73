package dev.signet.ca.adapter.keys;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import dev.signet.ca.keys.SealedKeyPlace;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Keys that lie sealed ({@link SealedKey}) in a place of their own, be it a folder or a table. A
 * key is opened at its first use and then held. Thread-safe.
 */
public final class SealedKeyManager implements KeyManager {
  private static final byte[] PROBE = new byte[32];

  private record Opened(PublicKey publicKey, PrivateKey privateKey) {
    @Override
    public String toString() {
      return "Opened[redacted]";
    }
  }

  private final SealedKeyPlace place;
  private final KeyEncryptionKey kek;
  private final CryptoProvider crypto;
  private final IssuanceSteps steps;
  private final SecureRandom random = new SecureRandom();
  private final ConcurrentMap<KeyId, Opened> opened = new ConcurrentHashMap<>();

  public SealedKeyManager(
      SealedKeyPlace place, KeyEncryptionKey kek, CryptoProvider crypto, IssuanceSteps steps) {
    this.place = place;
    this.kek = kek;
    this.crypto = crypto;
    this.steps = steps;
  }

  @Override
  public synchronized PublicKey create(KeyId id) throws KeyManagerException {
    KeyPair pair = crypto.generateP256();
    if (!place.write(id, seal(id, pair), () -> steps.reached(IssuanceStep.KEY_WRITTEN))) {
      throw new KeyManagerException(
          Problem.EXISTS, place.place(id) + " exists; a key is never overwritten");
    }
    opened.put(id, new Opened(pair.getPublic(), pair.getPrivate()));
    steps.reached(IssuanceStep.KEY_CREATED);
    return pair.getPublic();
  }

  private byte[] seal(KeyId id, KeyPair pair) {
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    try {
      return SealedKey.seal(id, pair.getPublic().getEncoded(), pkcs8, kek, random).encoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM does not seal", e);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  @Override
  public PublicKey publicKey(KeyId id) throws KeyManagerException {
    return open(id).publicKey();
  }

  @Override
  public byte[] sign(KeyId id, byte[] data) throws KeyManagerException {
    try {
      return crypto.sign(open(id).privateKey(), data);
    } catch (SignatureException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE, place.place(id) + ": the key does not sign", e);
    }
  }

  @Override
  public synchronized void delete(KeyId id) throws KeyManagerException {
    opened.remove(id);
    place.delete(id);
  }

  @Override
  public List<KeyId> list() throws KeyManagerException {
    return place.list();
  }

  private Opened open(KeyId id) throws KeyManagerException {
    Opened known = opened.get(id);
    if (known != null) {
      return known;
    }
    Opened read = read(id, place.place(id));
    Opened earlier = opened.putIfAbsent(id, read);
    return earlier == null ? read : earlier;
  }

  private Opened read(KeyId id, String where) throws KeyManagerException {
    SealedKey sealed = parse(id, where);
    if (!sealed.id().equals(id)) {
      throw new KeyManagerException(
          Problem.SWAPPED,
          where
              + " holds the key "
              + sealed.id()
              + ", not "
              + id
              + "; put what belongs there back from a backup");
    }
    if (!sealed.kek().equals(kek.fingerprint())) {
      throw new KeyManagerException(
          Problem.OTHER_KEY_ENCRYPTION_KEY,
          where
              + " was sealed with the key-encryption key "
              + sealed.kek()
              + ", the one configured is "
              + kek.fingerprint()
              + "; configure the one it was sealed with (key_encryption_key_file)");
    }
    byte[] pkcs8 = unseal(where, sealed);
    try {
      PublicKey publicKey = crypto.publicKey("EC", sealed.publicKey());
      PrivateKey privateKey = crypto.ecPrivateKey(pkcs8);
      // Bound by the seal already; this also proves that the pair works before anything rests on
      // it.
      if (!crypto.verify("SHA256withECDSA", publicKey, PROBE, crypto.sign(privateKey, PROBE))) {
        throw damaged(where, "its private key does not belong to its public key", null);
      }
      return new Opened(publicKey, privateKey);
    } catch (GeneralSecurityException e) {
      throw damaged(where, "what it holds is no P-256 key", e);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  private SealedKey parse(KeyId id, String where) throws KeyManagerException {
    Optional<byte[]> found = place.read(id, SealedKey.MAX_BYTES + 1);
    if (found.isEmpty()) {
      throw new KeyManagerException(
          Problem.MISSING, where + " is missing; put it back from a backup");
    }
    try {
      return SealedKey.parse(found.get());
    } catch (SealedKey.DamagedException e) {
      throw damaged(where, String.valueOf(e.getMessage()), e);
    }
  }

  private byte[] unseal(String where, SealedKey sealed) throws KeyManagerException {
    try {
      return sealed.open(kek);
    } catch (GeneralSecurityException e) {
      throw damaged(where, "its seal is broken", e);
    }
  }

  private static KeyManagerException damaged(String where, String how, @Nullable Throwable cause) {
    String message = where + " is damaged: " + how + "; put it back from a backup";
    return cause == null
        ? new KeyManagerException(Problem.DAMAGED, message)
        : new KeyManagerException(Problem.DAMAGED, message, cause);
  }
}
