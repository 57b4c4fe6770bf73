package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.testing.FakeSvidAuthority;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestTokens;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IssuanceQueueTest {
  private final ManualLoop loop = new ManualLoop(new SettableClock(NOW));
  private final FakeSvidAuthority authority = new FakeSvidAuthority();
  private final IssuanceQueue queue =
      new IssuanceQueue(loop, authority, new NoReview(), new PodIdentityFixture.Counted());
  private final CertificateRequest csr = CertificateRequest.create();

  @Test
  void requestWhileNothingIsInFlight_isSentAtOnceAndAlone() {
    queue.submit(new Recorded(true));

    assertThat(authority.sizes()).containsExactly(1);
  }

  @Test
  void requestsWhileOneIsInFlight_goTogetherWhenAnAnswerComes() {
    queue.submit(new Recorded(true));
    for (int i = 0; i < 5; i++) {
      queue.submit(new Recorded(true));
    }
    assertThat(authority.sizes()).containsExactly(1);

    authority.call(0).refuse(0, Refusal.passing("X"));

    assertThat(authority.sizes()).containsExactly(1, 5);
  }

  @Test
  void moreThanABatch_isSplitAtTheWiresLimit() {
    queue.submit(new Recorded(true));
    for (int i = 0; i < 300; i++) {
      queue.submit(new Recorded(true));
    }

    authority.call(0).end();
    authority.call(1).end();

    assertThat(authority.sizes()).containsExactly(1, 256, 44);
  }

  @Test
  void callThatShowsNothing_holdsOthersForAMomentOnly() {
    queue.submit(new Recorded(true));
    queue.submit(new Recorded(true));

    loop.advance(Duration.ofMillis(99));
    assertThat(authority.sizes()).containsExactly(1);
    loop.advance(Duration.ofMillis(1));

    assertThat(authority.sizes()).containsExactly(1, 1);
  }

  @Test
  void silentCalls_areBounded() {
    for (int i = 0; i < 20; i++) {
      queue.submit(new Recorded(true));
      loop.advance(Duration.ofMillis(200));
    }

    assertThat(authority.sizes()).hasSize(IssuanceQueue.MAX_CALLS);
    assertThat(queue.depth()).isEqualTo(20 - IssuanceQueue.MAX_CALLS);
  }

  @Test
  void podsWithoutAnSvid_goBeforeRenewals() {
    queue.submit(new Recorded(true));
    var renewal = new Recorded(false);
    var first = new Recorded(true);
    queue.submit(renewal);
    queue.submit(first);

    authority.call(0).end();
    authority.call(1).refuse(0, Refusal.passing("FIRST"));

    assertThat(first.refusals).containsExactly("FIRST");
    assertThat(renewal.refusals).isEmpty();
  }

  @Test
  void requestsWhileThereIsNoLink_waitForIt() {
    authority.ready(false);
    queue.submit(new Recorded(true));
    queue.submit(new Recorded(true));
    assertThat(authority.sizes()).isEmpty();

    authority.ready(true);
    queue.pump();

    assertThat(authority.sizes()).containsExactly(2);
  }

  @Test
  void unansweredRequests_failWithTheCall_andAnAnsweredOneIsAnsweredOnce() {
    authority.ready(false);
    var one = new Recorded(true);
    var two = new Recorded(true);
    queue.submit(one);
    queue.submit(two);
    authority.ready(true);
    queue.pump();

    authority.call(0).refuse(1, Refusal.passing("ITS_OWN"));
    authority.call(0).refuse(1, Refusal.passing("AGAIN"));
    authority.call(0).refuse(7, Refusal.passing("NOBODY"));
    authority.call(0).end();

    assertThat(two.refusals).containsExactly("ITS_OWN");
    assertThat(one.refusals).containsExactly(Refusal.CA_UNREACHABLE);
  }

  @Test
  void withdrawnRequest_isNotSent() {
    queue.submit(new Recorded(true));
    var gone = new Recorded(true);
    queue.submit(gone);

    queue.withdraw(gone);
    authority.call(0).end();

    assertThat(authority.sizes()).containsExactly(1);
  }

  /** A request that keeps what became of it. */
  private final class Recorded implements IssuanceQueue.Ask {
    private final boolean urgent;
    private final List<String> refusals = new ArrayList<>();

    Recorded(boolean urgent) {
      this.urgent = urgent;
    }

    @Override
    public SvidRequest request() {
      return new SvidRequest(TestTokens.token(UID.value(), "t"), csr);
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
