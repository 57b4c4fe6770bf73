package dev.signet.agent.upstream;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.bundle.Evidence;
import dev.signet.agent.bundle.HandedLeaf;
import dev.signet.agent.pod.Pod;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.testing.TestTokens;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of consumers, when, and how often. */
class ReportingTest extends CaLinkFixture {
  private static final Pod OTHER_POD = new Pod(OTHER_UID, "shop", "cart-1", "cart");

  /** A CA or a network that is slow gets the newest state, not every state there was. */
  @Test
  void changesWhileAReportIsOnItsWay_areOneReport_whenItHasLeft() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofMillis(100));
    int before = ca.session().reports.size();

    ca.session().ready = false;
    for (int i = 0; i < 200; i++) {
      consumers.open(UID).sent(1, HandedLeaf.NONE);
      loop.advance(Duration.ofMillis(50));
    }
    assertThat(ca.session().reports).hasSize(before);

    ca.session().ready = true;
    ca.session().events.ready();
    ca.session().events.ready();
    loop.advance(Duration.ofSeconds(1));

    assertThat(ca.session().reports).hasSize(before + 1);
    var counts = ca.session().reports.getLast().consumers().counts();
    assertThat(counts.getFirst().holding()).isEqualTo(200);
  }

  @Test
  void podWhoseConsumersChange_isReportedAgain_andNoOther() {
    attach();
    link.identities().attach(OTHER_POD, TestTokens.token(OTHER_UID.value(), "t"), loop.nanos());
    loop.run();
    ca.attest(AGENT, Duration.ofHours(1));
    assertThat(ca.session().reports.getFirst().pods())
        .isEqualTo(Map.of(UID, held(0, ""), OTHER_UID, held(0, "")));
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofMillis(100));
    // With another bundle, what would be handed out is another, for both.
    assertThat(ca.session().reports.getLast().pods())
        .isEqualTo(Map.of(UID, held(1, ""), OTHER_UID, held(1, "")));

    ConsumerLedger.Consumer consumer = consumers.open(UID);
    consumer.sent(1, consumer.handing(1, "a1"));
    loop.advance(Duration.ofMillis(100));
    assertThat(ca.session().reports.getLast().pods())
        .isEqualTo(
            Map.of(
                UID,
                new PodReport("", List.of(new ConsumerLedger.Shown(Evidence.SENT, 1, 1, "a1")))));

    consumer.acknowledged(1, "a1");
    consumer.close();
    loop.advance(Duration.ofMillis(100));
    assertThat(ca.session().reports.getLast().pods())
        .isEqualTo(
            Map.of(
                UID,
                new PodReport("", List.of(new ConsumerLedger.Shown(Evidence.UNSEEN, 1, 1, "a1")))));
  }

  @Test
  void podsThatCameAndWentWhileTheCaWasAway_areNotRemembered() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    attach();
    loop.advance(Duration.ofMillis(100));
    ca.session().events.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    link.identities().detach(UID);
    link.identities().attach(OTHER_POD, TestTokens.token(OTHER_UID.value(), "t"), loop.nanos());
    loop.run();
    link.identities().detach(OTHER_UID);
    loop.advance(Duration.ofSeconds(1));

    assertThat(ca.session().reports.getFirst().pods()).isEmpty();
    assertThat(ca.session().reports.getFirst().ended()).isEmpty();
    assertThat(consumers.shown(UID, 1, "")).isEmpty();
  }

  private static PodReport held(long revision, String serial) {
    return new PodReport(
        serial, List.of(new ConsumerLedger.Shown(Evidence.HELD, 1, revision, serial)));
  }
}
