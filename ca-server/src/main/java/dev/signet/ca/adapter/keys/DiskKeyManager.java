package dev.signet.ca.adapter.keys;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.SignatureException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One sealed file a key ({@link SealedKey}), mode 0600 in a folder of mode 0700. A key is opened at
 * its first use and then held. Thread-safe. One process at a time: who holds the data folder's
 * lock.
 */
public final class DiskKeyManager implements KeyManager {
  private static final String SUFFIX = ".key";
  private static final byte[] PROBE = new byte[32];

  private record Opened(PublicKey publicKey, PrivateKey privateKey) {
    @Override
    public String toString() {
      return "Opened[redacted]";
    }
  }

  private final KeyFolder folder;
  private final KeyEncryptionKey kek;
  private final CryptoProvider crypto;
  private final IssuanceSteps steps;
  private final SecureRandom random = new SecureRandom();
  private final ConcurrentMap<KeyId, Opened> opened = new ConcurrentHashMap<>();

  public DiskKeyManager(
      Path folder, KeyEncryptionKey kek, CryptoProvider crypto, IssuanceSteps steps) {
    this.folder = new KeyFolder(folder);
    this.kek = kek;
    this.crypto = crypto;
    this.steps = steps;
  }

  @Override
  public synchronized PublicKey create(KeyId id) throws KeyManagerException {
    Path file = file(id);
    if (Files.exists(file)) {
      throw new KeyManagerException(Problem.EXISTS, file + " exists; a key is never overwritten");
    }
    KeyPair pair = crypto.generateP256();
    byte[] pkcs8 = pair.getPrivate().getEncoded();
    try {
      SealedKey sealed = SealedKey.seal(id, pair.getPublic().getEncoded(), pkcs8, kek, random);
      folder.write(file, sealed.encoded(), () -> steps.reached(IssuanceStep.KEY_WRITTEN));
    } catch (IOException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE,
          file + " cannot be written (" + e.getMessage() + "); look at space and permissions",
          e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-256-GCM does not seal", e);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
    opened.put(id, new Opened(pair.getPublic(), pair.getPrivate()));
    steps.reached(IssuanceStep.KEY_CREATED);
    return pair.getPublic();
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
      throw new KeyManagerException(Problem.UNAVAILABLE, file(id) + ": the key does not sign", e);
    }
  }

  @Override
  public synchronized void delete(KeyId id) throws KeyManagerException {
    opened.remove(id);
    try {
      folder.delete(file(id));
    } catch (IOException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE, file(id) + " cannot be deleted: " + e.getMessage(), e);
    }
  }

  @Override
  public List<KeyId> list() throws KeyManagerException {
    if (!Files.exists(folder.path())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder.path())) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .map(name -> name.substring(0, name.length() - SUFFIX.length()))
          .sorted()
          .map(KeyId::new)
          .toList();
    } catch (IOException | IllegalArgumentException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE, folder.path() + " cannot be listed: " + e.getMessage(), e);
    }
  }

  private Opened open(KeyId id) throws KeyManagerException {
    Opened known = opened.get(id);
    if (known != null) {
      return known;
    }
    Opened read = read(id, file(id));
    Opened earlier = opened.putIfAbsent(id, read);
    return earlier == null ? read : earlier;
  }

  private Opened read(KeyId id, Path file) throws KeyManagerException {
    SealedKey sealed = parse(file);
    if (!sealed.id().equals(id)) {
      throw new KeyManagerException(
          Problem.SWAPPED,
          file
              + " holds the key "
              + sealed.id()
              + ", not "
              + id
              + "; put the file of "
              + id
              + " back from a backup");
    }
    if (!sealed.kek().equals(kek.fingerprint())) {
      throw new KeyManagerException(
          Problem.OTHER_KEY_ENCRYPTION_KEY,
          file
              + " was sealed with the key-encryption key "
              + sealed.kek()
              + ", the one configured is "
              + kek.fingerprint()
              + "; configure the one it was sealed with (key_encryption_key_file)");
    }
    byte[] pkcs8 = unseal(file, sealed);
    try {
      PublicKey publicKey = crypto.publicKey("EC", sealed.publicKey());
      PrivateKey privateKey = crypto.ecPrivateKey(pkcs8);
      // Bound by the seal already; this also proves that the pair works before anything rests on
      // it.
      if (!crypto.verify("SHA256withECDSA", publicKey, PROBE, crypto.sign(privateKey, PROBE))) {
        throw damaged(file, "its private key does not belong to its public key", null);
      }
      return new Opened(publicKey, privateKey);
    } catch (GeneralSecurityException e) {
      throw damaged(file, "what it holds is no P-256 key", e);
    } finally {
      Arrays.fill(pkcs8, (byte) 0);
    }
  }

  private SealedKey parse(Path file) throws KeyManagerException {
    try {
      return SealedKey.parse(folder.read(file, SealedKey.MAX_BYTES + 1));
    } catch (NoSuchFileException e) {
      throw new KeyManagerException(
          Problem.MISSING, file + " is missing; put it back from a backup", e);
    } catch (IOException e) {
      throw new KeyManagerException(
          Problem.UNAVAILABLE, file + " cannot be read: " + e.getMessage(), e);
    } catch (SealedKey.DamagedException e) {
      throw damaged(file, String.valueOf(e.getMessage()), e);
    }
  }

  private byte[] unseal(Path file, SealedKey sealed) throws KeyManagerException {
    try {
      return sealed.open(kek);
    } catch (GeneralSecurityException e) {
      throw damaged(file, "its seal is broken", e);
    }
  }

  private static KeyManagerException damaged(Path file, String how, @Nullable Throwable cause) {
    String message = file + " is damaged: " + how + "; put it back from a backup";
    return cause == null
        ? new KeyManagerException(Problem.DAMAGED, message)
        : new KeyManagerException(Problem.DAMAGED, message, cause);
  }

  private Path file(KeyId id) {
    return folder.path().resolve(id + SUFFIX);
  }
}
