package dev.signet.ca.adapter.jose;

import dev.signet.ca.attestation.TokenSignatures;
import dev.signet.process.StartRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster's signing keys from a file that an operator keeps up to date; it is read anew while the
 * CA runs. A file that cannot be read, or is no set of keys, changes nothing; one with no key in it
 * trusts nobody from then on. Thread-safe.
 */
public final class TokenKeysFile {
  private static final Logger log = LoggerFactory.getLogger(TokenKeysFile.class);
  private static final Duration REREAD = Duration.ofSeconds(10);
  private static final int LARGEST = 256 * 1024;

  private final Path file;
  private final Consumer<Optional<String>> health;
  private final AtomicReference<Content> content;
  private final AtomicReference<String> complaint = new AtomicReference<>("");
  private final AtomicBoolean reading = new AtomicBoolean();

  private record Content(String text, TokenKeys keys) {}

  private TokenKeysFile(Path file, Consumer<Optional<String>> health, Content content) {
    this.file = file;
    this.health = health;
    this.content = new AtomicReference<>(content);
  }

  /**
   * Reads the file, and from now on again and again.
   *
   * @param health gets what is wrong now, in one line for the operator, or empty if all is well
   * @throws StartRefusedException if there is no usable key in it
   */
  public static TokenKeysFile open(
      Path file, ScheduledExecutorService timers, Consumer<Optional<String>> health)
      throws StartRefusedException {
    Content content;
    try {
      content = read(file);
    } catch (IOException | ParseException e) {
      throw refused(file, what(e), e);
    }
    if (content.keys().isEmpty()) {
      throw refused(file, "it has no RSA key from 2048 bits and no P-256 key with a kid", null);
    }
    TokenKeysFile keys = new TokenKeysFile(file, health, content);
    keys.tell(content.keys());
    var _ =
        timers.scheduleWithFixedDelay(
            keys::readAgainSoon, REREAD.toMillis(), REREAD.toMillis(), TimeUnit.MILLISECONDS);
    return keys;
  }

  private static StartRefusedException refused(Path file, String why, @Nullable Exception cause) {
    String message =
        "cluster.jwks_file "
            + file
            + " cannot be used: "
            + why
            + ". Write the cluster's own keys there: kubectl get --raw /openid/v1/jwks > "
            + file.getFileName();
    return cause == null
        ? new StartRefusedException(message)
        : new StartRefusedException(message, cause);
  }

  /** Verifies by the keys as they are at each call. */
  public TokenSignatures signatures() {
    return new JwsTokenSignatures(() -> content.get().keys());
  }

  /** Not on the timers' one thread: a disk that stalls must hold up no deadline. */
  private void readAgainSoon() {
    if (reading.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("token-keys")
          .start(() -> {
            try {
              readAgain();
            } finally {
              reading.set(false);
            }
          });
    }
  }

  void readAgain() {
    try {
      Content read = read(file);
      complaint.set("");
      if (!read.text().equals(content.getAndSet(read).text())) {
        tell(read.keys());
      }
    } catch (IOException | ParseException e) {
      String why = what(e);
      if (!why.equals(complaint.getAndSet(why))) {
        log.warn("{} cannot be used now ({}); the keys read before stay", file, why);
      }
    }
  }

  private void tell(TokenKeys keys) {
    log.info("tokens are verified by {} of {}", keys, file);
    if (!keys.leftOut().isEmpty()) {
      log.warn("{}: {} are no usable keys and are left out", file, keys.leftOut());
    }
    health.accept(
        keys.isEmpty()
            ? Optional.of(file + " has no usable key: nobody is attested")
            : Optional.empty());
  }

  private static Content read(Path file) throws IOException, ParseException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(LARGEST + 1);
    }
    if (bytes.length > LARGEST) {
      throw new ParseException("it is larger than " + LARGEST + " bytes", 0);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    return new Content(text, TokenKeys.parse(text));
  }

  private static String what(Exception e) {
    return e instanceof ParseException ? String.valueOf(e.getMessage()) : e.toString();
  }
}
