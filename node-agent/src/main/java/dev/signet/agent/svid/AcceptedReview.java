package dev.signet.agent.svid;

import java.util.List;
import java.util.Map;

/**
 * What the API server said of a token that it accepted, for our audience: {@code status} of a
 * TokenReview, word for word. The CA compares it with what the token itself says; nothing is judged
 * by it here.
 *
 * @param uid of the user, for a ServiceAccount the UID of that object
 */
public record AcceptedReview(
    List<String> audiences,
    String username,
    String uid,
    List<String> groups,
    Map<String, List<String>> extra) {
  public AcceptedReview {
    audiences = List.copyOf(audiences);
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }
}
