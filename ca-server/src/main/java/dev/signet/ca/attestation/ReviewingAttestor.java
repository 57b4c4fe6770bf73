package dev.signet.ca.attestation;

import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.PodEvidence;
import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.TokenReview;
import dev.signet.ca.issuance.TokenSubject;
import dev.signet.spiffe.TrustDomain;
import java.util.Optional;
import java.util.concurrent.Future;

/**
 * {@link AttestationMode#CA_REVIEW}: asks the API server for the facts about a token: the review,
 * and beside it the pod. What it returns rests on the review alone; the token's unverified claims
 * only say which pod is worth reading while the review is under way, and where they were wrong the
 * right one is read after it.
 *
 * <p>Trouble with the API server is never a no and never a yes. Thread-safe; blocks the caller for
 * at most the deadline of its limits.
 */
public final class ReviewingAttestor implements Attestor {
  private final String cluster;
  private final TrustDomain trustDomain;
  private final PodReader pods;
  private final PodHint hint;
  private final AttestationLimits limits;
  private final ApiCalls calls;
  private final InFlightReviews reviews;

  /**
   * Makes an attestor for one cluster.
   *
   * @param cluster name of the cluster whose API server {@code reviewer} and {@code pods} ask
   */
  public ReviewingAttestor(
      String cluster,
      TrustDomain trustDomain,
      TokenReviewer reviewer,
      PodReader pods,
      PodHint hint,
      AttestationLimits limits) {
    this.cluster = cluster;
    this.trustDomain = trustDomain;
    this.pods = pods;
    this.hint = hint;
    this.limits = limits;
    this.calls = new ApiCalls(limits);
    this.reviews = new InFlightReviews(reviewer, calls, trustDomain);
  }

  @Override
  public AttestationMode mode() {
    return AttestationMode.CA_REVIEW;
  }

  /** Reviews the token and reads its pod. */
  @Override
  public Attested attest(ServiceAccountToken token, TokenAudience audience)
      throws RefusedException, InterruptedException {
    long deadline = System.nanoTime() + limits.deadline().toNanos();
    Optional<EarlyRead> early = hint.of(token).map(this::readEarly);
    try {
      TokenReview review = calls.await(reviews.of(token, audience), deadline);
      TokenSubject subject = TokenSubject.of(review, cluster, trustDomain, audience);
      PodName name = new PodName(subject.account().namespace(), subject.podName());
      Future<Optional<PodState>> pod =
          early
              .filter(read -> read.name().equals(name))
              .map(EarlyRead::pod)
              .orElseGet(() -> read(name));
      return new Attested(subject, new PodEvidence.Read(calls.await(pod, deadline)));
    } finally {
      early.ifPresent(read -> read.pod().cancel(true));
    }
  }

  @Override
  public Facts.Incumbent incumbent(LiveAgent agent) throws RefusedException, InterruptedException {
    PodName name = new PodName(agent.podNamespace(), agent.podName());
    return new Facts.Incumbent.Read(
        agent, calls.await(read(name), System.nanoTime() + limits.deadline().toNanos()));
  }

  private EarlyRead readEarly(PodName name) {
    return new EarlyRead(name, read(name));
  }

  private Future<Optional<PodState>> read(PodName name) {
    return calls.start(() -> pods.read(name));
  }

  private record EarlyRead(PodName name, Future<Optional<PodState>> pod) {}

  @Override
  public void close() {
    calls.close();
  }
}
