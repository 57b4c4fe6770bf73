package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestTokens;
import dev.signet.spiffe.X509Svid;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Leaves that the CA wants replaced before their renewal. */
class ReissueTest extends PodIdentityFixture {
  private final TestAuthority next = authority.anotherIssuer();
  private final Set<String> order = Set.of(authority.issuerKeyId());

  @Test
  void leafOfAnOrderedIssuer_isReplacedWithinTwoSeconds_andServedUntilThen() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);

    identities.reissue(order);
    assertThat(ca.calls()).isEqualTo(1);
    loop.advance(Replacement.SPREAD);
    assertThat(ca.calls()).isEqualTo(2);
    assertThat(svid(feed)).isSameAs(first);
    grant(next, HOUR);

    assertThat(svid(feed).serial()).isNotEqualTo(first.serial());
    loop.advance(Duration.ofMinutes(20));
    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void leafOfAnotherIssuer_isLeftAlone() {
    attach();
    grant(HOUR);

    identities.reissue(Set.of(next.issuerKeyId(), ""));
    loop.advance(Duration.ofMinutes(20));

    assertThat(ca.calls()).isEqualTo(1);
  }

  /** As after each reconnect, and with each further issuer that joins the order. */
  @Test
  void orderThatComesAgain_asksOnceALeaf_andPutsNothingOff() {
    attach();
    grant(HOUR);
    identities.reissue(order);
    for (int i = 0; i < 20; i++) {
      loop.advance(Duration.ofMillis(100));
      identities.reissue(i % 2 == 0 ? order : Set.of(authority.issuerKeyId(), "aa"));
    }
    assertThat(ca.calls()).isEqualTo(2);
    identities.reissue(order);
    loop.advance(Duration.ofSeconds(3));
    assertThat(ca.calls()).isEqualTo(2);

    grant(next, HOUR);
    identities.reissue(order);
    loop.advance(Duration.ofMinutes(10));
    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void orderThatIsTakenBack_asksForNothingBeforeTheRenewal() {
    attach();
    grant(HOUR);
    identities.reissue(order);
    identities.reissue(Set.of());

    loop.advance(Duration.ofMinutes(20));
    assertThat(ca.calls()).isEqualTo(1);
    loop.advance(Duration.ofMinutes(16));
    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void manyPods_spreadOverTwoSeconds() {
    int pods = 200;
    for (int i = 0; i < pods; i++) {
      PodUid uid = new PodUid("6c5d6b0e-8a4e-4c8e-9a55-%012d".formatted(i));
      identities.attach(
          new Pod(uid, "shop", "cart-" + i, "cart"),
          TestTokens.token(uid.value(), "t"),
          loop.nanos());
      loop.run();
    }
    for (int i = 0; i < ca.calls(); i++) {
      ca.call(i).grantAll(authority, NOW.minusSeconds(300), NOW.plus(HOUR));
    }
    int before = ca.sizes().stream().mapToInt(size -> size).sum();
    assertThat(before).isEqualTo(pods);

    identities.reissue(order);

    for (int quarter = 1; quarter <= 4; quarter++) {
      loop.advance(Duration.ofMillis(500));
      finishOpenCalls();
      int asked = ca.sizes().stream().mapToInt(size -> size).sum() - before;
      assertThat(asked).isBetween(quarter * 50 - 25, Math.min(quarter * 50 + 25, pods));
    }
    assertThat(ca.sizes().stream().mapToInt(size -> size).sum()).isEqualTo(2 * pods);
  }

  private int finished;

  private void finishOpenCalls() {
    for (; finished < ca.calls(); finished++) {
      ca.call(finished).grantAll(next, NOW.minusSeconds(300), NOW.plus(HOUR));
    }
    loop.run();
  }

  @Test
  void caThatIsAway_theOldLeafIsServed_andTheOrderIsFulfilledWhenItIsBack() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);
    failOpenCalls();
    identities.reissue(order);
    for (int second = 0; second < 300; second++) {
      loop.advance(Duration.ofSeconds(1));
      failOpenCalls();
    }
    assertThat(svid(feed)).isSameAs(first);
    int tries = ca.calls() - 1;
    assertThat(tries).isBetween(10, 40);

    identities.linkUp();
    identities.reissue(order);
    loop.advance(Duration.ofSeconds(1));
    assertThat(ca.calls()).isEqualTo(tries + 2);
    grant(next, HOUR);

    assertThat(svid(feed).serial()).isNotEqualTo(first.serial());
    loop.advance(Duration.ofMinutes(10));
    assertThat(ca.calls()).isEqualTo(tries + 2);
  }

  /** The link has no connection at all: what is due waits in the queue, once. */
  @Test
  void linkThatIsDown_asksOnce_whenItIsUp() {
    attach();
    grant(HOUR);
    ca.ready(false);
    identities.reissue(order);
    loop.advance(Duration.ofMinutes(5));
    identities.reissue(order);
    assertThat(ca.calls()).isEqualTo(1);

    ca.ready(true);
    identities.linkUp();
    loop.advance(Duration.ofSeconds(5));

    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void refusedReissue_takesTheUsualWay_andTheOldLeafIsServed() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);
    identities.reissue(order);
    loop.advance(Replacement.SPREAD);
    ca.last().refuse(0, new Refusal("BUSY", true, Optional.of(Duration.ofSeconds(20))));
    ca.last().end();

    identities.reissue(order);
    loop.advance(Duration.ofSeconds(20).minusMillis(1));
    assertThat(ca.calls()).isEqualTo(2);
    loop.advance(Duration.ofSeconds(1));
    assertThat(ca.calls()).isEqualTo(3);
    refuse("ACCOUNT_NOT_ALLOWED");
    loop.advance(Duration.ofMinutes(10));

    assertThat(ca.calls()).isEqualTo(3);
    assertThat(svid(feed)).isSameAs(first);
  }

  /** A replica that has not heard of the order yet. */
  @Test
  void caThatIsBehindItsOwnOrder_isAskedWithAGrowingPause_andItsLeavesAreServed() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    identities.reissue(order);
    int granted = 1;
    for (int tenth = 0; tenth < 3_000; tenth++) {
      loop.advance(Duration.ofMillis(100));
      for (; granted < ca.calls(); granted++) {
        grant(HOUR);
        assertThat(svid(feed).serial()).isEqualTo(leaves.told.getLast());
      }
    }
    assertThat(ca.calls()).isBetween(8, 45);
    assertThat(metrics.refusals).contains(Refusal.ISSUER_OUTDATED);

    loop.advance(Duration.ofSeconds(31));
    grant(next, HOUR);
    int calls = ca.calls();
    loop.advance(Duration.ofMinutes(10));
    assertThat(ca.calls()).isEqualTo(calls);
  }

  /** Its first leaf may come from a replica that has not heard of the order yet. */
  @Test
  void podThatComesUnderAnOrder_isReplacedToo() {
    identities.reissue(order);
    attach();
    grant(HOUR);

    loop.advance(Replacement.SPREAD);

    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void answerThatWasUnderWay_whenTheOrderCame_isReplacedToo() {
    attach();
    identities.reissue(order);
    grant(HOUR);

    loop.advance(Replacement.SPREAD);

    assertThat(ca.calls()).isEqualTo(2);
  }

  @Test
  void removedPod_isNotAskedFor_butGetsBundles() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    identities.reissue(order);
    identities.remove(UID);
    identities.reissue(order);
    loop.advance(Duration.ofMinutes(50));
    assertThat(ca.calls()).isEqualTo(1);

    TestAuthority other = new TestAuthority(SHOP, NOW);
    bundles.offer(2, authority.bundleWith(other));
    identities.bundleChanged();

    assertThat(feed.snapshot().bundle()).isEqualTo(bundles.held());
    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void recoveredPod_isReplacedOnceKubeletHasBroughtAToken() {
    KeptSvid left = new KeptSvid(authority.svid(CART), NOW, NOW.plus(Duration.ofMinutes(30)));
    WorkloadFeed feed = identities.recover(POD, new KeptIdentity(true, Optional.of(left)));
    loop.run();
    identities.reissue(order);
    loop.advance(Duration.ofSeconds(10));
    assertThat(ca.calls()).isZero();
    assertThat(svid(feed)).isSameAs(left.svid());

    identities.refresh(UID, token);
    loop.run();

    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void bundleAlone_causesNoIssuance_andAReissueDoesNotWaitForOne() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    TestAuthority other = new TestAuthority(SHOP, NOW);
    bundles.offer(2, authority.bundleWith(other));
    identities.bundleChanged();
    loop.advance(Duration.ofMinutes(5));
    assertThat(ca.calls()).isEqualTo(1);

    identities.reissue(order);
    loop.advance(Replacement.SPREAD);

    assertThat(ca.calls()).isEqualTo(2);
    grant(other, HOUR);
    assertThat(svid(feed).chain().get(1).getIssuerX500Principal())
        .isEqualTo(other.root().getSubjectX500Principal());
  }

  /** Publish, then sign: but where the bundle is late, the old leaf is served meanwhile. */
  @Test
  void newLeafWhoseRootTheBundleLacks_waitsForIt_andTheOldOneIsServed() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);
    identities.reissue(order);
    loop.advance(Replacement.SPREAD);
    TestAuthority other = new TestAuthority(SHOP, NOW);
    grant(other, HOUR);
    assertThat(svid(feed)).isSameAs(first);

    bundles.offer(2, authority.bundleWith(other));
    identities.bundleChanged();

    assertThat(svid(feed).serial()).isNotEqualTo(first.serial());
    loop.advance(Duration.ofMinutes(10));
    assertThat(ca.calls()).isEqualTo(2);
  }
}
