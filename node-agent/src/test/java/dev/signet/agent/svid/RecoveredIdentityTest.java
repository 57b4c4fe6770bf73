package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestTokens;
import dev.signet.spiffe.X509Svid;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** An identity that an earlier agent left: served as it was, renewed when it would have been. */
class RecoveredIdentityTest extends PodIdentityFixture {
  private static final Duration TO_RENEWAL = Duration.ofMinutes(10);

  /** Valid for an hour, received 20 minutes ago, to be renewed in ten. */
  private final KeptSvid left =
      new KeptSvid(authority.svid(CART), NOW.minus(Duration.ofMinutes(20)), NOW.plus(TO_RENEWAL));

  private WorkloadFeed recover(KeptIdentity identity) {
    WorkloadFeed feed = identities.recover(POD, identity);
    loop.run();
    return feed;
  }

  private WorkloadFeed recover() {
    return recover(new KeptIdentity(true, Optional.of(left)));
  }

  private KeptIdentity kept() {
    return Objects.requireNonNull(kept.identities().get(UID));
  }

  private void republish() {
    identities.refresh(UID, token);
    loop.run();
  }

  @Test
  void recoveredSvid_isServedAtOnce_andNobodyIsAsked() {
    WorkloadFeed feed = recover();

    assertThat(svid(feed)).isSameAs(left.svid());
    assertThat(feed.snapshot().bundle()).isEqualTo(bundles.held());
    assertThat(leaves.recovered).containsExactly(left.svid().serial());
    assertThat(leaves.told).containsExactly(left.svid().serial());
    assertThat(kept()).isEqualTo(new KeptIdentity(true, Optional.of(left)));
    assertThat(ca.calls()).isZero();
    assertThat(metrics.firstSvids).isEmpty();
  }

  @Test
  void republish_causesNoSignature_beforeTheRenewalPointThatWasDrawnOnce() {
    recover();
    republish();
    loop.advance(TO_RENEWAL.minusSeconds(1));
    republish();
    assertThat(ca.calls()).isZero();

    loop.advance(Duration.ofSeconds(1));

    assertThat(ca.calls()).isEqualTo(1);
    assertThat(ca.last().request(0).token()).isEqualTo(token);
  }

  @Test
  void renewalThatIsDueWithoutAToken_waitsForIt_andComesOnce() {
    WorkloadFeed feed = recover();
    loop.advance(TO_RENEWAL.plusMinutes(1));
    identities.linkUp();
    loop.advance(Duration.ofSeconds(2));
    assertThat(ca.calls()).isZero();
    assertThat(svid(feed)).isSameAs(left.svid());

    republish();
    republish();

    assertThat(ca.calls()).isEqualTo(1);
    grant(HOUR);
    assertThat(svid(feed).serial()).isNotEqualTo(left.svid().serial());
  }

  @Test
  void renewalThatWasDueWhileNoAgentRan_waitsForAToken() {
    loop.advance(TO_RENEWAL.plusMinutes(5));
    WorkloadFeed feed = recover();
    loop.advance(Duration.ofSeconds(10));
    assertThat(ca.calls()).isZero();
    assertThat(svid(feed)).isSameAs(left.svid());

    republish();

    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void svidThatEndsWithoutAToken_isWithdrawnAndForgotten() {
    WorkloadFeed feed = recover();

    loop.advance(Duration.ofMinutes(61));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(feed.snapshot().bundle()).isEqualTo(bundles.held());
    assertThat(leaves.told.getLast()).isEmpty();
    assertThat(kept()).isEqualTo(new KeptIdentity(true, Optional.empty()));
    assertThat(ca.calls()).isZero();
    republish();
    grant(HOUR);
    assertThat(svid(feed).id()).isEqualTo(CART);
  }

  @Test
  void svidThatHasEnded_isNotServed_andTheBundleFlowsOn() {
    loop.advance(Duration.ofMinutes(61));
    WorkloadFeed feed = recover();

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(feed.snapshot().bundle()).isEqualTo(bundles.held());
    assertThat(kept().svid()).isEmpty();
  }

  @Test
  void podThatHadNothing_waits_andAsksWithItsFirstToken() {
    WorkloadFeed feed = recover(KeptIdentity.NOTHING);
    assertThat(feed.snapshot()).isEqualTo(WorkloadSnapshot.NOTHING_YET);
    assertThat(leaves.recovered).containsExactly("");
    assertThat(leaves.told).isEmpty();
    loop.advance(Duration.ofMinutes(1));
    assertThat(ca.calls()).isZero();

    republish();

    assertThat(ca.calls()).isEqualTo(1);
    grant(HOUR);
    assertThat(svid(feed).id()).isEqualTo(CART);
    assertThat(kept().svid().orElseThrow().svid()).isSameAs(svid(feed));
  }

  @Test
  void svidWithoutABundle_waitsForTheSessions_andNoSignatureIsCaused() {
    var late = new BundleHolder(SHOP);
    var early =
        new PodIdentities(
            new IdentityContext(SHOP, loop, clock, new Random(7), late, metrics, kept),
            ca,
            new NoReview(),
            leaves);
    WorkloadFeed feed = early.recover(POD, new KeptIdentity(true, Optional.of(left)));
    loop.run();
    early.refresh(UID, token);
    loop.advance(Duration.ofSeconds(30));
    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(Objects.requireNonNull(kept.identities().get(UID)).svid()).contains(left);

    late.offer(1, authority.bundle());
    early.bundleChanged();

    assertThat(svid(feed)).isSameAs(left.svid());
    early.refresh(UID, token);
    loop.advance(Duration.ofMinutes(5));
    assertThat(ca.calls()).isZero();
  }

  @Test
  void svidThatTheBundleDoesNotVerify_isNotServed_untilTheSessionsDoes() {
    TestAuthority next = new TestAuthority(SHOP, NOW);
    X509Svid ahead = next.svid(CART);
    WorkloadFeed feed =
        recover(
            new KeptIdentity(true, Optional.of(new KeptSvid(ahead, NOW, NOW.plus(TO_RENEWAL)))));
    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    loop.advance(Duration.ofSeconds(2));

    bundles.offer(2, authority.bundleWith(next));
    identities.bundleChanged();

    assertThat(svid(feed)).isSameAs(ahead);
    republish();
    assertThat(ca.calls()).isZero();
  }

  @Test
  void secondVolumeOfThePod_sharesTheIdentity_andBringsItsToken() {
    WorkloadFeed one = recover();
    WorkloadFeed two = identities.attach(POD, token, loop.nanos());
    loop.run();
    assertThat(two).isSameAs(one);
    assertThat(ca.calls()).isZero();

    identities.detach(UID);
    identities.detach(UID);
    loop.run();

    assertThat(one.snapshot()).isEqualTo(WorkloadSnapshot.NOTHING_YET);
    assertThat(kept.identities()).isEmpty();
    assertThat(loop.pendingTimers()).isZero();
  }

  /** A clock that was an hour ahead when the point was drawn must not put off the renewal. */
  @Test
  void renewalPointAfterTheEnd_isTheEnd() {
    Instant far = NOW.plus(Duration.ofHours(30));
    recover(new KeptIdentity(true, Optional.of(new KeptSvid(left.svid(), NOW, far))));
    republish();

    loop.advance(Duration.ofMinutes(60));

    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void tokenAfterARemoval_asksForNothing() {
    WorkloadFeed feed = recover();
    identities.remove(UID);
    loop.advance(Duration.ofMinutes(61));

    identities.refresh(UID, TestTokens.token(UID.value(), "two"));
    loop.run();

    assertThat(ca.calls()).isZero();
    assertThat(feed.snapshot().svid()).isInstanceOf(SvidStatus.Refused.class);
  }

  @Test
  void grantedSvid_isKeptWithItsPoint_andEachRenewalInItsPlace() {
    WorkloadFeed feed = attach();
    assertThat(kept.identities()).isEmpty();
    grant(HOUR);
    KeptSvid first = kept().svid().orElseThrow();
    assertThat(first.svid()).isSameAs(svid(feed));
    assertThat(first.received()).isEqualTo(NOW);
    assertThat(first.renewal())
        .isBetween(NOW.plus(Duration.ofMinutes(24)), NOW.plus(Duration.ofMinutes(36)));

    loop.advance(Duration.between(NOW, first.renewal()));
    assertThat(ca.calls()).isEqualTo(2);
    grant(HOUR);

    assertThat(kept().svid().orElseThrow().svid()).isSameAs(svid(feed));
    assertThat(svid(feed)).isNotSameAs(first.svid());
  }

  /** The newer one cannot be served yet: after a restart the older one has to be. */
  @Test
  void svidThatWaitsForItsBundle_isNotKeptInPlaceOfTheServedOne() {
    WorkloadFeed feed = attach();
    grant(HOUR);
    X509Svid first = svid(feed);
    loop.advance(Duration.ofMinutes(36));

    ca.last().grant(new TestAuthority(SHOP, NOW), CART, NOW, clock.instant().plus(HOUR));

    assertThat(kept().svid().orElseThrow().svid()).isSameAs(first);
  }
}
