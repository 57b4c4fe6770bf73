package dev.signet.agent.adapter.kubernetes;

import dev.signet.agent.pod.Json;
import dev.signet.agent.svid.AcceptedReview;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.TokenReviewer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an API server answered to a TokenReview ({@code authentication.k8s.io/v1}). It repeats the
 * token in {@code spec}, so that no text of it goes into any message.
 */
final class ReviewAnswer {
  private ReviewAnswer() {}

  /** An answer that is none: whether the token is good is unknown. */
  static final class UnreadableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnreadableException(String message) {
      super(message);
    }
  }

  /** What to tell who asked. */
  sealed interface Verdict {
    void tell(TokenReviewer.Answer answer);

    record Accepted(AcceptedReview review) implements Verdict {
      @Override
      public void tell(TokenReviewer.Answer answer) {
        answer.accepted(review);
      }
    }

    record Refused(Refusal refusal) implements Verdict {
      @Override
      public void tell(TokenReviewer.Answer answer) {
        answer.refused(refusal);
      }
    }
  }

  /**
   * Reads an answer.
   *
   * @param audience that was asked for; without its echo the answer says nothing for us
   */
  static Verdict read(byte[] body, String audience) throws UnreadableException {
    Map<String, Json> status = object(member(document(body), "status"));
    if (status.isEmpty()) {
      throw new UnreadableException("the answer has no status");
    }
    if (!new Json.Literal("true").equals(status.get("authenticated"))) {
      return refused(Refusal.TOKEN_REJECTED);
    }
    List<String> audiences = texts(status.get("audiences"));
    if (!audiences.contains(audience)) {
      return refused(Refusal.TOKEN_AUDIENCE_MISSING);
    }
    Map<String, Json> user = object(status.get("user"));
    Map<String, List<String>> extra = new HashMap<>();
    for (Map.Entry<String, Json> entry : object(user.get("extra")).entrySet()) {
      extra.put(entry.getKey(), texts(entry.getValue()));
    }
    return new Verdict.Accepted(
        new AcceptedReview(
            audiences,
            text(user.get("username")),
            text(user.get("uid")),
            texts(user.get("groups")),
            extra));
  }

  private static Verdict refused(String reason) {
    return new Verdict.Refused(new Refusal(reason, false, Optional.empty()));
  }

  private static Json document(byte[] body) throws UnreadableException {
    try {
      return Json.parse(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
    } catch (IllegalArgumentException | CharacterCodingException e) {
      throw new UnreadableException("the answer is no JSON");
    }
  }

  private static @Nullable Json member(Json object, String name) throws UnreadableException {
    return object(object).get(name);
  }

  private static Map<String, Json> object(@Nullable Json value) throws UnreadableException {
    return switch (value) {
      case Json.Obj(Map<String, Json> members) -> members;
      case null -> Map.of();
      case Json.Literal(String word) when word.equals("null") -> Map.of();
      default -> throw odd();
    };
  }

  private static List<String> texts(@Nullable Json value) throws UnreadableException {
    return switch (value) {
      case Json.Arr(List<Json> items) -> {
        var texts = new ArrayList<String>();
        for (Json item : items) {
          texts.add(text(item));
        }
        yield texts;
      }
      case null -> List.of();
      case Json.Literal(String word) when word.equals("null") -> List.of();
      default -> throw odd();
    };
  }

  private static String text(@Nullable Json value) throws UnreadableException {
    return switch (value) {
      case Json.Text(String text) -> text;
      case null -> "";
      default -> throw odd();
    };
  }

  private static UnreadableException odd() {
    return new UnreadableException("the answer is no TokenReview");
  }
}
