package dev.signet.agent.adapter.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DescriptorTest {
  @TempDir Path folder;

  @Test
  void walk_findsWhatIsBelow() throws Exception {
    Path deep = Files.createDirectories(folder.resolve("a/b c/d"));

    try (Descriptor root = Descriptor.open(folder);
        Descriptor walked = root.walk(Path.of("a/b c/d"));
        Descriptor opened = Descriptor.open(deep)) {
      assertThat(walked.status().isSameFile(opened.status())).isTrue();
      assertThat(walked.status().isSameFile(root.status())).isFalse();
      assertThat(walked.status().isFolder()).isTrue();
      assertThat(walked).hasToString(deep.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "link, ELOOP",
    "link/x, ELOOP",
    "real/loop, ELOOP",
    "real/../../up, EXDEV",
    "/etc, EXDEV",
    "real/file/x, ENOTDIR",
    "real/none, ENOENT"
  })
  void walkThatIsNoPathBelow_isRefused(String path, Errno errno) throws Exception {
    Path real = Files.createDirectories(folder.resolve("real"));
    Files.createDirectories(folder.resolve("x"));
    Files.createFile(real.resolve("file"));
    Files.createSymbolicLink(folder.resolve("link"), folder);
    Files.createSymbolicLink(real.resolve("loop"), Path.of("loop"));

    try (Descriptor root = Descriptor.open(folder)) {
      LinuxException refusal =
          catchThrowableOfType(LinuxException.class, () -> root.walk(Path.of(path)));

      assertThat(refusal.errno()).isEqualTo(errno);
      assertThat(refusal).hasMessageContaining("openat2").hasMessageContaining(errno.name());
    }
  }

  @Test
  void magicLink_isNotFollowed() throws Exception {
    try (Descriptor proc = Descriptor.open(Path.of("/proc/self"))) {
      assertThat(
              catchThrowableOfType(LinuxException.class, () -> proc.walk(Path.of("fd/0"))).errno())
          .isEqualTo(Errno.ELOOP);
    }
  }

  @Test
  void renamedFolder_staysTheSamePlace() throws Exception {
    Files.createDirectory(folder.resolve("a"));
    try (Descriptor root = Descriptor.open(folder);
        Descriptor held = root.walk(Path.of("a"))) {
      Files.move(folder.resolve("a"), folder.resolve("b"));
      Files.createSymbolicLink(folder.resolve("a"), Path.of("elsewhere"));

      assertThat(held.makeFolder("made", 0700)).isTrue();
      assertThat(held.makeFolder("made", 0700)).isFalse();

      assertThat(folder.resolve("b/made")).isDirectory();
      Files.createFile(folder.resolve("b/made/file"));
      assertThat(held.removeFolder("made")).as("not empty").isFalse();
      Files.delete(folder.resolve("b/made/file"));
      assertThat(held.removeFolder("made")).isTrue();
      assertThat(held.removeFolder("made")).as("gone").isTrue();
    }
  }

  @Test
  void openItself_holdsTheLink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder);

    try (Descriptor itself = Descriptor.openItself(link);
        Descriptor followed = Descriptor.open(link)) {
      assertThat(itself.status().isFolder()).isFalse();
      assertThat(followed.status().isFolder()).isTrue();
    }
  }

  @Test
  void path_leadsToTheFileForOtherCalls() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));

    try (Descriptor held = Descriptor.open(file)) {
      Files.setPosixFilePermissions(held.path(), PosixFilePermissions.fromString("r--r-----"));
    }

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("r--r-----");
  }

  @Test
  void closedDescriptor_isClosedOnce() throws Exception {
    Descriptor held = Descriptor.open(folder);
    held.close();
    try (Descriptor next = Descriptor.open(folder)) {
      held.close();

      assertThat(next.status().isFolder()).as("the number is another's now").isTrue();
    }
  }

  @Test
  void failure_namesCallPathErrorAndMend() {
    LinuxException missing =
        catchThrowableOfType(LinuxException.class, () -> Descriptor.open(folder.resolve("none")));
    LinuxException old = new LinuxException("mount_setattr", "/run/signet", 38);
    LinuxException plain = new LinuxException("mount", "/run/signet", 1);
    LinuxException rare = new LinuxException("mount", "/run/signet", 95);

    assertThat(missing).hasMessage("open on " + folder.resolve("none") + ": ENOENT");
    assertThat(old).hasMessageContaining("needs Linux 5.12 or later, this is ");
    assertThat(plain).hasMessageContaining("privileged: true");
    assertThat(rare).hasMessage("mount on /run/signet: error 95");
    assertThat(rare).isInstanceOf(IOException.class);
  }
}
