package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.testing.CapturedLog;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestTokens;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Svid;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pod's workloads see, from the first volume to the last. */
class PodIdentitiesTest extends PodIdentityFixture {
  @Test
  void attachedPod_isAskedForAtOnce_andShownWhenGranted() {
    WorkloadFeed feed = attach();
    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(ca.sizes()).containsExactly(1);
    assertThat(ca.last().request(0).token()).isEqualTo(token);

    grant(HOUR);

    assertThat(svid(feed).id()).isEqualTo(CART);
    assertThat(feed.snapshot().bundle()).isEqualTo(bundles.held());
    assertThat(leaves.told).containsExactly("", svid(feed).serial());
    assertThat(metrics.firstSvids).hasSize(1);
  }

  @Test
  void renewal_comesBetween40And60PercentOfLife_withANewKey() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);

    loop.advance(Duration.ofMinutes(24).minusSeconds(1));
    assertThat(ca.calls()).isEqualTo(1);
    loop.advance(Duration.ofMinutes(12).plusSeconds(1));
    assertThat(ca.calls()).isEqualTo(2);

    grant(HOUR);
    assertThat(svid(feed).serial()).isNotEqualTo(first.serial());
    assertThat(svid(feed).privateKey()).isNotEqualTo(first.privateKey());
    assertThat(metrics.firstSvids).hasSize(1);
  }

  @Test
  void renewalThatFails_keepsTheSvidToItsEnd_andThenWithdrawsIt() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);

    for (int i = 0; i < 59; i++) {
      loop.advance(Duration.ofMinutes(1));
      failOpenCalls();
      assertThat(svid(feed)).isSameAs(first);
    }
    loop.advance(Duration.ofMinutes(2));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(feed.snapshot().bundle()).isEqualTo(bundles.held());
    assertThat(leaves.told.getLast()).isEmpty();
    // Back-off is bounded: some thirty seconds at most between two tries, never a storm.
    assertThat(ca.calls()).isBetween(15, 240);
  }

  @Test
  void bundle_causesNoIssuance_andReachesTheSnapshot() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);
    var changes = new ArrayList<String>();
    feed.subscribe(() -> changes.add("changed"));

    bundles.offer(2, authority.bundleWith(new TestAuthority(SHOP, NOW)));
    identities.bundleChanged();
    loop.advance(Duration.ofMinutes(20));

    assertThat(svid(feed)).isSameAs(first);
    assertThat(feed.snapshot().bundle()).isEqualTo(bundles.held());
    assertThat(changes).hasSize(1);
    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void svidBeforeTheFirstBundle_waitsForIt_withoutAskingAgain() {
    var late = new BundleHolder(SHOP);
    var early =
        new PodIdentities(
            new IdentityContext(SHOP, loop, clock, new Random(7), late, metrics, kept),
            ca,
            new NoReview(),
            leaves);
    WorkloadFeed feed = early.attach(POD, token, loop.nanos());
    loop.run();
    grant(HOUR);
    loop.advance(Duration.ofSeconds(60));
    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());

    late.offer(1, authority.bundle());
    early.bundleChanged();

    assertThat(svid(feed).id()).isEqualTo(CART);
    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void svidUnderANewRoot_waitsForItsBundle_whileTheOldOneIsServed() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);
    TestAuthority next = new TestAuthority(SHOP, NOW);
    loop.advance(Duration.ofMinutes(36));

    ca.last().grant(next, CART, NOW, clock.instant().plus(HOUR));
    assertThat(svid(feed)).isSameAs(first);

    bundles.offer(2, authority.bundleWith(next));
    identities.bundleChanged();
    assertThat(svid(feed)).isNotSameAs(first);
    int calls = ca.calls();
    loop.advance(Duration.ofMinutes(20));
    assertThat(ca.calls()).isEqualTo(calls);
  }

  @Test
  void svidWhoseRootLeft_isNotServed_andIsAskedForAgain() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    TestAuthority next = new TestAuthority(SHOP, NOW);

    bundles.offer(2, next.bundle());
    identities.bundleChanged();

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    loop.advance(Duration.ofSeconds(1));
    assertThat(ca.calls()).isEqualTo(2);
    ca.last().grant(next, CART, NOW, clock.instant().plus(HOUR));
    assertThat(svid(feed).id()).isEqualTo(CART);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://other.example/ns/shop/sa/cart",
        "spiffe://shop.example",
        "spiffe://shop.example/signet/ca",
        "spiffe://shop.example/signet/agent/demo/node-1"
      })
  void answerWithAnIdThatNoPodMayHave_isNotServed(String id) {
    WorkloadFeed feed = attach();
    SpiffeId foreign = SpiffeId.parse(id);
    TestAuthority by =
        foreign.trustDomain().equals(SHOP)
            ? authority
            : new TestAuthority(TrustDomain.parse("other.example"), NOW);

    ca.last().grant(by, foreign, NOW, NOW.plus(HOUR));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(metrics.refusals).containsExactly(Refusal.ANSWER_INVALID);
  }

  @Test
  void answerThatHasEnded_isNotServed() {
    WorkloadFeed feed = attach();
    ca.last().grant(authority, CART, NOW.minus(HOUR), NOW.minusSeconds(1));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(metrics.refusals).containsExactly(Refusal.ANSWER_INVALID);
  }

  @Test
  void answerForAnotherKey_isNotServed() {
    WorkloadFeed feed = attach();
    ca.last().grantTo(CertificateRequest.create(), authority, CART, NOW.plus(HOUR));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(metrics.refusals).containsExactly(Refusal.ANSWER_INVALID);
  }

  @Test
  void twoVolumesOfAPod_shareOneIdentity_untilTheLastIsGone() {
    WorkloadFeed one = attach();
    WorkloadFeed two = identities.attach(POD, token, loop.nanos());
    loop.run();
    assertThat(two).isSameAs(one);
    assertThat(ca.calls()).isEqualTo(1);
    grant(HOUR);

    identities.detach(UID);
    loop.run();
    assertThat(svid(one).id()).isEqualTo(CART);
    identities.detach(UID);
    loop.run();

    assertThat(one.snapshot()).isEqualTo(WorkloadSnapshot.NOTHING_YET);
    assertThat(leaves.ended).containsExactly(UID);
    assertThat(loop.pendingTimers()).isZero();
    loop.advance(Duration.ofHours(2));
    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void answerAfterTheVolumeIsGone_isDropped() {
    WorkloadFeed feed = attach();
    identities.detach(UID);
    loop.run();

    grant(HOUR);

    assertThat(feed.snapshot()).isEqualTo(WorkloadSnapshot.NOTHING_YET);
    assertThat(identities.leastRemaining()).isEmpty();
  }

  @Test
  void wallClockThatJumpsBack_doesNotEndAnSvidEarly_norKeepItPastItsEnd() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    clock.advance(Duration.ofMinutes(-10));
    for (int i = 0; i < 70; i++) {
      loop.advance(Duration.ofMinutes(1));
      failOpenCalls();
      boolean valid = clock.instant().isBefore(NOW.plus(HOUR));
      assertThat(feed.snapshot().svid() instanceof SvidStatus.Held).isEqualTo(valid);
    }
  }

  @Test
  void leastRemaining_fallsWithTime() {
    assertThat(identities.leastRemaining()).isEmpty();
    attach();
    grant(HOUR);
    assertThat(identities.leastRemaining().orElseThrow()).isCloseTo(1, within(0.001));

    loop.advance(Duration.ofMinutes(15));

    assertThat(identities.leastRemaining().orElseThrow()).isCloseTo(0.75, within(0.001));
  }

  /** Agent and CA are configured for different modes: the log says which key to change. */
  @Test
  void refusalForTheOtherModeOfReview_saysWhatToSet() {
    try (var log = CapturedLog.atTrace()) {
      attach();
      refuse("AGENT_REVIEW_MISSING");
      identities.refresh(UID, TestTokens.token(UID.value(), "two"));
      loop.run();
      refuse("AGENT_REVIEW_NOT_ALLOWED");

      assertThat(String.join("\n", log.lines()))
          .contains("set review: agent here")
          .contains("the CA's cluster.review does not say so");
    }
  }
}
