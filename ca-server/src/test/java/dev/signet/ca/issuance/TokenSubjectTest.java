package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TokenSubjectTest {
  private static final TokenReview SOUND = World.cartReview();

  record Case(String name, RefusalReason reason, TokenReview review) {
    @Override
    public String toString() {
      return name + " -> " + reason;
    }
  }

  static Stream<Case> spoilt() {
    return Stream.of(
        new Case(
            "not authenticated",
            RefusalReason.TOKEN_REJECTED,
            TokenReview.rejected("[invalid bearer token]")),
        new Case(
            "not authenticated, though all else is there",
            RefusalReason.TOKEN_REJECTED,
            new TokenReview(
                false,
                "",
                SOUND.audiences(),
                SOUND.username(),
                SOUND.uid(),
                SOUND.groups(),
                SOUND.extra())),
        new Case("no audience echoed", RefusalReason.TOKEN_AUDIENCE_MISSING, audiences(List.of())),
        new Case(
            "another trust domain's audience",
            RefusalReason.TOKEN_AUDIENCE_MISSING,
            audiences(List.of("signet://other.example/workload"))),
        new Case(
            "the agents' audience",
            RefusalReason.TOKEN_AUDIENCE_MISSING,
            audiences(List.of("signet://shop.example/agent"))),
        new Case(
            "the audience with more behind it",
            RefusalReason.TOKEN_AUDIENCE_MISSING,
            audiences(List.of("signet://shop.example/workload/x"))),
        new Case("a person", RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT, user("jane", SOUND.groups())),
        new Case(
            "a node",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            user("system:node:node-1", SOUND.groups())),
        new Case(
            "no account",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            user("system:serviceaccount:cart", SOUND.groups())),
        new Case(
            "an account with a colon",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            user("system:serviceaccount:cart:a:b", SOUND.groups())),
        new Case(
            "an empty account",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            user("system:serviceaccount:cart:", SOUND.groups())),
        new Case(
            "an upper-case namespace",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            user(
                "system:serviceaccount:Cart:cart",
                List.of("system:serviceaccounts", "system:serviceaccounts:Cart"))),
        new Case(
            "an OIDC user of that name, in no group",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            user(SOUND.username(), List.of())),
        new Case(
            "in the group of another namespace",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            user(
                SOUND.username(),
                List.of("system:serviceaccounts", "system:serviceaccounts:shop"))),
        new Case(
            "without a UID",
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            new TokenReview(
                true, "", SOUND.audiences(), SOUND.username(), "", SOUND.groups(), SOUND.extra())),
        new Case(
            "bound to no pod (a legacy token)",
            RefusalReason.TOKEN_NOT_POD_BOUND,
            new TokenReview(
                true,
                "",
                SOUND.audiences(),
                SOUND.username(),
                SOUND.uid(),
                SOUND.groups(),
                Map.of())),
        new Case(
            "no pod name", RefusalReason.TOKEN_NOT_POD_BOUND, World.without(SOUND, "pod-name")),
        new Case("no pod UID", RefusalReason.TOKEN_NOT_POD_BOUND, World.without(SOUND, "pod-uid")),
        new Case(
            "an empty pod UID",
            RefusalReason.TOKEN_NOT_POD_BOUND,
            World.with(SOUND, "pod-uid", List.of(""))),
        new Case(
            "two pod UIDs",
            RefusalReason.TOKEN_NOT_POD_BOUND,
            World.with(SOUND, "pod-uid", List.of(World.POD_UID, "pod-uid-2"))),
        new Case(
            "a pod name that is a path",
            RefusalReason.TOKEN_NOT_POD_BOUND,
            World.with(SOUND, "pod-name", List.of("../secrets/x"))),
        new Case(
            "two nodes",
            RefusalReason.TOKEN_NOT_POD_BOUND,
            World.with(SOUND, "node-name", List.of(World.NODE, "node-2"))),
        new Case(
            "two credentials",
            RefusalReason.TOKEN_NOT_POD_BOUND,
            World.with(SOUND, "credential-id", List.of("JTI=1", "JTI=2"))),
        new Case("no node", RefusalReason.TOKEN_NODE_MISSING, World.without(SOUND, "node-name")),
        new Case(
            "no Node object when it was issued",
            RefusalReason.TOKEN_NODE_MISSING,
            World.without(SOUND, "node-uid")));
  }

  @ParameterizedTest
  @MethodSource("spoilt")
  void oneAnswerSpoilt_refusedForIt(Case spoilt) {
    assertThatThrownBy(() ->
            TokenSubject.of(
                spoilt.review(), World.CLUSTER, World.TRUST_DOMAIN, TokenAudience.WORKLOAD))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(spoilt.reason()));
  }

  @Test
  void acceptedReview_isWhatItSays() {
    TokenSubject subject = World.subject(SOUND);

    assertThat(subject.account()).isEqualTo(new ServiceAccountName("cart", "cart"));
    assertThat(subject.accountUid()).isEqualTo("account-uid-1");
    assertThat(subject.podName()).isEqualTo("cart-1");
    assertThat(subject.podUid()).isEqualTo(World.POD_UID);
    assertThat(subject.nodeName()).isEqualTo(World.NODE);
    assertThat(subject.nodeUid()).isEqualTo(World.NODE_UID);
    assertThat(subject.credentialId()).isEqualTo("JTI=1");
    assertThat(subject.cluster()).isEqualTo(World.CLUSTER);
  }

  @Test
  void accountWithDots_isOneName() {
    TokenReview review =
        World.review(TokenAudience.WORKLOAD, "cart", "a.b.c", "cart-1", World.POD_UID);

    assertThat(World.subject(review).account().name()).isEqualTo("a.b.c");
  }

  @Test
  void noCredentialId_isEmpty() {
    assertThat(World.subject(World.without(SOUND, "credential-id")).credentialId()).isEmpty();
  }

  private static TokenReview audiences(List<String> audiences) {
    return new TokenReview(
        true, "", audiences, SOUND.username(), SOUND.uid(), SOUND.groups(), SOUND.extra());
  }

  private static TokenReview user(String name, List<String> groups) {
    return new TokenReview(true, "", SOUND.audiences(), name, SOUND.uid(), groups, SOUND.extra());
  }

  private static final String ISSUER = "https://kubernetes.default.svc";

  private static final class Claims {
    private String issuer = ISSUER;
    private String subject = "system:serviceaccount:cart:cart";
    private List<String> audiences = List.of("signet://shop.example/workload");
    private Instant issuedAt = World.NOW.minusSeconds(60);
    private Instant notBefore = World.NOW.minusSeconds(60);
    private Instant expiresAt = World.NOW.plusSeconds(3540);
    private String namespace = "cart";
    private TokenClaims.Reference account = new TokenClaims.Reference("cart", "account-uid-1");
    private TokenClaims.Reference pod = new TokenClaims.Reference("cart-1", World.POD_UID);
    private TokenClaims.Reference node = new TokenClaims.Reference(World.NODE, World.NODE_UID);

    TokenSubject judged() throws RefusedException {
      return TokenSubject.of(
          new TokenClaims(
              issuer,
              subject,
              audiences,
              new TokenClaims.Times(issuedAt, notBefore, expiresAt),
              "1",
              namespace,
              new TokenClaims.Bindings(account, pod, node)),
          World.CLUSTER,
          ISSUER,
          World.TRUST_DOMAIN,
          TokenAudience.WORKLOAD,
          World.NOW);
    }
  }

  /** The API server's review of a token, and the token's own claims, speak of the same. */
  @Test
  void signedClaims_agreeWithTheReviewOfTheirToken() throws Exception {
    assertThat(new Claims().judged().agreesWith(World.subject(SOUND))).isTrue();
    assertThat(new Claims().judged().described())
        .isEqualTo(World.subject(SOUND).described())
        .contains("pod-uid-1", "account-uid-1", "node-uid-1", "JTI=1");
  }

  private interface Spoiling {
    void spoil(Claims claims);
  }

  record SpoiltClaims(String name, RefusalReason reason, Spoiling spoiling) {
    @Override
    public String toString() {
      return name + " -> " + reason;
    }
  }

  private static SpoiltClaims claims(String name, RefusalReason reason, Spoiling spoiling) {
    return new SpoiltClaims(name, reason, spoiling);
  }

  static Stream<SpoiltClaims> spoiltClaims() {
    RefusalReason rejected = RefusalReason.TOKEN_REJECTED;
    RefusalReason audience = RefusalReason.TOKEN_AUDIENCE_MISSING;
    RefusalReason account = RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT;
    RefusalReason pod = RefusalReason.TOKEN_NOT_POD_BOUND;
    RefusalReason node = RefusalReason.TOKEN_NODE_MISSING;
    TokenClaims.Reference none = TokenClaims.Reference.NONE;
    return Stream.of(
        claims("other issuer", rejected, c -> c.issuer = ISSUER + "/"),
        claims("no issuer", rejected, c -> c.issuer = ""),
        claims("ended 60 s ago", rejected, c -> c.expiresAt = World.NOW.minusSeconds(60)),
        claims("begins in 61 s", rejected, c -> c.notBefore = World.NOW.plusSeconds(61)),
        claims("issued in 61 s", rejected, c -> c.issuedAt = World.NOW.plusSeconds(61)),
        claims(
            "lives longer than 2 h",
            rejected,
            c -> c.expiresAt = c.issuedAt.plus(Duration.ofHours(2)).plusSeconds(1)),
        claims("no audience", audience, c -> c.audiences = List.of()),
        claims("for agents", audience, c -> c.audiences = List.of("signet://shop.example/agent")),
        claims(
            "for somebody else, too",
            audience,
            c -> c.audiences = List.of("signet://shop.example/workload", "https://k8s")),
        claims("a person", account, c -> c.subject = "jane"),
        claims("another account", account, c -> c.subject = "system:serviceaccount:cart:other"),
        claims("another namespace", account, c -> c.namespace = "shop"),
        claims("no account UID", account, c -> c.account = new TokenClaims.Reference("cart", "")),
        claims(
            "illegal namespace",
            account,
            c -> {
              c.namespace = "a/b";
              c.subject = "system:serviceaccount:a/b:cart";
            }),
        claims("no pod", pod, c -> c.pod = none),
        claims("no pod UID", pod, c -> c.pod = new TokenClaims.Reference("cart-1", "")),
        claims("illegal pod", pod, c -> c.pod = new TokenClaims.Reference("../x", "u")),
        claims("no node", node, c -> c.node = none),
        claims("no node UID", node, c -> c.node = new TokenClaims.Reference(World.NODE, "")));
  }

  @ParameterizedTest
  @MethodSource
  void spoiltClaims(SpoiltClaims spoilt) {
    Claims claims = new Claims();
    spoilt.spoiling().spoil(claims);

    assertThatThrownBy(claims::judged)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(spoilt.reason()));
  }

  /** As the API server, which grants a minute. */
  @Test
  void clocksAMinuteApart_noHarm() throws Exception {
    Claims old = new Claims();
    old.expiresAt = World.NOW.minusSeconds(59);
    Claims early = new Claims();
    early.issuedAt = World.NOW.plusSeconds(60);
    early.notBefore = World.NOW.plusSeconds(60);

    assertThat(old.judged().podUid()).isEqualTo(World.POD_UID);
    assertThat(early.judged().podUid()).isEqualTo(World.POD_UID);
  }
}
