package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.pod.PodToken;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestTokens;
import dev.signet.spiffe.X509Svid;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What ends an identity, what does not, and what brings it back. */
class PodIdentityHealingTest extends PodIdentityFixture {
  @Test
  void outage_isRetriedWithBackOff_andHealsByItself() {
    WorkloadFeed feed = attach();
    failOpenCalls();
    loop.advance(Duration.ofMillis(500));
    assertThat(ca.calls()).isEqualTo(2);

    grant(HOUR);

    assertThat(svid(feed).id()).isEqualTo(CART);
  }

  @Test
  void retryAfter_isHonoured() {
    attach();
    ca.last().refuse(0, new Refusal("BUSY", true, Optional.of(Duration.ofSeconds(20))));
    ca.last().end();

    loop.advance(Duration.ofSeconds(20).minusMillis(1));
    assertThat(ca.calls()).isEqualTo(1);
    loop.advance(Duration.ofSeconds(1));
    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void decidedRefusal_isShown_andNotRetriedByItself() {
    WorkloadFeed feed = attach();
    refuse("ACCOUNT_NOT_ALLOWED");

    loop.advance(Duration.ofHours(2));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Refused("ACCOUNT_NOT_ALLOWED"));
    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void decidedRefusal_isRetriedWithANewTokenAtOnce() {
    WorkloadFeed feed = attach();
    refuse("TOKEN_EXPIRED");
    PodToken fresh = TestTokens.token(UID.value(), "two");

    identities.refresh(UID, fresh);
    loop.run();

    assertThat(ca.calls()).isEqualTo(2);
    assertThat(ca.last().request(0).token()).isEqualTo(fresh);
    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Refused("TOKEN_EXPIRED"));
    grant(HOUR);
    assertThat(svid(feed).id()).isEqualTo(CART);
  }

  @Test
  void decidedRefusal_isRetriedWithTheSameTokenOnceAMinute() {
    attach();
    refuse("ACCOUNT_NOT_ALLOWED");
    for (int tenth = 0; tenth < 600; tenth++) {
      identities.refresh(UID, token);
      loop.advance(Duration.ofMillis(100));
    }
    assertThat(ca.calls()).isEqualTo(1);

    identities.refresh(UID, token);
    loop.run();

    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void refusalOfATokenThatHadEnded_decidesNothing() {
    PodToken ended = PodToken.parse(TestTokens.compact(UID.value(), "old"), NOW.minusSeconds(1));
    WorkloadFeed feed = identities.attach(POD, ended, loop.nanos());
    loop.run();
    refuse("TOKEN_REJECTED");
    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());

    identities.refresh(UID, token);
    loop.run();
    assertThat(ca.last().request(0).token()).isEqualTo(token);
    grant(HOUR);

    assertThat(svid(feed).id()).isEqualTo(CART);
  }

  @Test
  void refusalOfATokenThatWasReplacedMeanwhile_decidesNothing() {
    WorkloadFeed feed = attach();
    PodToken fresh = TestTokens.token(UID.value(), "two");
    identities.refresh(UID, fresh);
    loop.run();

    refuse("TOKEN_REJECTED");

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(ca.calls()).isEqualTo(2);
    assertThat(ca.last().request(0).token()).isEqualTo(fresh);
  }

  @Test
  void decidedRefusalOfARenewal_keepsTheSvidUntilItEnds() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);
    loop.advance(Duration.ofMinutes(36));
    refuse("POD_NOT_FOUND");
    assertThat(svid(feed)).isSameAs(first);

    loop.advance(Duration.ofMinutes(24));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Refused("POD_NOT_FOUND"));
    assertThat(feed.snapshot().bundle()).isNotNull();
  }

  @Test
  void linkThatComesBack_isUsedWithinASecond() {
    attach();
    for (int i = 0; i < 12; i++) {
      failOpenCalls();
      loop.advance(Duration.ofSeconds(31));
    }
    failOpenCalls();
    int before = ca.calls();

    identities.linkUp();
    loop.advance(Duration.ofSeconds(1));

    assertThat(ca.calls()).isEqualTo(before + 1);
  }

  @Test
  void removedPod_getsNothingNew_andKeepsWhatItHas() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);

    identities.remove(UID);
    loop.advance(Duration.ofMinutes(59));

    assertThat(svid(feed)).isSameAs(first);
    identities.refresh(UID, TestTokens.token(UID.value(), "two"));
    loop.advance(Duration.ofMinutes(2));
    assertThat(ca.calls()).isEqualTo(1);
    assertThat(feed.snapshot().svid()).isInstanceOf(SvidStatus.Refused.class);
    assertThat(feed.snapshot().bundle()).isNotNull();
  }

  /**
   * Each of these answers is a certificate that was signed. A CA and an agent that disagree on the
   * root for longer must not turn into a storm of signatures.
   */
  @Test
  void svidsUnderARootThatStaysUnknown_areAskedForWithAGrowingPause() {
    attach();
    TestAuthority unknown = new TestAuthority(SHOP, NOW);
    for (int second = 0; second < 120; second++) {
      if (granted < ca.calls()) {
        granted = ca.calls();
        ca.last().grant(unknown, CART, NOW, clock.instant().plus(HOUR));
      }
      loop.advance(Duration.ofSeconds(1));
    }

    assertThat(ca.calls()).isLessThan(25);
  }

  private int granted;

  /** Timers stand still while the node sleeps; the wall clock does not (FAULTS.md F27). */
  @Test
  void nodeThatSlept_withdrawsWhatEnded_andAsksWithTheNextToken() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    clock.advance(Duration.ofHours(24));
    PodToken fresh = TestTokens.token(UID.value(), "two");

    identities.refresh(UID, fresh);
    loop.run();

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(ca.calls()).isEqualTo(2);
    assertThat(ca.last().request(0).token()).isEqualTo(fresh);
  }

  @Test
  void nodeThatSlept_asksWhenTheLinkIsBack() {
    attach();
    grant(HOUR);
    clock.advance(Duration.ofMinutes(40));

    identities.linkUp();
    loop.advance(Duration.ofSeconds(1));

    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void answerAfterARemoval_isDropped() {
    WorkloadFeed feed = attach();
    identities.remove(UID);

    grant(HOUR);

    assertThat(feed.snapshot().svid()).isInstanceOf(SvidStatus.Refused.class);
  }
}
