package dev.signet.ca.issuance;

import static dev.signet.ca.issuance.World.NOW;
import static dev.signet.ca.issuance.World.POLICY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.spiffe.InvalidSpiffeIdException;
import dev.signet.spiffe.SpiffeId;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecisionsTest {
  /** A case: what is spoilt, and the reason that must come of it. */
  record Case(String name, RefusalReason reason, Facts facts) {
    @Override
    public String toString() {
      return name + " -> " + reason;
    }
  }

  static Stream<Case> spoiltWorkloads() {
    return Stream.of(
        caller("the node has no live agent", RefusalReason.AGENT_NOT_LIVE, Optional.empty()),
        caller(
            "the agent has a newer SVID",
            RefusalReason.AGENT_NOT_LIVE,
            Optional.of(World.liveAgent(World.NODE, World.NODE_UID, "abc2"))),
        token(
            "the token is for agents",
            RefusalReason.TOKEN_AUDIENCE_MISSING,
            World.subject(
                World.review(TokenAudience.AGENT, "cart", "cart", "cart-1", World.POD_UID),
                TokenAudience.AGENT)),
        token(
            "the token is of another node",
            RefusalReason.NODE_MISMATCH,
            cartOn("node-2", World.NODE_UID)),
        token(
            "the token is older than the Node object",
            RefusalReason.NODE_UID_MISMATCH,
            cartOn(World.NODE, "node-uid-0")),
        pod("the pod is gone", RefusalReason.POD_NOT_FOUND, Optional.empty()),
        pod(
            "the pod was re-created",
            RefusalReason.POD_UID_MISMATCH,
            pod("cart", "cart-1", "pod-uid-2", "cart", World.NODE)),
        pod(
            "another pod was read",
            RefusalReason.POD_UID_MISMATCH,
            pod("cart", "cart-2", World.POD_UID, "cart", World.NODE)),
        pod(
            "a pod of another namespace was read",
            RefusalReason.POD_UID_MISMATCH,
            pod("shop", "cart-1", World.POD_UID, "cart", World.NODE)),
        pod(
            "the pod runs as another account",
            RefusalReason.POD_ACCOUNT_MISMATCH,
            pod("cart", "cart-1", World.POD_UID, "payments", World.NODE)),
        pod(
            "the pod runs elsewhere",
            RefusalReason.POD_NODE_MISMATCH,
            pod("cart", "cart-1", World.POD_UID, "cart", "node-2")),
        pod(
            "the pod is not scheduled",
            RefusalReason.POD_NODE_MISMATCH,
            pod("cart", "cart-1", World.POD_UID, "cart", "")),
        pod("the pod has succeeded", RefusalReason.POD_FINISHED, in(PodState.Phase.SUCCEEDED)),
        pod("the pod has failed", RefusalReason.POD_FINISHED, in(PodState.Phase.FAILED)),
        pod(
            "the phase is unknown",
            RefusalReason.KUBERNETES_UNAVAILABLE,
            in(PodState.Phase.UNKNOWN)),
        pod(
            "the pod is being deleted",
            RefusalReason.POD_TERMINATING,
            Optional.of(
                new PodState(
                    "cart",
                    "cart-1",
                    World.POD_UID,
                    "cart",
                    World.NODE,
                    PodState.Phase.RUNNING,
                    true))),
        new Case(
            "the account is default",
            RefusalReason.DEFAULT_ACCOUNT_NOT_ALLOWED,
            runningAs("cart", "default")));
  }

  static Stream<Case> spoiltAgents() {
    Facts.Agent sound = World.agentFacts();
    LiveAgent other =
        new LiveAgent(
            World.CLUSTER,
            World.NODE,
            World.NODE_UID,
            "signet-system",
            "signet-agent-0",
            "agent-pod-uid-0",
            "abc0",
            NOW.minusSeconds(3600),
            NOW);
    return Stream.of(
        new Case(
            "the token is for workloads",
            RefusalReason.TOKEN_AUDIENCE_MISSING,
            agent(
                World.subject(
                    World.review(
                        TokenAudience.WORKLOAD,
                        "signet-system",
                        "signet-agent",
                        "signet-agent-1",
                        World.AGENT_POD_UID)))),
        new Case(
            "the account is of another namespace",
            RefusalReason.AGENT_ACCOUNT_NOT_ALLOWED,
            agent(agentToken("shop", "signet-agent", World.NODE))),
        new Case(
            "the account has another name",
            RefusalReason.AGENT_ACCOUNT_NOT_ALLOWED,
            agent(agentToken("signet-system", "signet-agent2", World.NODE))),
        new Case(
            "the pod is gone",
            RefusalReason.POD_NOT_FOUND,
            new Facts.Agent(sound.token(), read(Optional.empty()), Optional.empty(), World.key())),
        new Case(
            "the node's name is no path segment",
            RefusalReason.ID_NOT_LEGAL,
            new Facts.Agent(
                agentToken("signet-system", "signet-agent", "node:1"),
                read(Optional.of(onNode(World.agentPod(), "node:1"))),
                Optional.empty(),
                World.key())),
        new Case(
            "another agent is there",
            RefusalReason.AGENT_ALREADY_ON_NODE,
            new Facts.Agent(
                sound.token(),
                sound.evidence(),
                Optional.of(new Facts.Incumbent.Read(other, Optional.of(incumbentPod(false)))),
                World.key())));
  }

  @ParameterizedTest
  @MethodSource({"spoiltWorkloads", "spoiltAgents"})
  void oneFactSpoilt_refusedForIt(Case spoilt) {
    assertThat(refusal(Decisions.decide(spoilt.facts(), POLICY, NOW)).reason())
        .isEqualTo(spoilt.reason());
  }

  /** A new reason must come with a case here, or be listed as one that is found elsewhere. */
  @Test
  void everyReason_hasACaseOrAPlaceElsewhere() {
    Set<RefusalReason> elsewhere =
        EnumSet.of(
            // Of clusters whose agents review: AgentReviewDecisionsTest, JwsTokenSignaturesTest.
            RefusalReason.AGENT_REVIEW_NOT_ALLOWED,
            RefusalReason.AGENT_REVIEW_MISSING,
            RefusalReason.AGENT_REVIEW_MISMATCH,
            RefusalReason.TOKEN_KEY_UNKNOWN,
            // Found at the door.
            RefusalReason.REQUEST_MALFORMED,
            RefusalReason.CALLER_NOT_AGENT,
            RefusalReason.AGENT_BANNED,
            RefusalReason.OVERLOADED,
            RefusalReason.SHUTTING_DOWN,
            RefusalReason.INTERNAL_ERROR,
            // Found before there is a subject: TokenSubjectTest, ServiceAccountTokenTest.
            RefusalReason.TOKEN_MALFORMED,
            RefusalReason.TOKEN_REJECTED,
            RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
            RefusalReason.TOKEN_NOT_POD_BOUND,
            RefusalReason.TOKEN_NODE_MISSING,
            // Found in the CSR.
            RefusalReason.CSR_MALFORMED,
            RefusalReason.CSR_KEY_NOT_ALLOWED,
            RefusalReason.CSR_SIGNATURE_INVALID,
            RefusalReason.CSR_ASKS_FOR_MORE,
            RefusalReason.CSR_KEY_REUSED,
            // Troubles of other parts.
            RefusalReason.STORE_UNAVAILABLE,
            RefusalReason.REPLICA_BEHIND,
            RefusalReason.AUTHORITY_UNAVAILABLE,
            RefusalReason.CLOCK_BEHIND_RECORDS,
            RefusalReason.CERTIFICATE_NOT_SOUND);
    Set<RefusalReason> here = EnumSet.noneOf(RefusalReason.class);
    Stream.concat(spoiltWorkloads(), spoiltAgents()).forEach(spoilt -> here.add(spoilt.reason()));

    assertThat(EnumSet.complementOf(EnumSet.copyOf(elsewhere)))
        .containsExactlyInAnyOrderElementsOf(here);
  }

  @Test
  void threeFactsAgree_grantedByTemplate() {
    Granted granted = granted(Decisions.decide(World.workload(), POLICY, NOW.plusNanos(7)));

    assertThat(granted.kind()).isEqualTo(SvidKind.WORKLOAD);
    assertThat(granted.template().id())
        .isEqualTo(SpiffeId.parse("spiffe://shop.example/ns/cart/sa/cart"));
    assertThat(granted.template().notBefore()).isEqualTo(NOW.minus(Duration.ofMinutes(5)));
    assertThat(granted.template().notAfter()).isEqualTo(NOW.plus(Duration.ofMinutes(30)));
    assertThat(granted.replacesAgentPod()).isEmpty();
    assertThat(granted.attestation())
        .contains(
            new Attestation(
                AttestationMode.CA_REVIEW,
                World.CLUSTER,
                "cart",
                "cart-1",
                World.POD_UID,
                "cart",
                "account-uid-1",
                World.NODE,
                World.NODE_UID,
                "JTI=1",
                World.AGENT_POD_UID));
  }

  /** CSI volumes are mounted before any container runs. */
  @Test
  void pendingPod_granted() {
    assertThat(Decisions.decide(with(in(PodState.Phase.PENDING)), POLICY, NOW))
        .isInstanceOf(Granted.class);
  }

  @Test
  void defaultAccountOfAllowedNamespace_granted() {
    assertThat(
            granted(Decisions.decide(runningAs("legacy", "default"), POLICY, NOW)).template().id())
        .hasToString("spiffe://shop.example/ns/legacy/sa/default");
  }

  @Test
  void callersSvidEnded_agentNotLive() {
    Decision decision = Decisions.decide(World.workload(), POLICY, World.agent().notAfter());

    assertThat(refusal(decision).reason()).isEqualTo(RefusalReason.AGENT_NOT_LIVE);
  }

  @Test
  void allowedAgent_grantedItsNodesId() {
    Granted granted = granted(Decisions.decide(World.agentFacts(), POLICY, NOW));

    assertThat(granted.kind()).isEqualTo(SvidKind.AGENT);
    assertThat(granted.template().id())
        .hasToString("spiffe://shop.example/signet/agent/demo/node-1");
    assertThat(granted.template().notAfter()).isEqualTo(NOW.plus(Duration.ofHours(1)));
    assertThat(granted.attestation().orElseThrow().agentPodUid()).isEqualTo(World.AGENT_POD_UID);
    assertThat(granted.replacesAgentPod()).isEmpty();
  }

  @Test
  void sameAgentPodAgain_grantedWithoutReplacing() {
    Facts.Agent sound = World.agentFacts();
    Facts.Incumbent itself =
        new Facts.Incumbent.Read(World.liveAgent(), Optional.of(World.agentPod()));
    Facts facts =
        new Facts.Agent(sound.token(), sound.evidence(), Optional.of(itself), World.key());

    assertThat(granted(Decisions.decide(facts, POLICY, NOW)).replacesAgentPod()).isEmpty();
  }

  static Stream<Optional<PodState>> endedIncumbents() {
    return Stream.of(
        Optional.empty(),
        Optional.of(incumbentPod(true)),
        // Another pod took the name.
        Optional.of(
            new PodState(
                "signet-system",
                "signet-agent-0",
                "agent-pod-uid-9",
                "signet-agent",
                World.NODE,
                PodState.Phase.RUNNING,
                false)),
        Optional.of(
            new PodState(
                "signet-system",
                "signet-agent-0",
                "agent-pod-uid-0",
                "signet-agent",
                World.NODE,
                PodState.Phase.FAILED,
                false)));
  }

  @ParameterizedTest
  @MethodSource("endedIncumbents")
  void formerAgentIsGoneOrGoing_replaced(Optional<PodState> former) {
    Facts.Agent sound = World.agentFacts();
    LiveAgent agent =
        new LiveAgent(
            World.CLUSTER,
            World.NODE,
            World.NODE_UID,
            "signet-system",
            "signet-agent-0",
            "agent-pod-uid-0",
            "abc0",
            NOW.minusSeconds(3600),
            NOW);
    Facts facts =
        new Facts.Agent(
            sound.token(),
            sound.evidence(),
            Optional.of(new Facts.Incumbent.Read(agent, former)),
            World.key());

    assertThat(granted(Decisions.decide(facts, POLICY, NOW)).replacesAgentPod())
        .contains("agent-pod-uid-0");
  }

  @Test
  void server_grantedItsOwnId() {
    Granted granted = granted(Decisions.decide(new Facts.Server(World.key()), POLICY, NOW));

    assertThat(granted.kind()).isEqualTo(SvidKind.SERVER);
    assertThat(granted.template().id()).hasToString("spiffe://shop.example/signet/ca");
    assertThat(granted.template().notAfter()).isEqualTo(NOW.plus(Duration.ofHours(1)));
    assertThat(granted.attestation()).isEmpty();
  }

  @Test
  void policyWithIllegalClusterName_refusedAtOnce() {
    for (String cluster : List.of("", ".", "..", "a/b", "a b")) {
      UnaryOperator<IssuancePolicy> named =
          p ->
              new IssuancePolicy(
                  p.trustDomain(),
                  cluster,
                  p.mode(),
                  p.workloadTtl(),
                  p.backdate(),
                  p.agentAccounts(),
                  p.defaultAccountNamespaces());
      assertThatThrownBy(() -> named.apply(POLICY))
          .as("cluster '%s' (T46)", cluster)
          .isInstanceOf(InvalidSpiffeIdException.class);
    }
  }

  private static Case caller(String name, RefusalReason reason, Optional<LiveAgent> live) {
    Facts.Workload sound = World.workload();
    return new Case(
        name,
        reason,
        new Facts.Workload(
            sound.caller(), live, sound.token(), sound.evidence(), Optional.empty(), sound.key()));
  }

  private static Case token(String name, RefusalReason reason, TokenSubject token) {
    Facts.Workload sound = World.workload();
    return new Case(
        name,
        reason,
        new Facts.Workload(
            sound.caller(),
            sound.liveAgent(),
            token,
            sound.evidence(),
            Optional.empty(),
            sound.key()));
  }

  private static Case pod(String name, RefusalReason reason, Optional<PodState> pod) {
    return new Case(name, reason, with(pod));
  }

  private static Facts with(Optional<PodState> pod) {
    Facts.Workload sound = World.workload();
    return new Facts.Workload(
        sound.caller(), sound.liveAgent(), sound.token(), read(pod), Optional.empty(), sound.key());
  }

  private static Facts agent(TokenSubject token) {
    return new Facts.Agent(
        token, read(Optional.of(World.agentPod())), Optional.empty(), World.key());
  }

  private static TokenSubject cartOn(String node, String nodeUid) {
    return World.subject(
        World.review(
            TokenAudience.WORKLOAD, "cart", "cart", "cart-1", World.POD_UID, node, nodeUid));
  }

  private static TokenSubject agentToken(String namespace, String account, String node) {
    return World.subject(
        World.review(
            TokenAudience.AGENT,
            namespace,
            account,
            "signet-agent-1",
            World.AGENT_POD_UID,
            node,
            World.NODE_UID),
        TokenAudience.AGENT);
  }

  private static Facts runningAs(String namespace, String account) {
    Facts.Workload sound = World.workload();
    return new Facts.Workload(
        sound.caller(),
        sound.liveAgent(),
        World.subject(
            World.review(TokenAudience.WORKLOAD, namespace, account, "cart-1", World.POD_UID)),
        read(pod(namespace, "cart-1", World.POD_UID, account, World.NODE)),
        Optional.empty(),
        sound.key());
  }

  private static PodEvidence read(Optional<PodState> pod) {
    return new PodEvidence.Read(pod);
  }

  private static Optional<PodState> pod(
      String namespace, String name, String uid, String account, String node) {
    return Optional.of(
        new PodState(namespace, name, uid, account, node, PodState.Phase.RUNNING, false));
  }

  private static Optional<PodState> in(PodState.Phase phase) {
    return Optional.of(
        new PodState("cart", "cart-1", World.POD_UID, "cart", World.NODE, phase, false));
  }

  private static PodState onNode(PodState pod, String node) {
    return new PodState(
        pod.namespace(), pod.name(), pod.uid(), pod.serviceAccount(), node, pod.phase(), false);
  }

  private static PodState incumbentPod(boolean deletionMarked) {
    return new PodState(
        "signet-system",
        "signet-agent-0",
        "agent-pod-uid-0",
        "signet-agent",
        World.NODE,
        PodState.Phase.RUNNING,
        deletionMarked);
  }

  private static Granted granted(Decision decision) {
    assertThat(decision).isInstanceOf(Granted.class);
    return (Granted) decision;
  }

  private static Refusal refusal(Decision decision) {
    assertThat(decision).isInstanceOf(Refused.class);
    return ((Refused) decision).refusal();
  }
}
