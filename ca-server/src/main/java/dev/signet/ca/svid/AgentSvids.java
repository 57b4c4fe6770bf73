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
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.TokenSubject;
import java.util.Optional;

/** SVIDs for node agents, by their own pod's token. Thread-safe. */
public final class AgentSvids {
  private final CsrVerifier csrs;
  private final Attestor attestor;
  private final LiveAgents agents;
  private final Issuance issuance;
  private final AuditTrail audit;

  public AgentSvids(
      CsrVerifier csrs, Attestor attestor, LiveAgents agents, Issuance issuance, AuditTrail audit) {
    this.csrs = csrs;
    this.attestor = attestor;
    this.agents = agents;
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
    Facts facts =
        new Facts.Agent(
            attested.subject(), attested.evidence(), incumbent(attested.subject()), key);
    return issuance.issue(facts);
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
