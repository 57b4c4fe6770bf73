package dev.signet.ca.issuance;

import dev.signet.spiffe.InvalidSpiffeIdException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Whether an SVID is issued, and what it says: a pure function of facts, policy and time, and the
 * only maker of {@link Granted}.
 *
 * <p>Three facts must agree before anything is signed for a pod: the caller is the live agent of
 * its node; the cluster vouches for the token and puts it on that very node; the pod is there,
 * alive, and the one the token speaks of. The ID is made of what the cluster vouched for and of
 * nothing that the caller says. Where the policy is that a cluster's agents review, the third fact
 * is the calling agent's word, and the first two are not.
 */
public final class Decisions {
  private static final String DEFAULT_ACCOUNT = "default";

  private Decisions() {}

  /** Decides. Total: every set of facts gets an answer. */
  public static Decision decide(Facts facts, IssuancePolicy policy, Instant now) {
    try {
      return switch (facts) {
        case Facts.Workload workload -> workload(workload, policy, now);
        case Facts.Agent agent -> agent(agent, policy, now);
        case Facts.Server server -> server(server, policy, now);
      };
    } catch (RefusedException e) {
      return new Refused(e.refusal());
    } catch (InvalidSpiffeIdException e) {
      return new Refused(Refusal.of(RefusalReason.ID_NOT_LEGAL, String.valueOf(e.getMessage())));
    }
  }

  private static Granted workload(Facts.Workload facts, IssuancePolicy policy, Instant now)
      throws RefusedException {
    TokenSubject token = facts.token();
    requireMode(facts.evidence(), policy);
    LiveAgent agent = facts.caller().alive(facts.liveAgent(), now);
    requireAudience(token, TokenAudience.WORKLOAD);
    requireNode(token, facts.caller(), agent);
    requireReview(policy.mode(), facts.agentReview());
    switch (facts.evidence()) {
      case PodEvidence.Read(Optional<PodState> pod) -> requirePod(token, pod);
      case PodEvidence.Signed _ ->
          requireAgreement(token, facts.agentReview().orElseThrow(), policy.trustDomain());
    }
    if (token.account().name().equals(DEFAULT_ACCOUNT)
        && !policy.defaultAccountNamespaces().contains(token.account().namespace())) {
      throw new RefusedException(
          RefusalReason.DEFAULT_ACCOUNT_NOT_ALLOWED, token.account() + " is not allowed");
    }
    LeafTemplate template =
        leaf(workloadId(token, policy), policy.workloadTtl(), facts.key(), policy, now);
    return new Granted(
        SvidKind.WORKLOAD,
        template,
        Optional.of(attestation(policy.mode(), token, agent.podUid())),
        Optional.empty());
  }

  private static Granted agent(Facts.Agent facts, IssuancePolicy policy, Instant now)
      throws RefusedException {
    TokenSubject token = facts.token();
    requireMode(facts.evidence(), policy);
    requireAudience(token, TokenAudience.AGENT);
    if (!policy.agentAccounts().contains(token.account())) {
      throw new RefusedException(
          RefusalReason.AGENT_ACCOUNT_NOT_ALLOWED,
          token.account() + " is not one of " + policy.agentAccounts());
    }
    if (facts.evidence() instanceof PodEvidence.Read(Optional<PodState> pod)) {
      requirePod(token, pod);
    }
    Optional<Facts.Incumbent> other =
        facts.incumbent().filter(i -> !i.agent().podUid().equals(token.podUid()));
    if (other.filter(i -> staysInTheWay(i, facts.evidence(), now)).isPresent()) {
      throw new RefusedException(
          RefusalReason.AGENT_ALREADY_ON_NODE,
          token + ", but pod " + other.get().agent().podUid() + " is the agent there");
    }
    SpiffeId id = ReservedIds.agent(policy.trustDomain(), token.cluster(), token.nodeName());
    LeafTemplate template = leaf(id, policy.agentTtl(), facts.key(), policy, now);
    return new Granted(
        SvidKind.AGENT,
        template,
        Optional.of(attestation(policy.mode(), token, token.podUid())),
        other.map(i -> i.agent().podUid()));
  }

  private static Granted server(Facts.Server facts, IssuancePolicy policy, Instant now) {
    SpiffeId id = ReservedIds.server(policy.trustDomain());
    LeafTemplate template = leaf(id, IssuancePolicy.OWN_TTL, facts.key(), policy, now);
    return new Granted(SvidKind.SERVER, template, Optional.empty(), Optional.empty());
  }

  /**
   * Whether a request carries an agent's review where the cluster is one whose agents review, and
   * none where it is not. It can be told before anything is asked or verified.
   *
   * @throws RefusedException {@code AGENT_REVIEW_NOT_ALLOWED} or {@code AGENT_REVIEW_MISSING}
   */
  public static void requireReview(AttestationMode mode, Optional<TokenReview> agentReview)
      throws RefusedException {
    switch (mode) {
      case CA_REVIEW -> {
        if (agentReview.isPresent()) {
          throw new RefusedException(
              RefusalReason.AGENT_REVIEW_NOT_ALLOWED,
              "cluster.review is ca here, and the agent's review is agent");
        }
      }
      case AGENT_REVIEW -> {
        if (agentReview.isEmpty()) {
          throw new RefusedException(
              RefusalReason.AGENT_REVIEW_MISSING,
              "cluster.review is agent here, and the agent's review is ca");
        }
      }
    }
  }

  /** Facts of one mode prove nothing in the other. */
  private static void requireMode(PodEvidence evidence, IssuancePolicy policy)
      throws RefusedException {
    if (evidence.mode() != policy.mode()) {
      throw new RefusedException(
          RefusalReason.INTERNAL_ERROR,
          "the facts were gathered by " + evidence.mode() + ", the policy is " + policy.mode());
    }
  }

  /** What the agent was told of the token has to be what the cluster signed. */
  private static void requireAgreement(
      TokenSubject token, TokenReview review, TrustDomain trustDomain) throws RefusedException {
    TokenSubject reviewed;
    try {
      reviewed = TokenSubject.of(review, token.cluster(), trustDomain, token.audience());
    } catch (RefusedException e) {
      throw new RefusedException(
          RefusalReason.AGENT_REVIEW_MISMATCH, token + ", the review: " + e.getMessage(), e);
    }
    if (!reviewed.agreesWith(token)) {
      throw new RefusedException(
          RefusalReason.AGENT_REVIEW_MISMATCH,
          "signed: " + token.described() + "; reviewed: " + reviewed.described());
    }
  }

  /**
   * Whether the agent that a node has so far keeps another pod from becoming it. Where nobody can
   * look, it does until its SVID ends, unless the cluster issued the other's token after it got
   * that SVID: to a pod that is gone, no more tokens are issued.
   */
  private static boolean staysInTheWay(
      Facts.Incumbent incumbent, PodEvidence newcomer, Instant now) {
    return switch (incumbent) {
      case Facts.Incumbent.Read read -> read.exists();
      case Facts.Incumbent.Unseen(LiveAgent agent) ->
          now.isBefore(agent.notAfter())
              && !(newcomer instanceof PodEvidence.Signed(Instant issuedAt)
                  && issuedAt.isAfter(agent.attestedAt()));
    };
  }

  /** Audiences are never interchangeable, whatever the token's pod may do. */
  private static void requireAudience(TokenSubject token, TokenAudience audience)
      throws RefusedException {
    if (token.audience() != audience) {
      throw new RefusedException(
          RefusalReason.TOKEN_AUDIENCE_MISSING,
          "the token is for " + token.audience() + ", needed is one for " + audience);
    }
  }

  private static void requireNode(TokenSubject token, AgentPeer caller, LiveAgent agent)
      throws RefusedException {
    if (!token.cluster().equals(caller.cluster()) || !token.nodeName().equals(caller.nodeName())) {
      throw new RefusedException(
          RefusalReason.NODE_MISMATCH,
          token + " of cluster " + token.cluster() + ", asked for by " + caller.id());
    }
    if (!token.nodeUid().equals(agent.nodeUid())) {
      throw new RefusedException(
          RefusalReason.NODE_UID_MISMATCH,
          token + ": node UID " + token.nodeUid() + ", the agent's is " + agent.nodeUid());
    }
  }

  private static void requirePod(TokenSubject token, Optional<PodState> found)
      throws RefusedException {
    if (found.isEmpty()) {
      throw new RefusedException(RefusalReason.POD_NOT_FOUND, token + " is not there");
    }
    PodState pod = found.get();
    if (!pod.namespace().equals(token.account().namespace())
        || !pod.name().equals(token.podName())
        || !pod.uid().equals(token.podUid())) {
      throw new RefusedException(
          RefusalReason.POD_UID_MISMATCH,
          token + ", found was " + pod.namespace() + "/" + pod.name() + " (" + pod.uid() + ")");
    }
    if (!pod.serviceAccount().equals(token.account().name())) {
      throw new RefusedException(
          RefusalReason.POD_ACCOUNT_MISMATCH, token + ", the pod's is " + pod.serviceAccount());
    }
    if (!pod.nodeName().equals(token.nodeName())) {
      throw new RefusedException(
          RefusalReason.POD_NODE_MISMATCH, token + ", the pod's is '" + pod.nodeName() + "'");
    }
    if (pod.phase() == PodState.Phase.UNKNOWN) {
      throw new RefusedException(
          RefusalReason.KUBERNETES_UNAVAILABLE, token + ": its phase is unknown");
    }
    if (!pod.phase().live()) {
      throw new RefusedException(
          RefusalReason.POD_FINISHED, token + ": its phase is " + pod.phase());
    }
    if (pod.deletionMarked()) {
      throw new RefusedException(RefusalReason.POD_TERMINATING, token + " is marked for deletion");
    }
  }

  /** The template {@code /ns/<namespace>/sa/<account>}: each value is one segment as it stands. */
  private static SpiffeId workloadId(TokenSubject token, IssuancePolicy policy) {
    ServiceAccountName account = token.account();
    return SpiffeId.of(policy.trustDomain(), "ns", account.namespace(), "sa", account.name());
  }

  /** Whole seconds, because X.509 knows no finer ones. */
  private static LeafTemplate leaf(
      SpiffeId id, Duration ttl, ProvenKey key, IssuancePolicy policy, Instant now) {
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    return new LeafTemplate(id, second.minus(policy.backdate()), second.plus(ttl), key);
  }

  private static Attestation attestation(
      AttestationMode mode, TokenSubject token, String agentPodUid) {
    return new Attestation(
        mode,
        token.cluster(),
        token.account().namespace(),
        token.podName(),
        token.podUid(),
        token.account().name(),
        token.accountUid(),
        token.nodeName(),
        token.nodeUid(),
        token.credentialId(),
        agentPodUid);
  }
}
