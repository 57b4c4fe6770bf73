package dev.signet.ca.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.ManualTimers;
import dev.signet.ca.TestAuthority;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final TestAuthority a = new TestAuthority("a");
  private final TestAuthority b = new TestAuthority("b");
  private final CurrentBundle bundles = new CurrentBundle(Bundles.of(1, a));
  private final ManualTimers timers = new ManualTimers(World.NOW);
  private final Sessions sessions = new Sessions(bundles, timers, timers, 3);

  /** Takes down what an agent would be sent. */
  private static final class Sent implements SessionSink {
    final List<String> log = new ArrayList<>();
    final List<RefusalReason> ended = new ArrayList<>();

    @Override
    public void bundle(TrustBundle bundle) {
      log.add("bundle " + bundle.revision());
    }

    @Override
    public void removal(String podUid, RemovalCause cause) {
      log.add(podUid + " " + cause);
    }

    @Override
    public void end(Refusal why) {
      ended.add(why.reason());
    }
  }

  private final Sent one = new Sent();
  private final Sent two = new Sent();

  @BeforeEach
  void start() {
    sessions.start();
  }

  @AfterEach
  void stop() {
    timers.shutdownNow();
  }

  @Test
  void bundle_onOpenAndOnChange() throws Exception {
    sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    sessions.open(World.agent("node-2", "a2"), two, pods("p2"));

    bundles.publish(Bundles.of(2, a, b));

    assertThat(one.log).containsExactly("bundle 1", "bundle 2");
    assertThat(two.log).containsExactly("bundle 1", "bundle 2");
  }

  @Test
  void removal_reachesTheSessionOfThePodAlone() throws Exception {
    sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    sessions.open(World.agent("node-2", "a2"), two, pods("p2"));

    sessions.removed("p2", RemovalCause.TERMINATING);
    sessions.removed("p2", RemovalCause.TERMINATING);
    sessions.removed("p2", RemovalCause.DELETED);
    sessions.removed("p2", RemovalCause.FINISHED);

    assertThat(one.log).containsExactly("bundle 1");
    assertThat(two.log).containsExactly("bundle 1", "p2 TERMINATING", "p2 DELETED");
  }

  /** The agent was away when its pod was marked, or the mark came before the agent spoke of it. */
  @Test
  void removalBeforeTheSession_toldWhenItOpensOrNamesThePod() throws Exception {
    sessions.removed("p1", RemovalCause.TERMINATING);
    sessions.removed("p3", RemovalCause.FINISHED);
    Sessions.Session session = sessions.open(World.agent("node-1", "a1"), one, pods("p1"));

    session.acknowledged(pods("p3"));

    assertThat(one.log).containsExactly("bundle 1", "p1 TERMINATING", "p3 FINISHED");
  }

  @Test
  void acknowledgements_addUp() throws Exception {
    Sessions.Session session = sessions.open(World.agent("node-1", "a1"), one, pods("p1", "p2"));
    timers.advance(Duration.ofSeconds(20));
    session.acknowledged(
        new Acknowledgement(
            1,
            Map.of(Evidence.SENT, new Holding(1, 2), Evidence.ACKNOWLEDGED, new Holding(3, 3)),
            Set.of("p2"),
            Map.of("p2", "5e41a1", "p3", ""),
            Set.of("p1")));

    AgentState state = sessions.agents().get(0);
    assertThat(state.said().leaves()).isEqualTo(Map.of("p2", "5e41a1", "p3", ""));
    assertThat(state.said().laggardPods()).containsExactly("p2");
    assertThat(state.said().counts().get(Evidence.SENT)).isEqualTo(new Holding(1, 2));
    assertThat(state.said().revision()).isEqualTo(1);
    assertThat(state.heard()).isEqualTo(World.NOW.plusSeconds(20));
    assertThat(sessions.servedPods()).containsExactlyInAnyOrder("p2", "p3");
  }

  @Test
  void endedPod_noRemovalAnyMore() throws Exception {
    Sessions.Session session = sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    session.acknowledged(new Acknowledgement(1, Map.of(), Set.of(), Map.of(), Set.of("p1")));

    sessions.removed("p1", RemovalCause.DELETED);

    assertThat(one.log).containsExactly("bundle 1");
  }

  @Test
  void secondSessionOfANode_theFirstEnds() throws Exception {
    Sessions.Session stale = sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    sessions.open(World.agent("node-1", "a1"), two, pods("p1"));

    // What the dead stream still has to say changes nothing.
    stale.acknowledged(pods("p9"));
    stale.closed();
    sessions.removed("p1", RemovalCause.DELETED);

    assertThat(one.ended).containsExactly(RefusalReason.AGENT_NOT_LIVE);
    assertThat(one.log).containsExactly("bundle 1");
    assertThat(two.log).containsExactly("bundle 1", "p1 DELETED");
    assertThat(sessions.servedPods()).containsExactly("p1");
  }

  /** THREATS T21. */
  @Test
  void certificateEnds_sessionEndsWithIt() throws Exception {
    sessions.open(World.agent("node-1", "a1"), one, pods("p1"));

    timers.advance(Duration.ofHours(1).minusSeconds(1));
    assertThat(one.ended).isEmpty();
    timers.advance(Duration.ofSeconds(1));

    assertThat(one.ended).containsExactly(RefusalReason.AGENT_NOT_LIVE);
    assertThat(sessions.agents()).isEmpty();
    assertThat(sessions.servedPods()).isEmpty();
  }

  /** THREATS T13. */
  @Test
  void newerSvidOfTheNode_olderSessionEnds() throws Exception {
    sessions.open(World.agent("node-1", "a1"), one, pods());
    sessions.open(World.agent("node-2", "a2"), two, pods());

    sessions.superseded(World.CLUSTER, "node-1", "a3");
    sessions.superseded(World.CLUSTER, "node-2", "a2");
    sessions.superseded(World.CLUSTER, "node-3", "a4");

    assertThat(one.ended).containsExactly(RefusalReason.AGENT_NOT_LIVE);
    assertThat(two.ended).isEmpty();
  }

  @Test
  void closedSession_leavesNothingBehind() throws Exception {
    Sessions.Session session = sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    assertThat(timers.waiting()).isEqualTo(1);

    session.closed();
    session.closed();

    assertThat(timers.waiting()).isZero();
    assertThat(sessions.agents()).isEmpty();
    assertThat(sessions.servedPods()).isEmpty();
  }

  @Test
  void moreThanSoManySessions_overloaded_butAnAgentMayComeBack() throws Exception {
    for (int i = 1; i <= 3; i++) {
      sessions.open(World.agent("node-" + i, "a" + i), new Sent(), pods());
    }

    assertThatThrownBy(() -> sessions.open(World.agent("node-4", "a4"), one, pods()))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.OVERLOADED));
    sessions.open(World.agent("node-1", "a9"), two, pods());
    assertThat(two.log).containsExactly("bundle 1");
  }

  @Test
  void podsBeyondTheBound_refused() throws Exception {
    Sessions.Session session =
        sessions.open(World.agent("node-1", "a1"), one, manyPods("p", 1_000));

    assertThatThrownBy(() -> session.acknowledged(pods("one-too-many")))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.REQUEST_MALFORMED));
    assertThatThrownBy(() -> manyPods("p", 1_001)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> pods("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> pods("u".repeat(65))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void shutDown_endsAllAndOpensNoMore() throws Exception {
    sessions.open(World.agent("node-1", "a1"), one, pods());

    sessions.shutDown();

    assertThat(one.ended).containsExactly(RefusalReason.SHUTTING_DOWN);
    assertThatThrownBy(() -> sessions.open(World.agent("node-2", "a2"), two, pods()))
        .isInstanceOf(RefusedException.class);
  }

  private static Acknowledgement pods(String... uids) {
    Map<String, String> leaves = new HashMap<>();
    for (String uid : uids) {
      leaves.put(uid, "");
    }
    return new Acknowledgement(0, Map.of(), Set.of(), leaves, Set.of());
  }

  private static Acknowledgement manyPods(String prefix, int count) {
    Map<String, String> leaves = new HashMap<>();
    for (int i = 0; i < count; i++) {
      leaves.put(prefix + i, "");
    }
    return new Acknowledgement(0, Map.of(), Set.of(), leaves, Set.of());
  }
}
