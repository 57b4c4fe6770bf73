package dev.signet.agent.upstream;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;

import dev.signet.agent.adapter.metrics.AgentMetrics;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.svid.IdentityContext;
import dev.signet.agent.svid.NoReview;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.agent.testing.Kept;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestTokens;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;

/** The link in virtual time; each answer is given by the test. */
abstract class CaLinkFixture {
  final SettableClock clock = new SettableClock(NOW);
  final ManualLoop loop = new ManualLoop(clock);
  final TestAuthority authority = new TestAuthority(SHOP, NOW);
  final BundleHolder bundles = new BundleHolder(SHOP);
  final ConsumerLedger consumers = new ConsumerLedger();
  final FakeAuthority ca = new FakeAuthority(authority, clock, loop);
  final Conditions conditions = new Conditions();
  final CaLink link = link();

  private CaLink link() {
    var metrics = new AgentMetrics(new SimpleMeterRegistry());
    var random = new Random(5);
    return new CaLink(
        new LinkContext(
            new AgentName(SHOP, "demo", "node-1"),
            loop,
            clock,
            random,
            ca,
            new CaTrust(SHOP, bundles, authority::bundle),
            new NoReview(),
            new LinkContext.Signals(conditions, metrics)),
        new IdentityContext(SHOP, loop, clock, random, bundles, metrics, new Kept()),
        consumers);
  }

  @BeforeEach
  void start() {
    link.start();
    loop.run();
  }

  final void grantPod() {
    var connection = ca.connections.getFirst();
    connection
        .answers
        .getLast()
        .granted(
            0,
            authority.issue(
                CART,
                connection.requests.getLast().csr().der(),
                NOW.minus(Duration.ofMinutes(5)),
                NOW.plus(Duration.ofHours(1))));
  }

  final WorkloadFeed attach() {
    WorkloadFeed feed =
        link.identities().attach(POD, TestTokens.token(UID.value(), "t"), loop.nanos());
    loop.run();
    return feed;
  }

  /** What is shown of the link. */
  static final class Conditions implements LinkState {
    String attested = "";
    String session = "";

    @Override
    public void attested() {
      attested = "yes";
    }

    @Override
    public void notAttested(String reason) {
      attested = reason;
    }

    @Override
    public void sessionOpen() {
      session = "yes";
    }

    @Override
    public void sessionClosed(String reason) {
      session = reason;
    }
  }
}
