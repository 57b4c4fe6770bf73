package dev.signet.agent.pod;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * The text kubelet passes tokens in: {@code {"<audience>":{"token":"…","expirationTimestamp":"…"}}}
 * (Kubernetes, CSIDriver {@code tokenRequests}).
 */
public final class TokenRequests {
  private static final int MAX_LENGTH = 4 * PodToken.MAX_LENGTH;

  private TokenRequests() {}

  /**
   * The token of an audience; empty where the text has none of that audience.
   *
   * @throws IllegalArgumentException if the text or the token has another form
   */
  public static Optional<PodToken> token(String text, String audience) {
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "the tokens are longer than " + MAX_LENGTH + " characters");
    }
    if (!(Json.parse(text) instanceof Json.Obj audiences)) {
      throw new IllegalArgumentException("the tokens are no JSON object");
    }
    Json entry = audiences.members().get(audience);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry instanceof Json.Obj fields
        && fields.members().get("token") instanceof Json.Text token
        && fields.members().get("expirationTimestamp") instanceof Json.Text end) {
      return Optional.of(PodToken.parse(token.value(), time(end.value())));
    }
    throw new IllegalArgumentException(
        "the audience's entry has not both token and expirationTimestamp");
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("expirationTimestamp is no time of RFC 3339");
    }
  }
}
