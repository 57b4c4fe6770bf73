package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Facts in which all is well, for tests to spoil one of: the pod {@code cart/cart-1} of account
 * {@code cart/cart} on node {@code node-1}, whose agent is the pod {@code
 * signet-system/signet-agent-1}.
 */
public final class World {
  public static final TrustDomain TRUST_DOMAIN = TrustDomain.parse("shop.example");
  public static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  public static final String CLUSTER = "demo";
  public static final String NODE = "node-1";
  public static final String NODE_UID = "node-uid-1";
  public static final String POD_UID = "pod-uid-1";
  public static final String AGENT_POD_UID = "agent-pod-uid-1";
  public static final String SERIAL = "abc1";
  public static final IssuancePolicy POLICY =
      new IssuancePolicy(
          TRUST_DOMAIN,
          CLUSTER,
          AttestationMode.CA_REVIEW,
          Duration.ofMinutes(30),
          Duration.ofMinutes(5),
          Set.of(new ServiceAccountName("signet-system", "signet-agent")),
          Set.of("legacy"));

  private static final String EXTRA = "authentication.kubernetes.io/";

  private World() {}

  /** Like {@link #POLICY}, for a cluster whose agents review. */
  public static IssuancePolicy agentReviewPolicy() {
    return new IssuancePolicy(
        POLICY.trustDomain(),
        POLICY.cluster(),
        AttestationMode.AGENT_REVIEW,
        POLICY.workloadTtl(),
        POLICY.backdate(),
        POLICY.agentAccounts(),
        POLICY.defaultAccountNamespaces());
  }

  /** The answer to a review of a pod's token. */
  public static TokenReview review(
      TokenAudience audience, String namespace, String account, String pod, String podUid) {
    return review(audience, namespace, account, pod, podUid, NODE, NODE_UID);
  }

  public static TokenReview review(
      TokenAudience audience,
      String namespace,
      String account,
      String pod,
      String podUid,
      String node,
      String nodeUid) {
    Map<String, List<String>> extra = new HashMap<>();
    extra.put(EXTRA + "pod-name", List.of(pod));
    extra.put(EXTRA + "pod-uid", List.of(podUid));
    extra.put(EXTRA + "node-name", List.of(node));
    extra.put(EXTRA + "node-uid", List.of(nodeUid));
    extra.put(EXTRA + "credential-id", List.of("JTI=1"));
    return new TokenReview(
        true,
        "",
        List.of(audience.in(TRUST_DOMAIN)),
        "system:serviceaccount:" + namespace + ":" + account,
        "account-uid-1",
        List.of(
            "system:serviceaccounts",
            "system:serviceaccounts:" + namespace,
            "system:authenticated"),
        extra);
  }

  public static TokenReview cartReview() {
    return review(TokenAudience.WORKLOAD, "cart", "cart", "cart-1", POD_UID);
  }

  public static TokenReview agentReview() {
    return review(
        TokenAudience.AGENT, "signet-system", "signet-agent", "signet-agent-1", AGENT_POD_UID);
  }

  static TokenReview with(TokenReview review, String key, List<String> values) {
    Map<String, List<String>> extra = new HashMap<>(review.extra());
    extra.put(EXTRA + key, values);
    return new TokenReview(
        review.authenticated(),
        review.error(),
        review.audiences(),
        review.username(),
        review.uid(),
        review.groups(),
        extra);
  }

  static TokenReview without(TokenReview review, String key) {
    return with(review, key, List.of());
  }

  static TokenSubject subject(TokenReview review) {
    return subject(review, TokenAudience.WORKLOAD);
  }

  static TokenSubject subject(TokenReview review, TokenAudience audience) {
    try {
      return TokenSubject.of(review, CLUSTER, TRUST_DOMAIN, audience);
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  public static PodState cartPod() {
    return new PodState("cart", "cart-1", POD_UID, "cart", NODE, PodState.Phase.RUNNING, false);
  }

  public static PodState agentPod() {
    return new PodState(
        "signet-system",
        "signet-agent-1",
        AGENT_POD_UID,
        "signet-agent",
        NODE,
        PodState.Phase.RUNNING,
        false);
  }

  /** The agent of {@link #NODE}, as its SVID names it. */
  public static AgentPeer agent() {
    return agent(NODE, SERIAL);
  }

  public static AgentPeer agent(String node, String serial) {
    return new AgentPeer(
        SpiffeId.of(TRUST_DOMAIN, "signet", "agent", CLUSTER, node),
        CLUSTER,
        node,
        serial,
        NOW.plus(Duration.ofHours(1)));
  }

  public static LiveAgent liveAgent() {
    return liveAgent(NODE, NODE_UID, SERIAL);
  }

  public static LiveAgent liveAgent(String node, String nodeUid, String serial) {
    return new LiveAgent(
        CLUSTER,
        node,
        nodeUid,
        "signet-system",
        "signet-agent-1",
        AGENT_POD_UID,
        serial,
        NOW,
        NOW.plus(Duration.ofHours(1)));
  }

  public static ProvenKey key() {
    return key(1);
  }

  /** A key by number; the decision never looks into it. */
  public static ProvenKey key(int number) {
    byte[] name = new byte[32];
    name[0] = (byte) number;
    return new ProvenKey(new NamedKey(number), HexFormat.of().formatHex(name));
  }

  static Facts.Workload workload() {
    return new Facts.Workload(
        agent(),
        Optional.of(liveAgent()),
        subject(cartReview()),
        new PodEvidence.Read(Optional.of(cartPod())),
        Optional.empty(),
        key());
  }

  static Facts.Agent agentFacts() {
    return new Facts.Agent(
        subject(agentReview(), TokenAudience.AGENT),
        new PodEvidence.Read(Optional.of(agentPod())),
        Optional.empty(),
        key());
  }

  private record NamedKey(int number) implements PublicKey {
    @Override
    public String getAlgorithm() {
      return "none";
    }

    @Override
    public String getFormat() {
      return "none";
    }

    @Override
    public byte[] getEncoded() {
      return new byte[] {(byte) number};
    }
  }
}
