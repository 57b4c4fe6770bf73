package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** T48: what an agent's word is good for where agents review, and what it is not. */
class AgentReviewDecisionsTest {
  private static final Instant NOW = World.NOW;
  private static final IssuancePolicy POLICY = World.agentReviewPolicy();
  private static final PodEvidence SIGNED = new PodEvidence.Signed(NOW.minusSeconds(600));

  record Case(String name, RefusalReason reason, Facts facts) {
    @Override
    public String toString() {
      return name + " -> " + reason;
    }
  }

  @Test
  void signedTokenAndAgreeingReview_grantedAndMarked() {
    Granted granted = granted(workload(Optional.of(World.cartReview())));

    assertThat(granted.template().id()).hasToString("spiffe://shop.example/ns/cart/sa/cart");
    assertThat(granted.attestation().orElseThrow().mode()).isEqualTo(AttestationMode.AGENT_REVIEW);
  }

  static Stream<Case> spoilt() {
    TokenReview sound = World.cartReview();
    return Stream.of(
        new Case("no review", RefusalReason.AGENT_REVIEW_MISSING, workload(Optional.empty())),
        mismatch("refused", TokenReview.rejected("no")),
        mismatch(
            "no audience",
            new TokenReview(
                true, "", List.of(), sound.username(), sound.uid(), sound.groups(), sound.extra())),
        mismatch(
            "no groups",
            new TokenReview(
                true,
                "",
                sound.audiences(),
                sound.username(),
                sound.uid(),
                List.of(),
                sound.extra())),
        mismatch(
            "account recreated",
            new TokenReview(
                true,
                "",
                sound.audiences(),
                sound.username(),
                "other",
                sound.groups(),
                sound.extra())),
        mismatch(
            "other account",
            World.review(TokenAudience.WORKLOAD, "cart", "payments", "cart-1", World.POD_UID)),
        mismatch(
            "other namespace",
            World.review(TokenAudience.WORKLOAD, "shop", "cart", "cart-1", World.POD_UID)),
        mismatch("invented pod", World.with(sound, "pod-name", List.of("cart-2"))),
        mismatch("invented pod UID", World.with(sound, "pod-uid", List.of("pod-uid-2"))),
        mismatch("two pod UIDs", World.with(sound, "pod-uid", List.of(World.POD_UID, "x"))),
        mismatch("other node", World.with(sound, "node-name", List.of("node-2"))),
        mismatch("other node UID", World.with(sound, "node-uid", List.of("node-uid-2"))),
        mismatch("no node", World.without(sound, "node-name")),
        mismatch("other token", World.with(sound, "credential-id", List.of("JTI=2"))),
        new Case(
            "the token's own node is another, whatever the review says",
            RefusalReason.NODE_MISMATCH,
            workload(
                World.review(
                    TokenAudience.WORKLOAD, "cart", "cart", "cart-1", World.POD_UID, "node-2", "u"),
                Optional.of(sound))),
        new Case(
            "the CA read the pod itself, and should not have",
            RefusalReason.INTERNAL_ERROR,
            workload(
                World.cartReview(),
                new PodEvidence.Read(Optional.of(World.cartPod())),
                Optional.of(sound))));
  }

  private static Case mismatch(String name, TokenReview review) {
    return new Case(name, RefusalReason.AGENT_REVIEW_MISMATCH, workload(Optional.of(review)));
  }

  @ParameterizedTest
  @MethodSource
  void spoilt(Case spoilt) {
    assertThat(refusal(spoilt.facts(), POLICY).reason()).isEqualTo(spoilt.reason());
  }

  /** No fact of the weaker mode may stand for one of the stronger, whatever comes with it. */
  @Test
  void whereTheCaReviews_noWordOfAnAgentCounts() {
    Facts.Workload sound = World.workload();
    Facts withReview =
        new Facts.Workload(
            sound.caller(),
            sound.liveAgent(),
            sound.token(),
            sound.evidence(),
            Optional.of(World.cartReview()),
            sound.key());

    assertThat(refusal(withReview, World.POLICY).reason())
        .isEqualTo(RefusalReason.AGENT_REVIEW_NOT_ALLOWED);
    for (Optional<TokenReview> review :
        List.of(Optional.<TokenReview>empty(), Optional.of(World.cartReview()))) {
      assertThat(refusal(workload(review), World.POLICY).reason())
          .isEqualTo(RefusalReason.INTERNAL_ERROR);
    }
    assertThat(refusal(agent(SIGNED, Optional.empty()), World.POLICY).reason())
        .isEqualTo(RefusalReason.INTERNAL_ERROR);
  }

  @Test
  void agentByItsSignedToken_aShortSvid() {
    Granted granted = granted(agent(SIGNED, Optional.empty()));

    assertThat(granted.template().notAfter()).isEqualTo(NOW.plus(Duration.ofMinutes(10)));
    assertThat(granted.attestation().orElseThrow().mode()).isEqualTo(AttestationMode.AGENT_REVIEW);
  }

  @Test
  void agentOfAnotherAccount_refused() {
    TokenReview review =
        World.review(TokenAudience.AGENT, "shop", "cart", "cart-1", World.AGENT_POD_UID);
    Facts facts =
        new Facts.Agent(
            World.subject(review, TokenAudience.AGENT), SIGNED, Optional.empty(), World.key());

    assertThat(refusal(facts, POLICY).reason()).isEqualTo(RefusalReason.AGENT_ACCOUNT_NOT_ALLOWED);
  }

  /** The incumbent got its SVID of ten minutes four minutes ago. */
  @Test
  void anotherAgentThatNobodyCanSee_staysUntilItsSvidEndsOrATokenIsNewer() {
    Instant attested = NOW.minusSeconds(240);
    LiveAgent other = incumbent(attested, attested.plus(IssuancePolicy.UNSEEN_AGENT_TTL));
    PodEvidence older = new PodEvidence.Signed(attested);
    PodEvidence newer = new PodEvidence.Signed(attested.plusSeconds(1));

    assertThat(refusal(agent(older, unseen(other)), POLICY).reason())
        .isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
    assertThat(granted(agent(newer, unseen(other))).replacesAgentPod()).contains("agent-pod-uid-0");
    assertThat(granted(agent(older, unseen(incumbent(attested, NOW)))).replacesAgentPod())
        .contains("agent-pod-uid-0");
  }

  /**
   * Where a cluster was changed to agent-side review, the incumbents' SVIDs are those of an hour.
   * Taken for ones of ten minutes they kept every new agent out until they ended: the DaemonSet
   * could not be rolled, as a real cluster showed.
   */
  @Test
  void agentFromBeforeTheAgentsReviewed_isReplacedByOneWithANewerToken() {
    Instant attested = NOW.minusSeconds(240);
    LiveAgent other = incumbent(attested, attested.plus(IssuancePolicy.OWN_TTL));

    assertThat(
            granted(agent(new PodEvidence.Signed(attested.plusSeconds(1)), unseen(other)))
                .replacesAgentPod())
        .contains("agent-pod-uid-0");
    assertThat(refusal(agent(new PodEvidence.Signed(attested), unseen(other)), POLICY).reason())
        .isEqualTo(RefusalReason.AGENT_ALREADY_ON_NODE);
  }

  private static LiveAgent incumbent(Instant attestedAt, Instant notAfter) {
    return new LiveAgent(
        World.CLUSTER,
        World.NODE,
        World.NODE_UID,
        "signet-system",
        "signet-agent-0",
        "agent-pod-uid-0",
        "5e0",
        attestedAt,
        notAfter);
  }

  private static Optional<Facts.Incumbent> unseen(LiveAgent agent) {
    return Optional.of(new Facts.Incumbent.Unseen(agent));
  }

  private static Facts agent(PodEvidence evidence, Optional<Facts.Incumbent> incumbent) {
    return new Facts.Agent(
        World.subject(World.agentReview(), TokenAudience.AGENT), evidence, incumbent, World.key());
  }

  private static Facts workload(Optional<TokenReview> review) {
    return workload(World.cartReview(), review);
  }

  private static Facts workload(TokenReview token, Optional<TokenReview> review) {
    return workload(token, SIGNED, review);
  }

  private static Facts workload(
      TokenReview token, PodEvidence evidence, Optional<TokenReview> review) {
    return new Facts.Workload(
        World.agent(),
        Optional.of(World.liveAgent()),
        World.subject(token),
        evidence,
        review,
        World.key());
  }

  private static Granted granted(Facts facts) {
    Decision decision = Decisions.decide(facts, POLICY, NOW);
    assertThat(decision).isInstanceOf(Granted.class);
    return (Granted) decision;
  }

  private static Refusal refusal(Facts facts, IssuancePolicy policy) {
    Decision decision = Decisions.decide(facts, policy, NOW);
    assertThat(decision).isInstanceOf(Refused.class);
    return ((Refused) decision).refusal();
  }
}
