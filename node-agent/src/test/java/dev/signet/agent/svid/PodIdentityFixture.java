package dev.signet.agent.svid;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.pod.PodToken;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.testing.FakeSvidAuthority;
import dev.signet.agent.testing.Kept;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestTokens;
import dev.signet.spiffe.X509Svid;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;

/** A pod's identity in virtual time, against a CA whose every answer the test gives. */
abstract class PodIdentityFixture {
  static final Duration HOUR = Duration.ofHours(1);

  final SettableClock clock = new SettableClock(NOW);
  final ManualLoop loop = new ManualLoop(clock);
  final TestAuthority authority = new TestAuthority(SHOP, NOW);
  final FakeSvidAuthority ca = new FakeSvidAuthority();
  final BundleHolder bundles = new BundleHolder(SHOP);
  final Counted metrics = new Counted();
  final Leaves leaves = new Leaves();
  final Kept kept = new Kept();
  final PodIdentities identities =
      new PodIdentities(
          new IdentityContext(SHOP, loop, clock, new Random(7), bundles, metrics, kept),
          ca,
          new NoReview(),
          leaves);
  final PodToken token = TestTokens.token(UID.value(), "one");

  @BeforeEach
  void holdABundle() {
    bundles.offer(1, authority.bundle());
  }

  final WorkloadFeed attach() {
    WorkloadFeed feed = identities.attach(POD, token, loop.nanos());
    loop.run();
    return feed;
  }

  final void grant(Duration life) {
    grant(authority, life);
  }

  final void grant(TestAuthority by, Duration life) {
    Instant now = clock.instant();
    ca.last().grant(by, CART, now.minus(Duration.ofMinutes(5)), now.plus(life));
  }

  final void refuse(String reason) {
    ca.last().refuse(0, new Refusal(reason, false, Optional.empty()));
    ca.last().end();
  }

  private int failed;

  final void failOpenCalls() {
    for (; failed < ca.calls(); failed++) {
      ca.call(failed).end();
    }
  }

  static X509Svid svid(WorkloadFeed feed) {
    return ((SvidStatus.Held) feed.snapshot().svid()).svid();
  }

  /** What was told of leaves. */
  static final class Leaves implements LeafListener {
    final List<String> told = new ArrayList<>();
    final List<String> recovered = new ArrayList<>();
    final List<PodUid> ended = new ArrayList<>();

    @Override
    public void recovered(PodUid pod, String serial) {
      recovered.add(serial);
    }

    @Override
    public void changed(PodUid pod, String serial) {
      told.add(serial);
    }

    @Override
    public void ended(PodUid pod) {
      ended.add(pod);
    }
  }

  /** What was counted. */
  static final class Counted implements SvidMetrics {
    final List<String> refusals = new ArrayList<>();
    final List<Duration> firstSvids = new ArrayList<>();
    final List<Review> reviews = new ArrayList<>();

    @Override
    public void granted(Duration asked) {}

    @Override
    public void refused(Refusal refusal) {
      refusals.add(refusal.reason());
    }

    @Override
    public void firstSvid(Duration sincePublish) {
      firstSvids.add(sincePublish);
    }

    @Override
    public void step(Step step, Duration time) {}

    @Override
    public void reviewed(Review result, Duration time) {
      reviews.add(result);
    }
  }
}
