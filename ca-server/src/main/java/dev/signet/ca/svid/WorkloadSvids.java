package dev.signet.ca.svid;

import dev.signet.ca.attestation.Attested;
import dev.signet.ca.attestation.Attestor;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.Decisions;
import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.ProvenKey;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.issuance.TokenAudience;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** SVIDs for the pods of the calling agent's node. Thread-safe. */
public final class WorkloadSvids {
  private final CsrVerifier csrs;
  private final Attestor attestor;
  private final LiveAgents agents;
  private final Issuance issuance;
  private final AuditTrail audit;

  public WorkloadSvids(
      CsrVerifier csrs, Attestor attestor, LiveAgents agents, Issuance issuance, AuditTrail audit) {
    this.csrs = csrs;
    this.attestor = attestor;
    this.agents = agents;
    this.issuance = issuance;
    this.audit = audit;
  }

  /** Takes answers, each as soon as it is there, from several threads at once. */
  public interface Answers {
    /**
     * Takes one answer.
     *
     * @param index of its request in the list
     */
    void accept(int index, SvidAnswer answer);
  }

  /**
   * Answers each request by itself, so that a slow or bad one holds up none of the others. Returns
   * when all are answered.
   *
   * @throws InterruptedException if it was told to stop; what is under way is stopped, and no
   *     answer comes any more
   */
  public void issue(Caller caller, AgentPeer agent, List<SvidRequest> requests, Answers answers)
      throws InterruptedException {
    Set<String> keys = new HashSet<>();
    // Closing it waits for all, and stops all if this thread is interrupted meanwhile.
    try (ExecutorService each =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("svid-", 0).factory())) {
      for (int i = 0; i < requests.size(); i++) {
        int index = i;
        SvidRequest request = requests.get(i);
        Attempt attempt = new Attempt(SvidKind.WORKLOAD, attestor.mode(), caller, request, audit);
        Proof proof = prove(request, keys);
        each.execute(() -> {
          try {
            answers.accept(index, attempt.run(steps -> issue(steps, agent, request, proof)));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
      }
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("the requests are not wanted any more");
    }
  }

  private Issuance.Outcome issue(Attempt attempt, AgentPeer agent, SvidRequest request, Proof proof)
      throws RefusedException, InterruptedException {
    Decisions.requireReview(attestor.mode(), request.agentReview());
    ProvenKey key = proof.key();
    ServiceAccountToken token = ServiceAccountToken.parse(request.token());
    Attested attested = attempt.found(attestor.attest(token, TokenAudience.WORKLOAD));
    Facts facts =
        new Facts.Workload(
            agent,
            agents.on(agent.cluster(), agent.nodeName()),
            attested.subject(),
            attested.evidence(),
            request.agentReview(),
            key);
    return issuance.issue(facts);
  }

  /** A proven key, or why there is none. */
  private interface Proof {
    ProvenKey key() throws RefusedException;
  }

  /**
   * In the order of the requests, so that of two with one key it is always the second that is
   * refused.
   */
  private Proof prove(SvidRequest request, Set<String> keys) {
    try {
      ProvenKey key = csrs.verify(request.csr());
      if (!keys.add(key.spkiSha256())) {
        throw new RefusedException(
            RefusalReason.CSR_KEY_REUSED, "key " + key.spkiSha256() + " came before");
      }
      return () -> key;
    } catch (RefusedException e) {
      return () -> {
        throw e;
      };
    } catch (RuntimeException e) {
      return () -> {
        throw new IllegalStateException("the CSR could not be verified", e);
      };
    }
  }
}
