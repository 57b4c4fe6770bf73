package dev.signet.process.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir private Path folder;

  private Path file(String content) throws Exception {
    return Files.writeString(folder.resolve("signet.yaml"), content);
  }

  private static Path pathOf(Path file) throws ConfigException {
    ConfigDocument document = ConfigDocument.read(file);
    Setting<Path> data = document.root().path("data");
    return document.build(data::get);
  }

  @Test
  void relativePath_startsAtTheFilesFolder() throws Exception {
    assertThat(pathOf(file("data: a/../b"))).isEqualTo(folder.resolve("b"));
    assertThat(pathOf(file("data: /var/lib/x"))).isEqualTo(Path.of("/var/lib/x"));
  }

  @Test
  void symbolicLink_isFollowed() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link.yaml"), file("data: /x"));
    assertThat(pathOf(link)).isEqualTo(Path.of("/x"));
  }

  @Test
  void unusablePath_isExplained() throws Exception {
    assertThatThrownBy(() -> pathOf(file("data: ~/x")))
        .hasMessageContaining("'~', which is not expanded");
    assertThatThrownBy(() -> pathOf(file("data: ''")))
        .hasMessageEndingWith("signet.yaml:1: data: must not be empty");
    assertThatThrownBy(() -> pathOf(file("data: \"a\\0b\""))).isInstanceOf(ConfigException.class);
  }

  @Test
  void missingFile_isNamed() {
    Path file = folder.resolve("none.yaml");
    assertThatThrownBy(() -> ConfigDocument.read(file))
        .isInstanceOf(ConfigException.class)
        .hasMessage(file + ": does not exist; name the file with --config");
  }

  @Test
  void folder_isNamed() {
    assertThatThrownBy(() -> ConfigDocument.read(folder))
        .hasMessage(folder + ": is a folder; name the file in it");
  }

  @Test
  void endlessDevice_isRefusedUnread() {
    assertThatThrownBy(() -> ConfigDocument.read(Path.of("/dev/zero")))
        .hasMessage("/dev/zero: is not a regular file");
  }

  @Test
  void hugeFile_isRefusedAfterItsFirstMebibyte() throws Exception {
    Path file = folder.resolve("huge.yaml");
    try (var channel =
        Files.newByteChannel(
            file,
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.WRITE)) {
      channel.position(100L << 20);
      channel.write(java.nio.ByteBuffer.wrap(new byte[] {'x'}));
    }
    assertThatThrownBy(() -> ConfigDocument.read(file))
        .hasMessageContaining("is larger than 1 MiB");
  }

  @Test
  void otherEncoding_isRefusedWithItsLine() throws Exception {
    Path file =
        Files.write(
            folder.resolve("f.yaml"),
            "a: 1\nb: gr\u00fc\u00df\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> ConfigDocument.read(file))
        .hasMessage(file + ":2: is not UTF-8; save the file as UTF-8");
    Files.write(file, "a: 1\n".getBytes(StandardCharsets.UTF_16));
    assertThatThrownBy(() -> ConfigDocument.read(file))
        .hasMessage(file + ":1: is not UTF-8; save the file as UTF-8");
  }

  @Test
  void byteOrderMark_isRead() throws Exception {
    assertThat(pathOf(file("\uFEFFdata: /x\r\n"))).isEqualTo(Path.of("/x"));
  }
}
