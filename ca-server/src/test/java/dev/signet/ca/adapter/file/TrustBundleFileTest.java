package dev.signet.ca.adapter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.bundle.PublicationException;
import dev.signet.ca.bundle.PublishedBundle;
import dev.signet.ca.bundle.PublishedBundleContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustBundleFileTest implements PublishedBundleContract {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("bundle.pem");
  }

  @Override
  public PublishedBundle place() {
    return new TrustBundleFile(file());
  }

  @Override
  public void othersPut(String text) throws Exception {
    Files.writeString(file(), text);
  }

  @Override
  public void breakIt() throws Exception {
    Files.delete(file());
    Files.createDirectory(file());
  }

  @Test
  void replace_readableByAll_andNothingBesideIt() throws Exception {
    othersPut("an older one");

    place().look().replace("a newer one");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-r--r--");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file());
    }
  }

  @Test
  void folderMissing_saidWithTheSetting() throws Exception {
    Path file = folder.resolve("none").resolve("bundle.pem");
    PublishedBundle.Look look = new TrustBundleFile(file).look();
    assertThat(look.text()).isEmpty();

    assertThatThrownBy(() -> look.replace("x"))
        .isInstanceOf(PublicationException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("trust_bundle_file");
  }
}
