package dev.signet.cli.cluster;

import java.util.List;
import java.util.Map;

/**
 * A token that was made for a running pod and reviewed twice. The token itself is in no fact.
 *
 * @param own the review for the token's own audience
 * @param foreign the review for an audience that the token does not have
 */
public record TokenTrial(
    RunningPod subject, String audience, String foreignAudience, Review own, Review foreign) {

  /** What the API server said of a token: {@code status} of a TokenReview. */
  public record Review(
      boolean authenticated,
      List<String> audiences,
      String username,
      Map<String, List<String>> extra,
      String error) {
    public Review {
      audiences = List.copyOf(audiences);
      extra = Map.copyOf(extra);
    }

    /** The value of a key that has exactly one, else empty. */
    public String single(String key) {
      List<String> values = extra.getOrDefault(key, List.of());
      return values.size() == 1 ? values.getFirst() : "";
    }
  }
}
