package dev.signet.ca.issuance;

import java.util.List;
import java.util.Map;

/**
 * What the API server answered to a TokenReview, word for word and not yet judged: see {@link
 * TokenSubject}.
 *
 * @param error why it did not authenticate; empty otherwise
 * @param audiences the audiences it confirms, of those it was asked for
 * @param uid of the user, for a ServiceAccount the UID of that object
 */
public record TokenReview(
    boolean authenticated,
    String error,
    List<String> audiences,
    String username,
    String uid,
    List<String> groups,
    Map<String, List<String>> extra) {
  public TokenReview {
    audiences = List.copyOf(audiences);
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  /** A review that ended with no. */
  public static TokenReview rejected(String error) {
    return new TokenReview(false, error, List.of(), "", "", List.of(), Map.of());
  }
}
