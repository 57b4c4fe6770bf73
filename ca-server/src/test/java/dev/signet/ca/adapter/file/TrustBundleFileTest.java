package dev.signet.ca.adapter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.ManualTimers;
import dev.signet.ca.TestAuthority;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.World;
import dev.signet.process.StartRefusedException;
import dev.signet.spiffe.X509Bundle;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class TrustBundleFileTest {
  private final TestAuthority a = new TestAuthority("a");
  private final TestAuthority b = new TestAuthority("b");
  private final CurrentBundle bundles = new CurrentBundle(Bundles.of(1, a));
  private final ManualTimers timers = new ManualTimers(World.NOW);

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    timers.shutdownNow();
  }

  @Test
  void publish_readableByAll_andNothingBesideIt() throws Exception {
    Path file = folder.resolve("bundle.pem");
    Files.writeString(file, "an older one");

    TrustBundleFile.publish(file, bundles, timers);

    assertThat(read(file)).isEqualTo(bundles.get().x509());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-r--r--");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void change_replacesTheFileWhole() throws Exception {
    Path file = folder.resolve("bundle.pem");
    TrustBundleFile.publish(file, bundles, timers);
    timers.advance(Duration.ZERO);

    try (WatchService watch = FileSystems.getDefault().newWatchService()) {
      folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
      bundles.publish(Bundles.of(2, a, b));
      timers.advance(Duration.ZERO);
      while (!read(file).equals(bundles.get().x509())) {
        WatchKey key = watch.poll(10, TimeUnit.SECONDS);
        assertThat(key).as("the file is replaced").isNotNull();
        key.pollEvents();
        key.reset();
      }
    }
  }

  @Test
  void folderMissing_startRefusedNamingTheSetting() {
    Path file = folder.resolve("none").resolve("bundle.pem");

    assertThatThrownBy(() -> TrustBundleFile.publish(file, bundles, timers))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("trust_bundle_file");
  }

  private static X509Bundle read(Path file) throws IOException {
    return X509Bundle.parsePem(World.TRUST_DOMAIN, Files.readString(file));
  }
}
