package dev.signet.ca.issuance;

import dev.signet.spiffe.TrustDomain;
import java.util.List;
import java.util.Optional;

/**
 * The pod that a token is bound to, and the node and ServiceAccount of that pod, as the API server
 * vouched for them. Only an accepted review for the right audience becomes one. Immutable.
 *
 * <p>{@code record} would give it a public constructor, and with it a way around the review.
 */
public final class TokenSubject {
  private static final String ACCOUNT_PREFIX = "system:serviceaccount:";
  private static final String ACCOUNTS_GROUP = "system:serviceaccounts";
  private static final String EXTRA = "authentication.kubernetes.io/";

  private final String cluster;
  private final TokenAudience audience;
  private final ServiceAccountName account;
  private final String accountUid;
  private final String podName;
  private final String podUid;
  private final String nodeName;
  private final String nodeUid;
  private final String credentialId;

  private TokenSubject(
      String cluster, TokenAudience audience, ServiceAccountName account, TokenReview review)
      throws RefusedException {
    this.cluster = cluster;
    this.audience = audience;
    this.account = account;
    this.accountUid = review.uid();
    this.podName = podName(review);
    this.podUid = required(review, "pod-uid", RefusalReason.TOKEN_NOT_POD_BOUND);
    this.nodeName = required(review, "node-name", RefusalReason.TOKEN_NODE_MISSING);
    this.nodeUid = required(review, "node-uid", RefusalReason.TOKEN_NODE_MISSING);
    this.credentialId = extra(review, "credential-id").orElse("");
  }

  /**
   * Judges a review.
   *
   * @param cluster the cluster whose API server answered; never taken from the token
   * @throws RefusedException with one of the {@code TOKEN_} reasons
   */
  public static TokenSubject of(
      TokenReview review, String cluster, TrustDomain trustDomain, TokenAudience audience)
      throws RefusedException {
    if (!review.authenticated()) {
      throw new RefusedException(
          RefusalReason.TOKEN_REJECTED, "the API server says: " + quoted(review.error()));
    }
    String wanted = audience.in(trustDomain);
    if (!review.audiences().contains(wanted)) {
      throw new RefusedException(
          RefusalReason.TOKEN_AUDIENCE_MISSING,
          "asked for " + wanted + ", confirmed were " + review.audiences());
    }
    return new TokenSubject(cluster, audience, account(review), review);
  }

  /**
   * The user name alone proves nothing: another authenticator of the API server can produce the
   * same text. The groups come with it only where the ServiceAccount authenticator spoke.
   */
  private static ServiceAccountName account(TokenReview review) throws RefusedException {
    String username = review.username();
    String rest =
        username.startsWith(ACCOUNT_PREFIX) ? username.substring(ACCOUNT_PREFIX.length()) : "";
    int colon = rest.indexOf(':');
    if (colon < 0 || review.uid().isEmpty()) {
      throw notServiceAccount("the user is " + quoted(username) + ", UID " + quoted(review.uid()));
    }
    String namespace = rest.substring(0, colon);
    String name = rest.substring(colon + 1);
    List<String> groups = List.of(ACCOUNTS_GROUP, ACCOUNTS_GROUP + ":" + namespace);
    if (!review.groups().containsAll(groups)) {
      throw notServiceAccount(quoted(username) + " is not in the groups " + groups);
    }
    if (!KubernetesNames.isLabel(namespace) || !KubernetesNames.isSubdomain(name)) {
      throw notServiceAccount(quoted(username) + " names no legal namespace and account");
    }
    return new ServiceAccountName(namespace, name);
  }

  private static String podName(TokenReview review) throws RefusedException {
    String name = required(review, "pod-name", RefusalReason.TOKEN_NOT_POD_BOUND);
    if (!KubernetesNames.isSubdomain(name)) {
      throw new RefusedException(
          RefusalReason.TOKEN_NOT_POD_BOUND, quoted(name) + " is no legal name of a pod");
    }
    return name;
  }

  private static String required(TokenReview review, String key, RefusalReason ifAbsent)
      throws RefusedException {
    Optional<String> value = extra(review, key);
    if (value.isEmpty()) {
      throw new RefusedException(ifAbsent, "the review has no " + EXTRA + key);
    }
    return value.get();
  }

  private static Optional<String> extra(TokenReview review, String key) throws RefusedException {
    List<String> values = review.extra().getOrDefault(EXTRA + key, List.of());
    if (values.size() > 1) {
      throw new RefusedException(
          RefusalReason.TOKEN_NOT_POD_BOUND,
          "the review has " + values.size() + " values of " + EXTRA + key + ", one is needed");
    }
    return values.stream().filter(value -> !value.isEmpty()).findFirst();
  }

  private static RefusedException notServiceAccount(String detail) {
    return new RefusedException(RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT, detail);
  }

  private static String quoted(String text) {
    return "'" + text + "'";
  }

  public String cluster() {
    return cluster;
  }

  public TokenAudience audience() {
    return audience;
  }

  public ServiceAccountName account() {
    return account;
  }

  public String accountUid() {
    return accountUid;
  }

  public String podName() {
    return podName;
  }

  public String podUid() {
    return podUid;
  }

  public String nodeName() {
    return nodeName;
  }

  public String nodeUid() {
    return nodeUid;
  }

  /** Joins the record to the API server's audit log; empty where the API server gave none. */
  public String credentialId() {
    return credentialId;
  }

  @Override
  public String toString() {
    return "pod "
        + account.namespace()
        + "/"
        + podName
        + " ("
        + podUid
        + ") of "
        + account
        + " on node "
        + nodeName;
  }
}
