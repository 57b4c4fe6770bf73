package dev.signet.ca.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.PodEvidence;
import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.TokenReview;
import dev.signet.ca.issuance.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ReviewingAttestorTest {
  private static final String TOKEN = "cart.token.1";
  private static final PodName CART = new PodName("cart", "cart-1");
  private static final PodEvidence CART_IS_THERE =
      new PodEvidence.Read(Optional.of(World.cartPod()));
  private static final AttestationLimits GENEROUS =
      new AttestationLimits(Duration.ofSeconds(10), 8, 100);

  private final ScriptedKubernetes kubernetes =
      new ScriptedKubernetes().answers(TOKEN, World.cartReview()).has(World.cartPod());
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Attestor> made = new ArrayList<>();

  @AfterEach
  void close() {
    callers.shutdownNow();
    made.forEach(Attestor::close);
  }

  @Test
  void soundToken_itsFacts() throws Exception {
    Attested attested =
        attestor(Optional.of(CART), GENEROUS).attest(token(), TokenAudience.WORKLOAD);

    assertThat(attested.subject().podUid()).isEqualTo(World.POD_UID);
    assertThat(attested.evidence()).isEqualTo(CART_IS_THERE);
    assertThat(kubernetes.readPods).containsExactly(CART);
    assertThat(kubernetes.askedAudiences).containsExactly("signet://shop.example/workload");
  }

  @Test
  void podIsRead_whileTheReviewIsUnderWay() throws Exception {
    kubernetes.reviewGate = ScriptedKubernetes.Gate.shut(1);
    kubernetes.podGate = ScriptedKubernetes.Gate.shut(1);
    Future<Attested> attested = attestInBackground(attestor(Optional.of(CART), GENEROUS));

    kubernetes.reviewGate.awaitArrivals();
    kubernetes.podGate.awaitArrivals();
    kubernetes.reviewGate.release();
    kubernetes.podGate.release();

    assertThat(attested.get(10, TimeUnit.SECONDS).evidence()).isEqualTo(CART_IS_THERE);
  }

  /** The claims lie, or say nothing: the review decides which pod is the token's. */
  @Test
  void hintNamesAnotherPod_theReviewedOneIsRead() throws Exception {
    PodName victim = new PodName("payments", "payments-1");
    kubernetes.has(
        new PodState(
            "payments",
            "payments-1",
            "pod-uid-9",
            "payments",
            World.NODE,
            PodState.Phase.RUNNING,
            false));

    Attested attested =
        attestor(Optional.of(victim), GENEROUS).attest(token(), TokenAudience.WORKLOAD);

    assertThat(attested.evidence()).isEqualTo(CART_IS_THERE);
    assertThat(kubernetes.readPods).containsExactlyInAnyOrder(victim, CART);
    assertThat(
            attestor(Optional.empty(), GENEROUS).attest(token(), TokenAudience.WORKLOAD).evidence())
        .isEqualTo(CART_IS_THERE);
  }

  /** A refusal of the review stands, however the early read ended. */
  @Test
  void rejectedToken_refusedWithoutWaitingForThePod() {
    kubernetes.podGate = ScriptedKubernetes.Gate.shut(1);
    Attestor attestor = attestor(Optional.of(CART), GENEROUS);

    assertThatThrownBy(
            () -> attestor.attest(ServiceAccountToken.parse("a.b.c"), TokenAudience.WORKLOAD))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(RefusalReason.TOKEN_REJECTED));
  }

  @Test
  void tokenOfAnotherAudience_refused() {
    Attestor attestor = attestor(Optional.of(CART), GENEROUS);

    assertThatThrownBy(() -> attestor.attest(token(), TokenAudience.AGENT))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(RefusalReason.TOKEN_REJECTED));
  }

  @Test
  void noAnswer_isNeitherYesNorNo() {
    kubernetes.down = true;
    Attestor attestor = attestor(Optional.of(CART), GENEROUS);

    assertThatThrownBy(() -> attestor.attest(token(), TokenAudience.WORKLOAD))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(RefusalReason.KUBERNETES_UNAVAILABLE));
  }

  @Test
  void silence_endsAtTheDeadline() {
    kubernetes.reviewGate = ScriptedKubernetes.Gate.shut(1);
    Attestor attestor =
        attestor(Optional.of(CART), new AttestationLimits(Duration.ofMillis(100), 8, 100));

    assertThatThrownBy(() -> attestor.attest(token(), TokenAudience.WORKLOAD))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(RefusalReason.KUBERNETES_UNAVAILABLE));
  }

  /** The same token asked about at once costs one review; asked about again, another. */
  @Test
  void identicalReviewsInFlight_oneCall_andNoneIsKept() throws Exception {
    kubernetes.reviewGate = ScriptedKubernetes.Gate.shut(1);
    try (ApiCalls calls = new ApiCalls(GENEROUS)) {
      InFlightReviews reviews = new InFlightReviews(kubernetes, calls, World.TRUST_DOMAIN);

      Future<TokenReview> first = reviews.of(token(), TokenAudience.WORKLOAD);
      Future<TokenReview> joined = reviews.of(token(), TokenAudience.WORKLOAD);
      Future<TokenReview> forAgents = reviews.of(token(), TokenAudience.AGENT);
      kubernetes.reviewGate.release();

      assertThat(joined).isSameAs(first);
      assertThat(forAgents).isNotSameAs(first);
      assertThat(first.get(10, TimeUnit.SECONDS).authenticated()).isTrue();
      assertThat(forAgents.get(10, TimeUnit.SECONDS).authenticated()).isFalse();
      assertThat(reviews.of(token(), TokenAudience.WORKLOAD)).isNotSameAs(first);
    }
  }

  /** A call that was turned away must not stand in the way of the next. */
  @Test
  void reviewTurnedAway_isNotKept() throws Exception {
    kubernetes.podGate = ScriptedKubernetes.Gate.shut(1);
    Attestor attestor =
        attestor(Optional.empty(), new AttestationLimits(Duration.ofSeconds(10), 1, 0));
    Future<Facts.Incumbent> busy = callers.submit(() -> attestor.incumbent(World.liveAgent()));
    kubernetes.podGate.awaitArrivals();
    assertThatThrownBy(() -> attestor.attest(token(), TokenAudience.WORKLOAD))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(RefusalReason.OVERLOADED));

    kubernetes.podGate.release();
    busy.get(10, TimeUnit.SECONDS);

    assertThat(attestor.attest(token(), TokenAudience.WORKLOAD).evidence())
        .isEqualTo(CART_IS_THERE);
  }

  @Test
  void tooManyWait_overloaded() throws Exception {
    kubernetes.reviewGate = ScriptedKubernetes.Gate.shut(1);
    Attestor attestor =
        attestor(Optional.empty(), new AttestationLimits(Duration.ofSeconds(10), 1, 0));
    Future<Attested> first = attestInBackground(attestor);
    kubernetes.reviewGate.awaitArrivals();

    assertThatThrownBy(() -> attestor.incumbent(World.liveAgent()))
        .satisfies(e -> assertThat(reason(e)).isEqualTo(RefusalReason.OVERLOADED));

    kubernetes.reviewGate.release();
    assertThat(first.get(10, TimeUnit.SECONDS).evidence()).isEqualTo(CART_IS_THERE);
  }

  @Test
  void callerGoesAway_itsReadIsStopped_theSharedReviewGoesOn() throws Exception {
    kubernetes.reviewGate = ScriptedKubernetes.Gate.shut(1);
    Attestor attestor = attestor(Optional.of(CART), GENEROUS);
    Future<Attested> leaving = attestInBackground(attestor);
    kubernetes.reviewGate.awaitArrivals();
    Future<Attested> staying = attestInBackground(attestor);
    leaving.cancel(true);

    kubernetes.reviewGate.release();

    assertThat(staying.get(10, TimeUnit.SECONDS).evidence()).isEqualTo(CART_IS_THERE);
  }

  private Attestor attestor(Optional<PodName> hint, AttestationLimits limits) {
    Attestor attestor =
        new ReviewingAttestor(
            World.CLUSTER, World.TRUST_DOMAIN, kubernetes, kubernetes, _ -> hint, limits);
    made.add(attestor);
    return attestor;
  }

  private Future<Attested> attestInBackground(Attestor attestor) {
    return callers.submit(() -> attestor.attest(token(), TokenAudience.WORKLOAD));
  }

  private static ServiceAccountToken token() throws RefusedException {
    return ServiceAccountToken.parse(TOKEN);
  }

  private static RefusalReason reason(Throwable thrown) {
    assertThat(thrown).isInstanceOf(RefusedException.class);
    return ((RefusedException) thrown).refusal().reason();
  }
}
