package dev.signet.agent.pod;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * A pod's ServiceAccount token, as opaque as it can be: the agent forwards it and prints it
 * nowhere.
 *
 * <p>What the agent reads in it, unverified, is the UID of the pod it is bound to, and only to
 * refuse: the CA's review of the same bytes is what grants, so a token that passes both is bound to
 * this volume's pod (THREATS.md T8, T9).
 */
public final class PodToken {
  /** The size of a token that is sent to a review (KUBERNETES.md section 1). */
  public static final int MAX_LENGTH = 16 * 1024;

  private static final Pattern COMPACT =
      Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

  private final String value;
  private final PodUid boundTo;
  private final Instant end;

  private PodToken(String value, PodUid boundTo, Instant end) {
    this.value = value;
    this.boundTo = boundTo;
    this.end = end;
  }

  /**
   * A token in the compact form of a JWT.
   *
   * @param end of its validity, as kubelet was told it
   * @throws IllegalArgumentException if it is none, or names no pod; the message never quotes it
   */
  public static PodToken parse(String compact, Instant end) {
    if (compact.length() > MAX_LENGTH) {
      throw new IllegalArgumentException("the token is longer than " + MAX_LENGTH + " characters");
    }
    if (!COMPACT.matcher(compact).matches()) {
      throw new IllegalArgumentException("the token is no JWT in compact form");
    }
    String payload = compact.substring(compact.indexOf('.') + 1, compact.lastIndexOf('.'));
    return new PodToken(compact, boundPod(payload), end);
  }

  private static PodUid boundPod(String payload) {
    String text;
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(payload);
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new IllegalArgumentException("the token's payload is no text in base64url");
    }
    if (Json.parse(text) instanceof Json.Obj claims
        && claims.members().get("kubernetes.io") instanceof Json.Obj kubernetes
        && kubernetes.members().get("pod") instanceof Json.Obj pod
        && pod.members().get("uid") instanceof Json.Text uid) {
      return new PodUid(uid.value());
    }
    throw new IllegalArgumentException(
        "the token is bound to no pod (no claim kubernetes.io/pod/uid): only tokens that kubelet"
            + " requests for a pod are accepted");
  }

  /** The pod that the token says it is bound to; not verified. */
  public PodUid boundTo() {
    return boundTo;
  }

  /** Whether it has ended: nobody accepts it any more, and only a newer one mends that. */
  public boolean hasEnded(Instant now) {
    return !end.isAfter(now);
  }

  /** The token itself, for the CA and nobody else. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PodToken that
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.US_ASCII),
            that.value.getBytes(StandardCharsets.US_ASCII));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "PodToken[redacted]";
  }
}
