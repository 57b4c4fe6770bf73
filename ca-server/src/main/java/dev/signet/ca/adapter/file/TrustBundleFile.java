package dev.signet.ca.adapter.file;

import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.process.StartRefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the trust bundle as a PEM file for the agents to dial the CA with. A reader sees the
 * old file or the new one, whole, and may be anybody (0644): a bundle is public. Thread-safe.
 */
public final class TrustBundleFile {
  private static final Logger log = LoggerFactory.getLogger(TrustBundleFile.class);
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rw-r--r--");
  private static final Duration RETRY = Duration.ofSeconds(10);

  private final Path file;
  private final CurrentBundle bundles;
  private final ScheduledExecutorService timers;
  private long written;

  private TrustBundleFile(Path file, CurrentBundle bundles, ScheduledExecutorService timers) {
    this.file = file;
    this.bundles = bundles;
    this.timers = timers;
  }

  /**
   * Writes the bundle, and again at each change.
   *
   * @throws StartRefusedException if it cannot be written now; later it is tried again and again
   */
  public static void publish(Path file, CurrentBundle bundles, ScheduledExecutorService timers)
      throws StartRefusedException {
    TrustBundleFile published = new TrustBundleFile(file, bundles, timers);
    try {
      published.write();
    } catch (IOException e) {
      throw new StartRefusedException(
          "the trust bundle cannot be written to "
              + file
              + ": "
              + e
              + "; make its folder, and let this user write there (trust_bundle_file)",
          e);
    }
    bundles.follow(_ -> published.soon(Duration.ZERO));
  }

  private void soon(Duration delay) {
    Runnable apart = () -> Thread.ofVirtual().name("trust-bundle-file").start(this::tryToWrite);
    var _ = timers.schedule(apart, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tryToWrite() {
    try {
      write();
    } catch (IOException e) {
      log.error("the trust bundle is not written to {}: {}; tried again soon", file, e.toString());
      soon(RETRY);
    }
  }

  /** One at a time, so that an older bundle never replaces a newer one. */
  private synchronized void write() throws IOException {
    TrustBundle bundle = bundles.get();
    if (bundle.revision() == written) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("it has no folder");
    }
    Path fresh = Files.createTempFile(folder, "." + file.getFileName(), ".tmp");
    try {
      writeThrough(fresh, bundle.x509().pem());
      Files.setPosixFilePermissions(fresh, READABLE);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    written = bundle.revision();
    log.info("trust bundle revision {} is in {}", bundle.revision(), file);
  }

  private static void writeThrough(Path path, String text) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }
}
