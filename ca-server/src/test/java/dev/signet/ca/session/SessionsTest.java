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
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.rotation.NodeRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionsTest {
  private final TestAuthority a = new TestAuthority("a");
  private final TestAuthority b = new TestAuthority("b");
  private final CurrentBundle bundles = new CurrentBundle(Bundles.of(1, a));
  private final ManualTimers timers = new ManualTimers(World.NOW);
  private final List<AgentReport> words = new ArrayList<>();
  private final Set<NodeRef> banned = new HashSet<>();
  private final Sessions sessions =
      new Sessions(
          bundles, timers, timers, 3, new Sessions.Evidence("ca-1", words::add), banned::contains);

  /** Takes down what an agent would be sent. */
  private static final class Sent implements SessionSink {
    final List<String> log = new ArrayList<>();
    final List<RefusalReason> ended = new ArrayList<>();

    @Override
    public void bundle(TrustBundle bundle) {
      log.add("bundle " + bundle.revision());
    }

    @Override
    public void reissue(Set<String> authorityKeyIds) {
      if (!authorityKeyIds.isEmpty() || log.getLast().startsWith("reissue")) {
        log.add("reissue " + new TreeSet<>(authorityKeyIds));
      } else {
        assertThat(log.getLast()).startsWith("bundle");
      }
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
            Map.of("p2", word("5e41a1"), "p3", word("")),
            Set.of("p1")));

    AgentState state = sessions.agents().get(0);
    assertThat(state.said().pods()).isEqualTo(Map.of("p2", word("5e41a1"), "p3", word("")));
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

  @Test
  void whatAnAgentSays_isPassedOn_wholeAtFirst_thenWhatChanged() throws Exception {
    AgentReport.Seen seen = new AgentReport.Seen(Evidence.ACKNOWLEDGED, 2, 1, "5e41a1");
    Sessions.Session session = sessions.open(World.agent("node-1", "a1"), one, pods("p1", "p2"));
    timers.advance(Duration.ofSeconds(5));
    session.acknowledged(
        new Acknowledgement(
            1,
            Map.of(),
            Set.of(),
            Map.of("p2", new PodWord("5e41a1", List.of(seen)), "p1", word("")),
            Set.of("p1")));

    NodeRef node = new NodeRef(World.CLUSTER, "node-1");
    assertThat(words)
        .containsExactly(
            new AgentReport(
                node,
                0,
                "ca-1",
                World.NOW,
                true,
                Map.of("p1", List.of(), "p2", List.of()),
                Set.of()),
            new AgentReport(
                node,
                1,
                "ca-1",
                World.NOW.plusSeconds(5),
                false,
                Map.of("p2", List.of(seen)),
                Set.of("p1")));
  }

  @Test
  void agentThatOnlyLives_isPassedOnAtMostEach20Seconds() throws Exception {
    Sessions.Session session = sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    for (int second = 1; second <= 45; second++) {
      timers.advance(Duration.ofSeconds(1));
      session.heard();
    }

    assertThat(words).hasSize(3);
    assertThat(words.getLast().heard()).isEqualTo(World.NOW.plusSeconds(40));
    assertThat(words.getLast().full()).isFalse();
    assertThat(words.getLast().pods()).isEmpty();
    assertThat(words.getLast().ended()).isEmpty();
    session.closed();
    timers.advance(Duration.ofMinutes(1));
    session.heard();
    assertThat(words).hasSize(3);
  }

  /** What the dead stream still says is not the node's word any more. */
  @Test
  void replacedSession_isNotListenedTo() throws Exception {
    Sessions.Session stale = sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    sessions.open(World.agent("node-1", "a1"), two, pods("p1"));
    timers.advance(Duration.ofSeconds(30));
    words.clear();

    stale.acknowledged(pods("p9"));
    stale.heard();

    assertThat(words).isEmpty();
  }

  @Test
  void order_toOpenSessionsAndLaterOnes_afterTheBundle_untilItIsTakenBack() throws Exception {
    sessions.open(World.agent("node-1", "a1"), one, pods());
    sessions.reissue(Set.of("aa"));
    sessions.reissue(Set.of("aa"));
    sessions.reissue(Set.of("bb", "aa"));
    sessions.open(World.agent("node-2", "a2"), two, pods());
    sessions.reissue(Set.of());

    assertThat(one.log)
        .containsExactly("bundle 1", "reissue [aa]", "reissue [aa, bb]", "reissue []");
    assertThat(two.log).containsExactly("bundle 1", "reissue [aa, bb]", "reissue []");
  }

  @Test
  void ban_endsTheNodesSessionAlone_andOpensNoMore_untilItIsLifted() throws Exception {
    sessions.open(World.agent("node-1", "a1"), one, pods("p1"));
    sessions.open(World.agent("node-2", "a2"), two, pods("p2"));
    List<NodeRef> told = new ArrayList<>();
    sessions.onBan(told::add);
    NodeRef node = new NodeRef(World.CLUSTER, "node-1");
    banned.add(node);

    sessions.ban(node.cluster(), node.nodeName());
    sessions.ban(World.CLUSTER, "node-7");

    assertThat(one.ended).containsExactly(RefusalReason.AGENT_BANNED);
    assertThat(two.ended).isEmpty();
    assertThat(told).containsExactly(node, new NodeRef(World.CLUSTER, "node-7"));
    assertThat(sessions.servedPods()).containsExactly("p2");
    words.clear();
    assertThatThrownBy(() -> sessions.open(World.agent("node-1", "a1"), new Sent(), pods("p1")))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.AGENT_BANNED));
    assertThat(words).isEmpty();
    banned.clear();
    Sent again = new Sent();
    sessions.open(World.agent("node-1", "a1"), again, pods("p1"));
    assertThat(again.log).containsExactly("bundle 1");
  }

  private static PodWord word(String serial) {
    return new PodWord(serial, List.of());
  }

  private static Acknowledgement pods(String... uids) {
    Map<String, PodWord> pods = new HashMap<>();
    for (String uid : uids) {
      pods.put(uid, word(""));
    }
    return new Acknowledgement(0, Map.of(), Set.of(), pods, Set.of());
  }

  private static Acknowledgement manyPods(String prefix, int count) {
    Map<String, PodWord> pods = new HashMap<>();
    for (int i = 0; i < count; i++) {
      pods.put(prefix + i, word(""));
    }
    return new Acknowledgement(0, Map.of(), Set.of(), pods, Set.of());
  }
}
