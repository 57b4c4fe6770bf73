package dev.signet.process.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {
  private static final String SECRET = "c2VjcmV0";

  @TempDir private Path folder;

  private Path file(String mode, String content) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-------", "r--------"})
  void ownersFile_isRead(String mode) throws Exception {
    SecretFile secret = SecretFile.of(file(mode, SECRET));
    assertThat(secret.read(100)).asString().isEqualTo(SECRET);
    assertThat(secret.toString()).doesNotContain(SECRET);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rw-r-----",
        "r--r-----",
        "rw----r--",
        "rw--w----",
        "rw-----w-",
        "rw-rw-rw-",
        "rw---x---"
      })
  void fileOpenToOthers_isRefused(String mode) throws Exception {
    Path file = file(mode, SECRET);
    assertThatThrownBy(() -> SecretFile.of(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + " is open to others than its owner; run: chmod 600 " + file);
  }

  @Test
  void mountedSecret_isFollowedToItsFile() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), file("r--------", SECRET));
    assertThat(SecretFile.of(link).read(100)).asString().isEqualTo(SECRET);
  }

  @Test
  void emptyFile_isRefused() throws Exception {
    Path file = file("rw-------", "");
    assertThatThrownBy(() -> SecretFile.of(file))
        .hasMessageContaining("is empty; write the secret into it");
  }

  @Test
  void otherThanAFile_isRefused() throws Exception {
    assertThatThrownBy(() -> SecretFile.of(folder)).hasMessageContaining("is a folder");
    assertThatThrownBy(() -> SecretFile.of(folder.resolve("none")))
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> SecretFile.of(Path.of("/dev/zero")))
        .hasMessageContaining("is not a regular file");
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("none"));
    assertThatThrownBy(() -> SecretFile.of(dangling)).hasMessageContaining("does not exist");
  }

  @Test
  void longFile_isRefusedWithoutShowingIt() throws Exception {
    SecretFile secret = SecretFile.of(file("rw-------", SECRET));
    assertThatThrownBy(() -> secret.read(SECRET.length() - 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is larger than 7 bytes")
        .hasMessageNotContaining(SECRET);
    assertThat(secret.read(SECRET.length())).hasSize(SECRET.length());
  }

  @Test
  void fileOpenedUpLater_isRefusedWhenRead() throws Exception {
    SecretFile secret = SecretFile.of(file("rw-------", SECRET));
    file("rw-r--r--", SECRET);
    assertThatThrownBy(() -> secret.read(100))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void problem_namesFileLineAndKey() throws Exception {
    Path key = file("rw-r--r--", SECRET);
    Path config = Files.writeString(folder.resolve("f.yaml"), "a: 1\nkey_file: key\n");
    ConfigDocument document = ConfigDocument.read(config);
    document.root().text("a");
    Setting<SecretFile> secret = document.root().secretFile("key_file");
    assertThatThrownBy(() -> document.build(secret::get))
        .hasMessage(
            config
                + ":2: key_file: "
                + key
                + " is open to others than its owner; run: chmod 600 "
                + key);
  }
}
