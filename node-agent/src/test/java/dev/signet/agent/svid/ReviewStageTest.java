package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.pod.PodToken;
import dev.signet.agent.testing.FakeSvidAuthority;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestTokens;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The queue of an agent that reviews tokens itself. */
class ReviewStageTest {
  private static final AcceptedReview GOOD =
      new AcceptedReview(List.of("a"), "u", "1", List.of(), Map.of());

  private final ManualLoop loop = new ManualLoop(new SettableClock(NOW));
  private final FakeSvidAuthority authority = new FakeSvidAuthority();
  private final Reviewer reviewer = new Reviewer();
  private final PodIdentityFixture.Counted metrics = new PodIdentityFixture.Counted();
  private final IssuanceQueue queue = new IssuanceQueue(loop, authority, reviewer, metrics);
  private final CertificateRequest csr = CertificateRequest.create();

  @Test
  void acceptedToken_isSentWithItsReview() {
    queue.submit(new Recorded("one", true));
    assertThat(authority.calls()).isZero();

    reviewer.asked.getFirst().answer().accepted(GOOD);

    assertThat(authority.sizes()).containsExactly(1);
    SvidRequest sent = authority.call(0).request(0);
    assertThat(sent.review()).contains(GOOD);
    assertThat(sent.token()).isEqualTo(reviewer.asked.getFirst().token());
    assertThat(metrics.reviews).containsExactly(SvidMetrics.Review.ACCEPTED);
  }

  @Test
  void refusedToken_neverReachesTheCa() {
    var ask = new Recorded("one", true);
    queue.submit(ask);

    reviewer
        .asked
        .getFirst()
        .answer()
        .refused(new Refusal(Refusal.TOKEN_REJECTED, false, Optional.empty()));

    assertThat(ask.refusals).containsExactly(Refusal.TOKEN_REJECTED);
    assertThat(authority.calls()).isZero();
    assertThat(queue.depth()).isZero();
    assertThat(metrics.reviews).containsExactly(SvidMetrics.Review.REFUSED);
  }

  /** No answer is neither yes nor no: the pod's own back-off brings it again. */
  @Test
  void noAnswer_neverReachesTheCaEither() {
    var ask = new Recorded("one", true);
    queue.submit(ask);

    reviewer.asked.getFirst().answer().refused(Refusal.passing(Refusal.KUBERNETES_UNAVAILABLE));

    assertThat(ask.refusals).containsExactly(Refusal.KUBERNETES_UNAVAILABLE);
    assertThat(authority.calls()).isZero();
    assertThat(metrics.reviews).containsExactly(SvidMetrics.Review.UNKNOWN);
  }

  @Test
  void slowReview_holdsNoOther() {
    queue.submit(new Recorded("slow", true));
    queue.submit(new Recorded("quick", true));

    reviewer.asked.get(1).answer().accepted(GOOD);

    assertThat(authority.sizes()).containsExactly(1);
  }

  @Test
  void reviewsAreBounded_andPodsWithoutAnSvidGoFirst() {
    for (int i = 0; i < 20; i++) {
      queue.submit(new Recorded("renewal " + i, false));
    }
    queue.submit(new Recorded("first", true));
    assertThat(reviewer.asked).hasSize(ReviewStage.MAX_UNDER_WAY);

    reviewer.asked.getFirst().answer().accepted(GOOD);

    assertThat(reviewer.asked).hasSize(ReviewStage.MAX_UNDER_WAY + 1);
    assertThat(reviewer.asked.getLast().token()).isEqualTo(TestTokens.token(UID.value(), "first"));
  }

  @Test
  void whileTheCaIsAway_nothingIsAsked() {
    authority.ready(false);
    queue.submit(new Recorded("one", true));
    assertThat(reviewer.asked).isEmpty();

    authority.ready(true);
    queue.pump();

    assertThat(reviewer.asked).hasSize(1);
  }

  /** While the CA was away the pod may have gone: a review is good for ten seconds. */
  @Test
  void reviewThatWaitedTooLong_isDoneAgain() {
    queue.submit(new Recorded("one", true));
    authority.ready(false);
    reviewer.asked.getFirst().answer().accepted(GOOD);
    loop.advance(IssuanceQueue.REVIEW_FRESH.plusMillis(1));

    authority.ready(true);
    queue.pump();
    assertThat(authority.calls()).isZero();
    assertThat(reviewer.asked).hasSize(2);
    reviewer.asked.getLast().answer().accepted(GOOD);

    assertThat(authority.sizes()).containsExactly(1);
  }

  @Test
  void reviewStillFresh_isSentWhenTheCaIsBack() {
    queue.submit(new Recorded("one", true));
    authority.ready(false);
    reviewer.asked.getFirst().answer().accepted(GOOD);
    loop.advance(Duration.ofSeconds(9));

    authority.ready(true);
    queue.pump();

    assertThat(authority.sizes()).containsExactly(1);
    assertThat(reviewer.asked).hasSize(1);
  }

  @Test
  void withdrawnWhileUnderReview_isNotSent() {
    var gone = new Recorded("gone", true);
    queue.submit(gone);

    queue.withdraw(gone);
    reviewer.asked.getFirst().answer().accepted(GOOD);

    assertThat(authority.calls()).isZero();
    assertThat(queue.depth()).isZero();
  }

  /** Keeps what is asked; the test answers. */
  private static final class Reviewer implements TokenReviewer {
    record Asked(PodToken token, Answer answer) {}

    private final List<Asked> asked = new ArrayList<>();

    @Override
    public boolean required() {
      return true;
    }

    @Override
    public void review(PodToken token, Answer answer) {
      asked.add(new Asked(token, answer));
    }
  }

  private final class Recorded implements IssuanceQueue.Ask {
    private final String mark;
    private final boolean urgent;
    private final List<String> refusals = new ArrayList<>();

    Recorded(String mark, boolean urgent) {
      this.mark = mark;
      this.urgent = urgent;
    }

    @Override
    public SvidRequest request() {
      return new SvidRequest(TestTokens.token(UID.value(), mark), csr);
    }

    @Override
    public boolean urgent() {
      return urgent;
    }

    @Override
    public void granted(List<X509Certificate> chain) {
      throw new AssertionError("nothing is granted here");
    }

    @Override
    public void refused(Refusal refusal) {
      refusals.add(refusal.reason());
    }
  }
}
