package dev.signet.ca.svid;

import dev.signet.ca.attestation.Attested;
import dev.signet.ca.attestation.Attestor;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.ProvenKey;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.TokenSubject;
import dev.signet.ca.rotation.NodeRef;
import java.util.Optional;
import java.util.function.Predicate;

/** SVIDs for node agents, by their own pod's token. Thread-safe. */
public final class AgentSvids {
  private final CsrVerifier csrs;
  private final Attestor attestor;
  private final LiveAgents agents;
  private final Predicate<NodeRef> banned;
  private final Issuance issuance;
  private final AuditTrail audit;

  public AgentSvids(
      CsrVerifier csrs,
      Attestor attestor,
      LiveAgents agents,
      Predicate<NodeRef> banned,
      Issuance issuance,
      AuditTrail audit) {
    this.csrs = csrs;
    this.attestor = attestor;
    this.agents = agents;
    this.banned = banned;
    this.issuance = issuance;
    this.audit = audit;
  }

  /** Attests the agent and answers. Blocks. */
  public SvidAnswer issue(Caller caller, SvidRequest request) throws InterruptedException {
    return new Attempt(SvidKind.AGENT, attestor.mode(), caller, request, audit)
        .run(attempt -> issue(attempt, request));
  }

  private Issuance.Outcome issue(Attempt attempt, SvidRequest request)
      throws RefusedException, InterruptedException {
    ServiceAccountToken token = ServiceAccountToken.parse(request.token());
    ProvenKey key = csrs.verify(request.csr());
    Attested attested = attempt.found(attestor.attest(token, TokenAudience.AGENT));
    requireNotBanned(attested.subject());
    Facts facts =
        new Facts.Agent(
            attested.subject(), attested.evidence(), incumbent(attested.subject()), key);
    return issuance.issue(facts);
  }

  /** Until the token is reviewed nobody knows which node's agent asks. */
  private void requireNotBanned(TokenSubject subject) throws RefusedException {
    if (banned.test(new NodeRef(subject.cluster(), subject.nodeName()))) {
      throw new RefusedException(
          RefusalReason.AGENT_BANNED, "node " + subject.nodeName() + " is banned");
    }
  }

  /** Another pod that is this node's agent so far, and what is known of it. */
  private Optional<Facts.Incumbent> incumbent(TokenSubject subject)
      throws RefusedException, InterruptedException {
    Optional<LiveAgent> live =
        agents
            .on(subject.cluster(), subject.nodeName())
            .filter(agent -> !agent.podUid().equals(subject.podUid()));
    return live.isEmpty() ? Optional.empty() : Optional.of(attestor.incumbent(live.get()));
  }
}
