package dev.signet.ca.rotation;

import static dev.signet.ca.rotation.RotationFixture.NEW;
import static dev.signet.ca.rotation.RotationFixture.NOW;
import static dev.signet.ca.rotation.RotationFixture.OLD;
import static dev.signet.ca.rotation.RotationFixture.root;
import static dev.signet.ca.rotation.RotationFixture.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate.ConsumerClass;
import dev.signet.ca.rotation.Gate.Missing;
import dev.signet.ca.rotation.Gate.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GatesTest {
  private static final NodeRef NODE = new NodeRef("c1", "node-1");
  private static final KeyId OLD_ISSUER = new KeyId("authority-root-old");
  private static final KeyId NEW_ISSUER = new KeyId("authority-root-new");
  private static final Instant END = NOW.plus(Duration.ofMinutes(30));

  private final TrustState published =
      state(root(OLD, AuthorityState.ACTIVE), root(NEW, AuthorityState.PUBLISHED));
  private final TrustState retiring =
      state(root(OLD, AuthorityState.RETIRING), root(NEW, AuthorityState.ACTIVE));

  private final List<ReplicaReport> replicas = new ArrayList<>();
  private final List<Consumers.Agent> agents = new ArrayList<>();
  private final List<Consumers.Pod> pods = new ArrayList<>();

  @Test
  void everybodyHoldsIt_activationIsOpen_andEachClassIsCountedApart() {
    replica("ca-0", 7, 4, 1);
    agent(4, NEW_ISSUER, NOW);
    pod("a", shown(Evidence.ACKNOWLEDGED, 4, "1", 5));
    pod("b", shown(Evidence.SENT, 4, "1", 60));
    pod("c", shown(Evidence.HELD, 4, "1", 5));
    pod("d", shown(Evidence.ACKNOWLEDGED, 4, "1", 5), shown(Evidence.SENT, 4, "1", 70));

    Gate gate = activation();

    assertThat(gate.missing()).isEmpty();
    assertThat(gate.tallies())
        .containsExactlyInAnyOrder(
            new Tally(ConsumerClass.REPLICA, 1, 1),
            new Tally(ConsumerClass.PUBLISHED_BUNDLE, 1, 1),
            new Tally(ConsumerClass.AGENT, 1, 1),
            new Tally(ConsumerClass.POD_ACKNOWLEDGED, 1, 1),
            new Tally(ConsumerClass.POD_SENT, 2, 2),
            new Tally(ConsumerClass.POD_HELD, 1, 1));
  }

  @Test
  void podsThatLackIt_areNamedWithTheFact() {
    everybodyElse();
    pod("a", shown(Evidence.ACKNOWLEDGED, 3, "1", 5));
    pod("b", shown(Evidence.SENT, 4, "1", 20));
    pod("c", shown(Evidence.SENT, 3, "1", 500));
    pod("d", shown(Evidence.HELD, 3, "1", 5));
    pod("e", shown(Evidence.UNSEEN, 4, "1", 500));
    pod("f");

    Gate gate = activation();

    assertThat(gate.missing())
        .extracting(Missing::name, Missing::kind, Missing::why)
        .containsExactly(
            row("shop/a", ConsumerClass.POD_ACKNOWLEDGED, "holds revision 3, not 4"),
            row(
                "shop/b",
                ConsumerClass.POD_SENT,
                "was sent revision 4 20 s ago; its client cannot say that it loaded it, 1 min is"
                    + " waited"),
            row("shop/c", ConsumerClass.POD_SENT, "was sent revision 3, not 4"),
            row("shop/d", ConsumerClass.POD_HELD, "its agent holds revision 3 for it, not 4"),
            row(
                "shop/e",
                ConsumerClass.POD_UNSEEN,
                "took a leaf and has no open stream: which roots it holds, nobody can say"),
            row("shop/f", ConsumerClass.POD_UNSEEN, "its agent has said nothing of it yet"));
    assertThat(gate.missing())
        .extracting(Missing::leaves)
        .containsOnly(Optional.of(END.plus(Gates.GRACE)));
    assertThat(gate.tallies())
        .contains(
            new Tally(ConsumerClass.POD_SENT, 0, 2), new Tally(ConsumerClass.POD_UNSEEN, 0, 2));
  }

  /** Its agent renews for it on and on, and hands nothing of that to anybody. */
  @Test
  void podThatTookALeafOnce_leavesWithThatLeaf_whateverIsRenewedForIt() {
    everybodyElse();
    pod("a", shown(Evidence.UNSEEN, 3, "long-ended", 500));

    assertThat(activation().missing()).isEmpty();
    assertThat(removal(Step.Kind.RETIRE).missing()).isEmpty();
    pods.clear();
    pod("a", shown(Evidence.UNSEEN, 3, "0", 500));

    assertThat(activation().missing()).hasSize(1);
    assertThat(removal(Step.Kind.RETIRE).missing()).hasSize(1);
  }

  /** RR2: an agent that is silent is named with its pods, and leaves when its leaves have ended. */
  @Test
  void frozenAgent_isNamed_andLeavesByItself() {
    replica("ca-0", 7, 4, 1);
    Instant frozen = NOW.minus(Duration.ofMinutes(2));
    agent(3, OLD_ISSUER, frozen);
    pod("a", shown(Evidence.ACKNOWLEDGED, 3, "1", 500));

    assertThat(activation().missing())
        .extracting(Missing::name, Missing::why)
        .containsExactly(
            row("node-1", "holds revision 3, not 4; it has said nothing since " + frozen),
            row("shop/a", "holds revision 3, not 4; its agent has said nothing since " + frozen));
    Instant last = END.plus(Gates.GRACE);
    assertThat(activation(last).missing())
        .extracting(Missing::kind)
        .contains(ConsumerClass.AGENT, ConsumerClass.POD_ACKNOWLEDGED);
    assertThat(activation(last.plusMillis(1)).missing())
        .extracting(Missing::kind)
        .containsExactly(ConsumerClass.REPLICA);
  }

  @Test
  void sentBeforeAnAgentFellSilent_isNotCounted() {
    replica("ca-0", 7, 4, 1);
    Instant heard = NOW.minusSeconds(50);
    agent(4, OLD_ISSUER, heard);
    pod("a", shown(Evidence.SENT, 4, "1", 61));

    assertThat(activation().missing())
        .extracting(Missing::why)
        .containsExactly(
            "was sent revision 4 at "
                + NOW.minusSeconds(61)
                + "; that its stream stayed open for 1 min, its agent has not said");
  }

  /** RR5: a replica that is behind holds the gate, until it is gone for a minute. */
  @Test
  void replicaBehind_isNamed_untilItIsGone() {
    replica("ca-0", 7, 4, 1);
    replica("ca-1", 6, 3, 60);

    assertThat(activation().missing())
        .extracting(Missing::name, Missing::why, Missing::leaves)
        .containsExactly(row("ca-1", "works by version 6, not 7", Optional.of(NOW)));
    replicas.set(1, new ReplicaReport("ca-1", 6, 3, NOW.minusMillis(60_001)));
    assertThat(activation().isOpen()).isTrue();
    replicas.clear();
    assertThat(activation().missing())
        .extracting(Missing::kind)
        .containsExactlyInAnyOrder(ConsumerClass.REPLICA, ConsumerClass.PUBLISHED_BUNDLE);
  }

  @Test
  void bundleNotWhereAgentsLook_isNamed() {
    replica("ca-0", 7, 3, 1);

    assertThat(activation().missing())
        .extracting(Missing::kind, Missing::why)
        .containsExactly(
            row(
                ConsumerClass.PUBLISHED_BUNDLE,
                "no replica knows revision 4 to be where agents look before they dial"));
  }

  @Test
  void bannedNode_isNotWaitedFor() {
    replica("ca-0", 7, 4, 1);
    agent(3, OLD_ISSUER, NOW);
    pod("a", shown(Evidence.ACKNOWLEDGED, 3, "1", 500));
    TrustState banned =
        new TrustState(
            7,
            4,
            false,
            published.roots(),
            published.issuers(),
            List.of(new Ban("c1", "node-1", "ann", "", NOW)));

    assertThat(Gates.activate(banned, consumers(), NEW, NOW).isOpen()).isTrue();
  }

  @Test
  void everybodyShowsANewLeaf_removalIsOpen_whateverElseTheyHad() {
    everybodyElse();
    pod("a", shown(Evidence.ACKNOWLEDGED, 1, "2", 5));
    pod("b", shown(Evidence.SENT, 1, "2", 60));
    pod("c", shown(Evidence.HELD, 1, "2", 5));
    onlyNewLeaf("d", shown(Evidence.UNSEEN, 0, "", 5));
    onlyNewLeaf("e");

    Gate gate = removal(Step.Kind.RETIRE);

    assertThat(gate.missing()).isEmpty();
    assertThat(gate.tallies()).contains(new Tally(ConsumerClass.POD_UNSEEN, 2, 2));
  }

  @Test
  void podsThatShowAnOldLeaf_areNamedWithItsEnd() {
    everybodyElse();
    pod("a", shown(Evidence.ACKNOWLEDGED, 4, "1", 5));
    pod("b", shown(Evidence.SENT, 4, "1", 500));
    pod("c", shown(Evidence.SENT, 4, "2", 59));
    pod("d", shown(Evidence.HELD, 4, "1", 5));
    pod("e", shown(Evidence.UNSEEN, 4, "2", 5));
    pod("f");
    pod("g", shown(Evidence.ACKNOWLEDGED, 4, "unknown", 5));
    pod("h", shown(Evidence.ACKNOWLEDGED, 0, "2", 5));

    assertThat(removal(Step.Kind.REVOKE).missing())
        .extracting(Missing::name, Missing::why)
        .containsExactly(
            row("shop/a", "shows a leaf that root-old vouches for, until " + END),
            row(
                "shop/b",
                "was sent nothing newer than a leaf that root-old vouches for, until " + END),
            row(
                "shop/c",
                "was sent its new leaf 59 s ago; its client cannot say that it loaded it, 1 min is"
                    + " waited"),
            row("shop/d", "its agent holds a leaf for it that root-old vouches for, until " + END),
            row(
                "shop/e",
                "took a leaf that root-old vouches for, until " + END + ", and has no open stream"),
            row("shop/f", "its agent has said nothing of it yet"),
            row("shop/g", "shows a leaf that root-old vouches for, until " + END),
            row("shop/h", "shows a leaf that root-old vouches for, until " + END));
  }

  /** Of several consumers the oldest leaf alone is known: another may show one that came later. */
  @Test
  void severalConsumers_whoseOldestLeafIsBelowAThirdRoot_mayShowOneBelowThisOne() {
    KeyId third = new KeyId("root-oldest");
    TrustState three =
        state(
            root(third, AuthorityState.RETIRING),
            root(OLD, AuthorityState.TAINTED),
            root(NEW, AuthorityState.ACTIVE));
    replica("ca-0", 7, 4, 1);
    agent(4, NEW_ISSUER, NOW);
    List<Consumers.Leaf> leaves =
        List.of(
            new Consumers.Leaf("1", new KeyId("authority-root-oldest"), END),
            new Consumers.Leaf("2", OLD_ISSUER, END),
            new Consumers.Leaf("3", NEW_ISSUER, END));
    pods.add(
        new Consumers.Pod(
            NODE,
            "shop",
            "two",
            "two",
            "spiffe://x/y",
            leaves,
            List.of(new Consumers.Shown(Evidence.ACKNOWLEDGED, 2, 4, "1", NOW))));
    pods.add(
        new Consumers.Pod(
            NODE,
            "shop",
            "one",
            "one",
            "spiffe://x/y",
            leaves,
            List.of(new Consumers.Shown(Evidence.ACKNOWLEDGED, 1, 4, "1", NOW))));

    assertThat(Gates.remove(three, consumers(), OLD, Step.Kind.REVOKE, NOW).missing())
        .extracting(Missing::name)
        .containsExactly("shop/two");
  }

  @Test
  void agentOrReplicaBelowTheRoot_isNamed() {
    replica("ca-0", 7, 4, 1);
    replica("ca-1", 6, 4, 1);
    agent(4, OLD_ISSUER, NOW);
    TrustState signs =
        new TrustState(
            7,
            4,
            false,
            retiring.roots(),
            List.of(
                RotationFixture.issuer(OLD, AuthorityState.ACTIVE),
                RotationFixture.issuer(NEW, AuthorityState.ACTIVE)),
            List.of());

    assertThat(Gates.remove(signs, consumers(), OLD, Step.Kind.RETIRE, NOW).missing())
        .extracting(Missing::name, Missing::why)
        .containsExactly(
            row("ca-0", "its issuing authority authority-root-old is below root-old"),
            row("ca-1", "works by version 6, not 7"),
            row("node-1", "its SVID is one that root-old vouches for, until " + END));
  }

  /** RR18: a plan for the root that signs names the CA itself and whoever relies on it. */
  @Test
  void planForTheRootThatSigns_isClosed() {
    everybodyElse();
    pod("a", shown(Evidence.ACKNOWLEDGED, 4, "1", 5));

    assertThat(Gates.remove(published, consumers(), OLD, Step.Kind.REVOKE, NOW).missing())
        .extracting(Missing::name, Missing::why)
        .contains(
            row("every replica", "signs below root-old, for no other root is active"),
            row("shop/a", "shows a leaf that root-old vouches for, until " + END));
  }

  @Test
  void waiting_isForEachRootThatComesOrGoes() {
    TrustState all =
        state(
            root(new KeyId("root-tainted"), AuthorityState.TAINTED),
            root(OLD, AuthorityState.RETIRING),
            root(new KeyId("root-active"), AuthorityState.ACTIVE),
            root(NEW, AuthorityState.PUBLISHED));

    assertThat(Gates.waiting(all, consumers(), NOW))
        .extracting(Gate::step, gate -> gate.root().value())
        .containsExactly(
            row(Step.Kind.ACTIVATE, "root-new"),
            row(Step.Kind.REVOKE, "root-tainted"),
            row(Step.Kind.RETIRE, "root-old"));
    assertThat(Gates.waiting(state(root(OLD, AuthorityState.TAINTED)), consumers(), NOW)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gates.remove(all, consumers(), OLD, Step.Kind.ABORT, NOW));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Gates.activate(all, consumers(), new KeyId("nobody"), NOW));
  }

  private static org.assertj.core.groups.Tuple row(Object... values) {
    return org.assertj.core.api.Assertions.tuple(values);
  }

  private void everybodyElse() {
    replica("ca-0", 7, 4, 1);
    agent(4, NEW_ISSUER, NOW);
  }

  private void replica(String name, long version, long known, long secondsAgo) {
    replicas.add(new ReplicaReport(name, version, known, NOW.minusSeconds(secondsAgo)));
  }

  private void agent(long revision, KeyId issuer, Instant heard) {
    agents.add(new Consumers.Agent(NODE, issuer, END, revision, Optional.of(heard)));
  }

  private static Consumers.Shown shown(
      Evidence evidence, long revision, String serial, long secondsAgo) {
    return new Consumers.Shown(evidence, 1, revision, serial, NOW.minusSeconds(secondsAgo));
  }

  /** A pod with an old leaf, 1, and a new one, 2. */
  private void pod(String name, Consumers.Shown... shown) {
    List<Consumers.Leaf> leaves =
        List.of(new Consumers.Leaf("1", OLD_ISSUER, END), new Consumers.Leaf("2", NEW_ISSUER, END));
    pods.add(new Consumers.Pod(NODE, "shop", name, name, "spiffe://x/y", leaves, List.of(shown)));
  }

  private void onlyNewLeaf(String name, Consumers.Shown... shown) {
    List<Consumers.Leaf> leaves = List.of(new Consumers.Leaf("2", NEW_ISSUER, END));
    pods.add(new Consumers.Pod(NODE, "shop", name, name, "spiffe://x/y", leaves, List.of(shown)));
  }

  private Consumers consumers() {
    return new Consumers(replicas, agents, pods);
  }

  private Gate activation() {
    return activation(NOW);
  }

  private Gate activation(Instant now) {
    return Gates.activate(published, consumers(), NEW, now);
  }

  private Gate removal(Step.Kind step) {
    return Gates.remove(retiring, consumers(), OLD, step, NOW);
  }
}
