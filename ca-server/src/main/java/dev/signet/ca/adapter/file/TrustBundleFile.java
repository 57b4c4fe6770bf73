package dev.signet.ca.adapter.file;

import dev.signet.ca.bundle.PublicationException;
import dev.signet.ca.bundle.PublishedBundle;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The trust bundle as a PEM file. A reader sees the old file or the new one, whole, and may be
 * anybody (0644): a bundle is public. Thread-safe.
 */
public final class TrustBundleFile implements PublishedBundle {
  private static final Set<PosixFilePermission> READABLE =
      PosixFilePermissions.fromString("rw-r--r--");
  // More than any bundle: X509Bundle takes 1 MiB of DER.
  private static final int LONGEST = 2 * 1024 * 1024;

  private final Path file;

  public TrustBundleFile(Path file) {
    this.file = file;
  }

  @Override
  public String name() {
    return "the file " + file;
  }

  @Override
  public String howToClear() {
    return "rm " + file;
  }

  @Override
  public Look look() throws PublicationException {
    Optional<String> text = read();
    return new Look() {
      @Override
      public Optional<String> text() {
        return text;
      }

      @Override
      public void replace(String pem) throws PublicationException {
        try {
          write(pem);
        } catch (IOException e) {
          throw failed("written", e);
        }
      }
    };
  }

  private Optional<String> read() throws PublicationException {
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw failed("read", e);
    }
  }

  private PublicationException failed(String what, IOException e) {
    return new PublicationException(
        "the trust bundle cannot be "
            + what
            + " at "
            + file
            + ": "
            + e
            + "; make its folder, and let this user write there (trust_bundle_file)",
        e);
  }

  private void write(String pem) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException("it has no folder");
    }
    Path fresh = Files.createTempFile(folder, "." + file.getFileName(), ".tmp");
    try {
      writeThrough(fresh, pem);
      Files.setPosixFilePermissions(fresh, READABLE);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
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
