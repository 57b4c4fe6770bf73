package dev.signet.ca.adapter.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerContract;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFolderTest extends KeyManagerContract {
  private static final KeyId OTHER = new KeyId("authority-1");
  private static final CryptoProvider CRYPTO = CryptoProvider.choose();
  private static final KeyEncryptionKey KEK = KeyEncryptionKeyTest.key(1);

  @TempDir private Path folder;

  @Override
  protected KeyManager empty() {
    return open();
  }

  private SealedKeyManager open() {
    return open(KEK);
  }

  private SealedKeyManager open(KeyEncryptionKey kek) {
    return new SealedKeyManager(
        new KeyFolder(folder.resolve("keys")), kek, CRYPTO, IssuanceSteps.NONE);
  }

  private Path file(KeyId id) {
    return folder.resolve("keys").resolve(id + ".key");
  }

  @Test
  void createdKey_isFoundByTheNextProcess() throws Exception {
    PublicKey created = open().create(ID);

    assertThat(open().publicKey(ID).getEncoded()).isEqualTo(created.getEncoded());
    assertThat(CRYPTO.verify("SHA256withECDSA", created, new byte[3], open().sign(ID, new byte[3])))
        .isTrue();
    assertThat(problem(() -> open().create(ID))).isEqualTo(Problem.EXISTS);
  }

  /** R3: Cure53 found a peer's CA key world-readable. */
  @Test
  void modes_areTheOwnersAlone() throws Exception {
    open().create(ID);

    assertThat(mode(folder.resolve("keys"))).isEqualTo("rwx------");
    assertThat(mode(file(ID))).isEqualTo("rw-------");
  }

  @Test
  void modesThatAMountWidened_areNarrowedAgain() throws Exception {
    open().create(ID);
    Files.setPosixFilePermissions(file(ID), PosixFilePermissions.fromString("rw-rw-r--"));
    Files.setPosixFilePermissions(
        folder.resolve("keys"), PosixFilePermissions.fromString("rwxrwxr-x"));
    open().publicKey(ID);

    assertThat(mode(folder.resolve("keys"))).isEqualTo("rwx------");
    assertThat(mode(file(ID))).isEqualTo("rw-------");
  }

  @Test
  void file_showsIdAndPublicKey() throws Exception {
    PublicKey created = open().create(ID);

    assertThat(Files.readAllLines(file(ID)))
        .hasSize(6)
        .contains(
            "id root-1", "public-key " + Base64.getEncoder().encodeToString(created.getEncoded()));
  }

  /** T33: the folder without the key-encryption key is worth nothing. */
  @Test
  void folder_holdsNoPrivateByteInAnyForm() throws Exception {
    String content = everything();
    assertThat(content).isEmpty();
    SealedKeyManager keys = open();
    keys.create(ID);
    SealedKey sealed = SealedKey.parse(Files.readAllBytes(file(ID)));
    byte[] pkcs8 = sealed.open(KEK);
    byte[] scalar = scalar(((ECPrivateKey) CRYPTO.ecPrivateKey(pkcs8)).getS());
    content = everything();

    for (byte[] secret :
        List.of(pkcs8, scalar, Arrays.copyOf(scalar, 16), Arrays.copyOfRange(scalar, 16, 32))) {
      assertThat(content)
          .doesNotContain(new String(secret, StandardCharsets.ISO_8859_1))
          .doesNotContain(HexFormat.of().formatHex(secret))
          .doesNotContain(Base64.getEncoder().withoutPadding().encodeToString(secret));
    }
    // In base64 a secret can begin at any of three places.
    byte[] decoded = pkcs8;
    for (int shift = 0; shift < 3; shift++) {
      byte[] shifted = new byte[decoded.length + shift];
      System.arraycopy(decoded, 0, shifted, shift, decoded.length);
      String text = Base64.getEncoder().encodeToString(shifted);
      assertThat(content).doesNotContain(text.substring(4, text.length() - 4));
    }
    assertThat(content).doesNotContain("PRIVATE KEY");
  }

  @Test
  void otherKeyEncryptionKey_isNamedAsSuch() throws Exception {
    open().create(ID);
    KeyEncryptionKey other = KeyEncryptionKeyTest.key(9);

    assertThat(problem(() -> open(other).publicKey(ID)))
        .isEqualTo(Problem.OTHER_KEY_ENCRYPTION_KEY);
    assertThatThrownBy(() -> open(other).sign(ID, new byte[1]))
        .hasMessageContaining(file(ID).toString())
        .hasMessageContaining(KEK.fingerprint())
        .hasMessageContaining(other.fingerprint());
  }

  @Test
  void truncatedAtAnyLength_isDamaged() throws Exception {
    open().create(ID);
    byte[] whole = Files.readAllBytes(file(ID));
    for (int length = 0; length < whole.length; length++) {
      Files.write(file(ID), Arrays.copyOf(whole, length));

      assertThat(problem(() -> open().publicKey(ID))).as("%d bytes", length).isIn(Problem.DAMAGED);
    }
  }

  @Test
  void anyAlteredByte_isRefused() throws Exception {
    open().create(ID);
    byte[] whole = Files.readAllBytes(file(ID));
    for (int i = 0; i < whole.length; i++) {
      byte[] altered = whole.clone();
      altered[i] ^= 1;
      Files.write(file(ID), altered);

      assertThat(problem(() -> open().publicKey(ID)))
          .as("byte %d", i)
          .isIn(Problem.DAMAGED, Problem.SWAPPED, Problem.OTHER_KEY_ENCRYPTION_KEY);
    }
  }

  @Test
  void fileOfAnotherKey_isSwapped() throws Exception {
    open().create(ID);
    open().create(OTHER);
    Files.copy(file(OTHER), file(ID), StandardCopyOption.REPLACE_EXISTING);

    assertThat(problem(() -> open().publicKey(ID))).isEqualTo(Problem.SWAPPED);
    assertThatThrownBy(() -> open().publicKey(ID))
        .hasMessageContaining("holds the key authority-1, not root-1")
        .hasMessageContaining("backup");
  }

  @Test
  void sealedPartOfAnotherKey_isDamaged() throws Exception {
    open().create(ID);
    open().create(OTHER);
    List<String> own = Files.readAllLines(file(ID));
    List<String> others = Files.readAllLines(file(OTHER));
    String spliced =
        Stream.concat(own.stream().limit(4), others.stream().skip(4))
            .map(line -> line + "\n")
            .reduce("", String::concat);
    Files.writeString(file(ID), spliced);

    assertThat(problem(() -> open().publicKey(ID))).isEqualTo(Problem.DAMAGED);
  }

  @Test
  void newerVersion_isNamedAsSuch() throws Exception {
    open().create(ID);
    Files.writeString(
        file(ID), Files.readString(file(ID)).replace("signet-sealed-key 1", "signet-sealed-key 2"));

    assertThatThrownBy(() -> open().publicKey(ID))
        .isInstanceOf(KeyManagerException.class)
        .hasMessageContaining("newer release");
  }

  @Test
  void hugeFile_isDamaged() throws Exception {
    open().create(ID);
    Files.write(file(ID), new byte[1 << 22]);

    assertThat(problem(() -> open().publicKey(ID))).isEqualTo(Problem.DAMAGED);
  }

  @Test
  void symbolicLink_isNotFollowed() throws Exception {
    open().create(ID);
    Files.createSymbolicLink(file(OTHER), file(ID));

    assertThat(problem(() -> open().publicKey(OTHER))).isEqualTo(Problem.UNAVAILABLE);
  }

  @Test
  void leftoverOfAKilledProcess_isNoKeyAndStopsNothing() throws Exception {
    open().create(OTHER);
    Files.writeString(folder.resolve("keys").resolve(".root-1.key.new"), "half a k");

    assertThat(open().list()).containsExactly(OTHER);
    open().create(ID);
    assertThat(open().list()).containsExactly(OTHER, ID);
    assertThat(folder.resolve("keys").resolve(".root-1.key.new")).doesNotExist();
  }

  @Test
  void unwritableFolder_isUnavailableAndSaysWhere() throws Exception {
    Files.writeString(folder.resolve("keys"), "a file in the place of the folder");

    assertThat(problem(() -> open().create(ID))).isEqualTo(Problem.UNAVAILABLE);
  }

  private String everything() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return all.toString();
  }

  private static byte[] scalar(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] fixed = new byte[32];
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, fixed, 32 - length, length);
    return fixed;
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
