package dev.signet.agent.upstream;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.Replacement;
import dev.signet.agent.svid.SvidStatus;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.agent.testing.CapturedLog;
import dev.signet.agent.testing.TestAuthority;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the CA orders of the agent itself: another SVID, or nothing any more. */
class CaOrdersTest extends CaLinkFixture {
  private static final Refusal BANNED = new Refusal(Refusal.AGENT_BANNED, false, Optional.empty());

  @Test
  void orderedReissue_replacesTheAgentsOwnSvid_onceWithinTwoSeconds() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    ca.session().events.reissue(Set.of(authority.issuerKeyId()));
    assertThat(ca.asked).hasSize(1);

    loop.advance(Replacement.SPREAD);
    assertThat(ca.asked).hasSize(2);
    TestAuthority next = authority.anotherIssuer();
    ca.attest(next, AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    ca.session().events.reissue(Set.of(authority.issuerKeyId()));
    loop.advance(Duration.ofMinutes(20));

    assertThat(ca.asked).hasSize(2);
    assertThat(ca.connections).hasSize(2);
  }

  @Test
  void orderedReissue_takenBackInTime_asksForNothingBeforeTheRenewal() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    ca.session().events.reissue(Set.of(authority.issuerKeyId()));
    ca.session().events.reissue(Set.of());

    loop.advance(Duration.ofMinutes(20));
    assertThat(ca.asked).hasSize(1);
    loop.advance(Duration.ofMinutes(16));
    assertThat(ca.asked).hasSize(2);
  }

  /** A replica that has not heard of the order yet. */
  @Test
  void orderedReissue_byACaThatIsBehindItsOwnOrder_isAskedForWithAGrowingPause() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    ca.session().events.reissue(Set.of(authority.issuerKeyId()));
    for (int tenth = 0; tenth < 1_200; tenth++) {
      if (ca.connections.size() < ca.asked.size()) {
        ca.attest(AGENT, Duration.ofHours(1));
        ca.session().events.bundle(1, authority.bundle());
      }
      loop.advance(Duration.ofMillis(100));
    }

    assertThat(ca.asked.size()).isBetween(6, 30);
  }

  @Test
  void refusedReissueOfTheAgentsSvid_isTriedAgainWithBackOff_whateverOrderComes() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    ca.session().events.reissue(Set.of(authority.issuerKeyId()));
    loop.advance(Replacement.SPREAD);
    ca.refuse(new Refusal("BUSY", true, Optional.of(Duration.ofMinutes(4))));

    ca.session().events.reissue(Set.of(authority.issuerKeyId(), "aa"));
    loop.advance(Duration.ofMinutes(3));
    assertThat(ca.asked).hasSize(2);
    loop.advance(Duration.ofMinutes(2));
    assertThat(ca.asked).hasSize(3);
  }

  @Test
  void bannedNode_saysSo_keepsTryingSlowly_servesWhatItHas_andHealsWhenItIsUnbanned() {
    WorkloadFeed feed = attach();
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    loop.run();
    grantPod();
    var sessions = ca.connections.getFirst().sessions;
    try (var log = CapturedLog.atTrace()) {
      int ended = 0;
      for (int tenth = 0; tenth < 1_200; tenth++) {
        if (sessions.size() > ended) {
          ended = sessions.size();
          ca.session().events.ended(BANNED);
        }
        loop.advance(Duration.ofMillis(100));
      }
      assertThat(log.lines()).filteredOn(line -> line.contains("AGENT_BANNED")).hasSize(1);
    }
    assertThat(conditions.session).contains("AGENT_BANNED").contains("signet agent unban");
    assertThat(sessions.size()).isBetween(12, 25);
    assertThat(ca.asked).hasSize(1);
    assertThat(feed.snapshot().svid()).isInstanceOf(SvidStatus.Held.class);

    loop.advance(Duration.ofSeconds(10));
    ca.session().events.bundle(1, authority.bundle());
    assertThat(conditions.session).isEqualTo("yes");
  }

  /** What is said of the node is no decision on a pod: it would wait for another token. */
  @Test
  void podOfABannedNode_waits_andAsksAgainWhenTheSessionIsBack() {
    WorkloadFeed feed = attach();
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    loop.run();
    var connection = ca.connections.getFirst();

    connection.answers.getLast().refused(0, BANNED);
    connection.answers.getLast().ended(BANNED);
    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    loop.advance(Duration.ofSeconds(29));
    assertThat(connection.batches).isEqualTo(1);
    assertThat(ca.asked).hasSize(1);

    ca.session().events.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    loop.advance(Duration.ofMillis(300));
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofSeconds(1));
    assertThat(connection.batches).isEqualTo(2);
  }

  @Test
  void bannedAttestation_isTriedAgainSlowly_andShown() {
    for (int i = 0; i < 10; i++) {
      ca.refuse(BANNED);
      loop.advance(Duration.ofSeconds(15).minusMillis(1));
      assertThat(ca.asked).hasSize(i + 1);
      loop.advance(Duration.ofSeconds(15).plusMillis(1));
      assertThat(ca.asked).hasSize(i + 2);
    }
    assertThat(conditions.attested).contains("AGENT_BANNED").contains("signet agent unban");
  }
}
