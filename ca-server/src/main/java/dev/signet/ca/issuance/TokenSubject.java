package dev.signet.ca.issuance;

import dev.signet.spiffe.TrustDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The pod that a token is bound to, and the node and ServiceAccount of that pod, as the cluster
 * vouched for them: by an accepted review for the right audience, or by its signature on the token
 * itself. Immutable.
 *
 * <p>{@code record} would give it a public constructor, and with it a way around both.
 */
public final class TokenSubject {
  /** How far the clocks of CA and API server may be apart; the API server grants as much. */
  static final Duration LEEWAY = Duration.ofMinutes(1);

  /**
   * Where nobody looks at the pod, a token's life is for how long a pod that is gone can still be
   * renewed by a stolen node. Kubelet asks for an hour.
   */
  static final Duration LONGEST_SIGNED_LIFE = Duration.ofHours(2);

  private static final String ACCOUNT_PREFIX = "system:serviceaccount:";
  private static final String ACCOUNTS_GROUP = "system:serviceaccounts";
  private static final String EXTRA = "authentication.kubernetes.io/";

  private final String cluster;
  private final TokenAudience audience;
  private final Vouched vouched;

  private record Vouched(
      ServiceAccountName account,
      String accountUid,
      String podName,
      String podUid,
      String nodeName,
      String nodeUid,
      String credentialId) {}

  private TokenSubject(String cluster, TokenAudience audience, Vouched vouched) {
    this.cluster = cluster;
    this.audience = audience;
    this.vouched = vouched;
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
      throw rejected("the API server says: " + quoted(review.error()));
    }
    String wanted = audience.in(trustDomain);
    if (!review.audiences().contains(wanted)) {
      throw new RefusedException(
          RefusalReason.TOKEN_AUDIENCE_MISSING,
          "asked for " + wanted + ", confirmed were " + review.audiences());
    }
    return new TokenSubject(
        cluster,
        audience,
        new Vouched(
            account(review),
            review.uid(),
            podName(required(review, "pod-name", RefusalReason.TOKEN_NOT_POD_BOUND)),
            required(review, "pod-uid", RefusalReason.TOKEN_NOT_POD_BOUND),
            required(review, "node-name", RefusalReason.TOKEN_NODE_MISSING),
            required(review, "node-uid", RefusalReason.TOKEN_NODE_MISSING),
            extra(review, "credential-id").orElse("")));
  }

  /**
   * Judges the signed claims of a token, as the API server does, and what it leaves to whoever
   * reviews.
   *
   * @param cluster the cluster whose key signed them; never taken from the token
   * @param issuer of that cluster's tokens
   * @throws RefusedException with one of the {@code TOKEN_} reasons
   */
  public static TokenSubject of(
      TokenClaims claims,
      String cluster,
      String issuer,
      TrustDomain trustDomain,
      TokenAudience audience,
      Instant now)
      throws RefusedException {
    if (!claims.issuer().equals(issuer)) {
      throw rejected("its issuer is " + quoted(claims.issuer()) + ", not " + quoted(issuer));
    }
    checkTimes(claims.times(), now);
    String wanted = audience.in(trustDomain);
    // Nobody else may have seen it: without a look at the pod, the token is all that proves it.
    if (!claims.audiences().equals(List.of(wanted))) {
      throw new RefusedException(
          RefusalReason.TOKEN_AUDIENCE_MISSING,
          "it is for " + claims.audiences() + ", needed is " + wanted + " alone");
    }
    TokenClaims.Bindings bindings = claims.bindings();
    return new TokenSubject(
        cluster,
        audience,
        new Vouched(
            account(claims),
            bindings.account().uid(),
            podName(claimed("pod name", bindings.pod().name(), RefusalReason.TOKEN_NOT_POD_BOUND)),
            claimed("pod UID", bindings.pod().uid(), RefusalReason.TOKEN_NOT_POD_BOUND),
            claimed("node name", bindings.node().name(), RefusalReason.TOKEN_NODE_MISSING),
            claimed("node UID", bindings.node().uid(), RefusalReason.TOKEN_NODE_MISSING),
            claims.id().isEmpty() ? "" : "JTI=" + claims.id()));
  }

  private static void checkTimes(TokenClaims.Times times, Instant now) throws RefusedException {
    if (!now.isBefore(times.expiresAt().plus(LEEWAY))) {
      throw rejected("it ended at " + times.expiresAt());
    }
    if (now.plus(LEEWAY).isBefore(times.notBefore())
        || now.plus(LEEWAY).isBefore(times.issuedAt())) {
      throw rejected(
          "it begins at " + times.notBefore() + " and was issued at " + times.issuedAt());
    }
    if (times.expiresAt().isAfter(times.issuedAt().plus(LONGEST_SIGNED_LIFE))) {
      throw rejected(
          "it lives from "
              + times.issuedAt()
              + " to "
              + times.expiresAt()
              + ", and where agents review at most "
              + LONGEST_SIGNED_LIFE.toHours()
              + " h are taken; lower expirationSeconds of the CSIDriver's tokenRequests, or of the"
              + " agent's projected token");
    }
  }

  private static ServiceAccountName account(TokenClaims claims) throws RefusedException {
    String namespace = claims.namespace();
    TokenClaims.Reference account = claims.bindings().account();
    if (!claims.subject().equals(ACCOUNT_PREFIX + namespace + ":" + account.name())
        || account.uid().isEmpty()) {
      throw notServiceAccount(
          "the subject is " + quoted(claims.subject()) + ", UID " + quoted(account.uid()));
    }
    return account(claims.subject(), namespace, account.name());
  }

  private static ServiceAccountName account(String username, String namespace, String name)
      throws RefusedException {
    if (!KubernetesNames.isLabel(namespace) || !KubernetesNames.isSubdomain(name)) {
      throw notServiceAccount(quoted(username) + " names no legal namespace and account");
    }
    return new ServiceAccountName(namespace, name);
  }

  private static String claimed(String what, String value, RefusalReason ifAbsent)
      throws RefusedException {
    if (value.isEmpty()) {
      throw new RefusedException(ifAbsent, "the token has no " + what);
    }
    return value;
  }

  private static RefusedException rejected(String detail) {
    return new RefusedException(RefusalReason.TOKEN_REJECTED, detail);
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
    return account(username, namespace, name);
  }

  private static String podName(String name) throws RefusedException {
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
    return vouched.account();
  }

  public String accountUid() {
    return vouched.accountUid();
  }

  public String podName() {
    return vouched.podName();
  }

  public String podUid() {
    return vouched.podUid();
  }

  public String nodeName() {
    return vouched.nodeName();
  }

  public String nodeUid() {
    return vouched.nodeUid();
  }

  /** Joins the record to the API server's audit log; empty where the API server gave none. */
  public String credentialId() {
    return vouched.credentialId();
  }

  /** Whether both speak of the same pod, node, account and token. */
  boolean agreesWith(TokenSubject other) {
    return vouched.equals(other.vouched);
  }

  /** Everything that {@link #agreesWith} compares, for the operator. */
  String described() {
    return this
        + " (UID "
        + nodeUid()
        + "), account UID "
        + accountUid()
        + ", credential "
        + quoted(credentialId());
  }

  @Override
  public String toString() {
    return "pod "
        + account().namespace()
        + "/"
        + podName()
        + " ("
        + podUid()
        + ") of "
        + account()
        + " on node "
        + nodeName();
  }
}
