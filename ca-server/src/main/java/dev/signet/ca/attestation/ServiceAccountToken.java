package dev.signet.ca.attestation;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Something that looks like a ServiceAccount's token and is small enough to be asked about. Nothing
 * in it is verified. A bearer secret: it shows itself through {@link #reveal} alone.
 */
public final class ServiceAccountToken {
  /** Far above any real token; the API server takes more, but need not get it. */
  public static final int MAX_LENGTH = 16 * 1024;

  // JWS compact serialisation (RFC 7515 section 3.1): three base64url parts, none of them empty.
  private static final Pattern COMPACT =
      Pattern.compile("[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++\\.[A-Za-z0-9_-]++");

  private final String value;
  private final String sha256;

  private ServiceAccountToken(String value) {
    this.value = value;
    this.sha256 = fingerprint(value);
  }

  /**
   * Checks size and shape.
   *
   * @throws RefusedException with {@link RefusalReason#TOKEN_MALFORMED}
   */
  public static ServiceAccountToken parse(String text) throws RefusedException {
    if (text.length() > MAX_LENGTH) {
      throw malformed("is " + text.length() + " characters long, at most 16384 are taken");
    }
    if (!COMPACT.matcher(text).matches()) {
      throw malformed(text.isEmpty() ? "is empty" : "is no compact JWT");
    }
    return new ServiceAccountToken(text);
  }

  /** Names a token, or what was sent in place of one, in records. Lower-case hex. */
  public static String fingerprint(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The token itself, for the API server. */
  public String reveal() {
    return value;
  }

  /** What may be written down of it. */
  public String sha256() {
    return sha256;
  }

  private static RefusedException malformed(String what) {
    return new RefusedException(RefusalReason.TOKEN_MALFORMED, "the token " + what);
  }

  @Override
  public String toString() {
    return "token (SHA-256 " + sha256 + ")";
  }
}
