package dev.signet.agent.upstream;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.bundle.HandedLeaf;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.SvidAuthority;
import dev.signet.agent.svid.SvidStatus;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.spiffe.SpiffeId;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The link in virtual time: attestation, connections and session, each answer given by the test.
 */
class CaLinkTest extends CaLinkFixture {
  @Test
  void attestedAgent_opensASessionWithItsWholeState() {
    attach();
    ca.attest(AGENT, Duration.ofHours(1));

    assertThat(ca.connections).hasSize(1);
    SessionReport hello = ca.session().reports.getFirst();
    assertThat(hello.revision()).isZero();
    assertThat(hello.pods()).containsOnlyKeys(UID);
    assertThat(conditions.attested).isEqualTo("yes");
    ca.session().events.bundle(1, authority.bundle());
    assertThat(conditions.session).isEqualTo("yes");
  }

  @Test
  void podsBeforeTheAttestation_areAskedForWithIt() {
    attach();
    assertThat(link.ready()).isFalse();

    ca.attest(AGENT, Duration.ofHours(1));
    loop.run();

    assertThat(ca.connections.getFirst().batches).isEqualTo(1);
  }

  @Test
  void answerThatNamesAnotherAgent_isNotUsed() {
    ca.attest(SpiffeId.of(SHOP, "signet", "agent", "demo", "node-2"), Duration.ofHours(1));

    assertThat(ca.connections).isEmpty();
    assertThat(conditions.attested).contains(Refusal.ANSWER_INVALID);
    loop.advance(Duration.ofSeconds(1));
    assertThat(ca.asked).hasSize(2);
  }

  @Test
  void refusedAttestation_isTriedAgainForEver() {
    for (int i = 0; i < 40; i++) {
      ca.refuse(new Refusal("AGENT_ACCOUNT_NOT_ALLOWED", false, Optional.empty()));
      loop.advance(Duration.ofSeconds(31));
    }
    assertThat(ca.asked).hasSizeGreaterThan(30);

    ca.attest(AGENT, Duration.ofHours(1));
    assertThat(conditions.attested).isEqualTo("yes");
  }

  @Test
  void renewedSvid_replacesTheConnection_andDrainsTheOldOne() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofMinutes(36));
    assertThat(ca.asked).hasSize(2);

    ca.attest(AGENT, Duration.ofHours(1));

    assertThat(ca.connections).hasSize(2);
    assertThat(ca.connections.get(0).drained).isTrue();
    assertThat(ca.connections.get(0).sessions.getFirst().closed).isTrue();
    assertThat(ca.connections.get(1).sessions).hasSize(1);
    ca.connections.get(0).sessions.getFirst().events.ended(Refusal.passing("LATE"));
    loop.advance(Duration.ofSeconds(15));
    assertThat(ca.connections.get(1).sessions).hasSize(1);
  }

  @Test
  void notLiveOnTheNewestConnection_attestsAgainOnce() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    attach();
    for (int i = 0; i < 5; i++) {
      ca.connections.getFirst().answers.getLast().refused(0, Refusal.passing("AGENT_NOT_LIVE"));
    }

    loop.advance(Duration.ofMillis(600));

    assertThat(ca.asked).hasSize(2);
  }

  @Test
  void notLiveOnAReplacedConnection_isRetriedOnTheNewOne_withoutAnotherAttestation() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    attach();
    SvidAuthority.Answers old = ca.connections.getFirst().answers.getLast();
    loop.advance(Duration.ofMinutes(36));
    ca.attest(AGENT, Duration.ofHours(1));

    old.refused(0, Refusal.passing("AGENT_NOT_LIVE"));
    old.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    loop.advance(Duration.ofSeconds(2));

    assertThat(ca.asked).hasSize(2);
    assertThat(ca.connections.get(1).batches).isEqualTo(1);
  }

  /**
   * The agent's SVID was bound to the Node object of before until it was renewed at half its life,
   * and a new pod on a node whose object had been re-created waited for that.
   */
  @Test
  void nodeThatWasCreatedAnew_attestsAgainWithTheNewToken_andNeverWithTheSame() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    attach();
    SvidAuthority.Answers pod = ca.connections.getFirst().answers.getLast();

    pod.refused(0, Refusal.passing(Refusal.NODE_UID_MISMATCH));
    loop.run();
    assertThat(ca.asked).hasSize(1);

    ca.newToken = true;
    pod.refused(0, Refusal.passing(Refusal.NODE_UID_MISMATCH));
    pod.refused(0, Refusal.passing(Refusal.NODE_UID_MISMATCH));
    loop.run();
    assertThat(ca.asked).hasSize(2);

    ca.attest(AGENT, Duration.ofHours(1));
    loop.advance(Duration.ofSeconds(2));
    assertThat(ca.connections.get(1).batches).isEqualTo(1);
  }

  @Test
  void callThatIsRefusedAsAWhole_refusesNoPod() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    WorkloadFeed feed = attach();

    ca.connections
        .getFirst()
        .answers
        .getLast()
        .ended(new Refusal("AGENT_NOT_LIVE", false, Optional.empty()));

    assertThat(feed.snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    loop.advance(Duration.ofSeconds(1));
    assertThat(ca.asked).hasSize(2);
    assertThat(ca.connections.getFirst().batches).isEqualTo(2);
  }

  @Test
  void endedSession_isOpenedAgainWithTheWholeState() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(4, authority.bundle());
    attach();

    ca.session().events.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    assertThat(conditions.session).contains(Refusal.CA_UNREACHABLE);
    loop.advance(Duration.ofSeconds(1));

    assertThat(ca.connections.getFirst().sessions).hasSize(2);
    SessionReport hello = ca.session().reports.getFirst();
    assertThat(hello.revision()).isEqualTo(4);
    assertThat(hello.pods()).containsOnlyKeys(UID);
  }

  /** As a replica does that falls over after its first message, or two agents with one identity. */
  @Test
  void sessionThatEndsAsSoonAsItIsUp_isOpenedWithAGrowingPause() {
    attach();
    ca.attest(AGENT, Duration.ofHours(1));
    for (int tenth = 0; tenth < 1_200; tenth++) {
      ca.session().events.bundle(1, authority.bundle());
      ca.session().events.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
      loop.advance(Duration.ofMillis(100));
    }

    assertThat(ca.connections.getFirst().sessions.size()).isLessThan(60);
  }

  @Test
  void agentThatIsNeverLiveForLong_attestsWithAGrowingPause() {
    for (int tenth = 0; tenth < 1_200; tenth++) {
      if (ca.connections.size() < ca.asked.size()) {
        ca.attest(AGENT, Duration.ofHours(1));
        ca.session().events.bundle(1, authority.bundle());
        ca.session().events.ended(Refusal.passing(Refusal.AGENT_NOT_LIVE));
      }
      loop.advance(Duration.ofMillis(100));
    }

    assertThat(ca.asked.size()).isLessThan(40);
  }

  /** A CA whose connection answers and whose session does not: keep-alive never sees it (F28). */
  @Test
  void sessionWithoutAFirstBundle_isAbandonedAndOpenedAgain() {
    ca.attest(AGENT, Duration.ofHours(1));
    var silent = ca.session();
    loop.advance(SessionKeeper.FIRST_BUNDLE.minusMillis(1));
    assertThat(silent.abandoned).isFalse();

    loop.advance(Duration.ofMillis(251));

    assertThat(silent.abandoned).isTrue();
    assertThat(ca.connections.getFirst().sessions).hasSize(2);
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofMinutes(5));
    assertThat(ca.connections.getFirst().sessions).hasSize(2);
  }

  @Test
  void sessionThatLived_isOpenedAgainAtOnce_whateverWasBefore() {
    ca.attest(AGENT, Duration.ofHours(1));
    for (int i = 0; i < 20; i++) {
      ca.session().events.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
      loop.advance(Duration.ofSeconds(11));
    }
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofMinutes(1));
    int before = ca.connections.getFirst().sessions.size();

    ca.session().events.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    loop.advance(Duration.ofMillis(250));

    assertThat(ca.connections.getFirst().sessions).hasSize(before + 1);
  }

  @Test
  void sessionWhoseFirstBundleIsNoGood_isNotUp() {
    ca.attest(AGENT, Duration.ofHours(1));

    ca.session().events.bundle(0, authority.bundle());

    assertThat(conditions.session).isNotEqualTo("yes");
    ca.session().events.bundle(1, authority.bundle());
    assertThat(conditions.session).isEqualTo("yes");
  }

  @Test
  void expiredAgentSvid_isRenewedWhenTheSessionEnds() {
    ca.attest(AGENT, Duration.ofHours(1));
    clock.advance(Duration.ofHours(2));

    ca.session().events.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    loop.advance(Duration.ofMillis(600));

    assertThat(ca.asked).hasSize(2);
  }

  @Test
  void silence_isAHeartbeatEach20Seconds_andAReportIsOne() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofMillis(100));
    int before = ca.session().heartbeats;

    loop.advance(Duration.ofSeconds(15));
    consumers.open(UID);
    loop.advance(Duration.ofSeconds(15));
    assertThat(ca.session().heartbeats).isEqualTo(before);
    loop.advance(Duration.ofSeconds(6));
    assertThat(ca.session().heartbeats).isEqualTo(before + 1);
    loop.advance(Duration.ofSeconds(60));
    assertThat(ca.session().heartbeats).isEqualTo(before + 4);
  }

  @Test
  void changesThatComeTogether_areOneReport() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(1, authority.bundle());
    loop.advance(Duration.ofMillis(100));
    int before = ca.session().reports.size();

    for (int i = 0; i < 500; i++) {
      consumers.open(UID).sent(1, HandedLeaf.NONE);
    }
    loop.advance(Duration.ofMillis(100));

    assertThat(ca.session().reports).hasSize(before + 1);
    var counts = ca.session().reports.getLast().consumers().counts();
    assertThat(counts.getFirst().holding()).isEqualTo(500);
    loop.advance(Duration.ofSeconds(5));
    assertThat(ca.session().reports).hasSize(before + 1);
  }

  @Test
  void refusedBundle_isReportedAsAProblem() {
    ca.attest(AGENT, Duration.ofHours(1));
    ca.session().events.bundle(4, authority.bundle());
    ca.session().events.bundle(3, authority.bundle());
    ca.session().events.unreadableBundle("not DER");

    assertThat(ca.session().problems).containsExactly("BUNDLE_OLDER", "BUNDLE_UNUSABLE");
    assertThat(bundles.revision()).isEqualTo(4);
  }

  @Test
  void close_endsSessionAndConnection_andNothingHappensAnyMore() {
    ca.attest(AGENT, Duration.ofHours(1));

    var closed = link.close();
    loop.run();
    assertThat(closed).isCompleted();
    loop.advance(Duration.ofHours(3));

    assertThat(ca.session().closed).isTrue();
    assertThat(ca.connections.getFirst().drained).isTrue();
    assertThat(ca.asked).hasSize(1);
  }
}
