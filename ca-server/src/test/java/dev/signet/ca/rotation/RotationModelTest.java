package dev.signet.ca.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate.ConsumerClass;
import dev.signet.ca.rotation.Gate.Missing;
import dev.signet.ca.rotation.TrustWorld.Flaw;
import dev.signet.ca.rotation.TrustWorld.Node;
import dev.signet.ca.rotation.TrustWorld.Pod;
import dev.signet.ca.rotation.TrustWorld.Replica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Walks of the whole machine through a world that does what it likes: no live, undisturbed SVID is
 * refused by a live, undisturbed consumer, whatever the order.
 */
class RotationModelTest {
  private static final int WALKS = 2500;
  private static final int LENGTH = 120;

  /**
   * RR5, RR13: every command in every order, by several at once, with replicas that crash, freeze
   * and lag, agents that freeze and restart, consumers that are late, and a clock that jumps.
   */
  @Test
  void everyOrderOfEverything_whoeverWasNotPassedOverIsNeverRefused() {
    Map<Step.Kind, Integer> steps = new EnumMap<>(Step.Kind.class);
    Map<Step.Kind, Integer> overridden = new EnumMap<>(Step.Kind.class);
    Set<RotationRefusal> refusals = EnumSet.noneOf(RotationRefusal.class);
    int lost = 0;
    int passedOver = 0;
    for (int seed = 0; seed < WALKS; seed++) {
      TrustWorld world = new TrustWorld(seed);
      Optional<String> failure = walk(world, LENGTH);
      assertThat(failure).as("seed %s: %s", seed, String.join("\n", world.story)).isEmpty();
      assertThat(TrustInvariants.brokenHistory(world.steps)).as("seed %s", seed).isEmpty();
      world.steps.forEach(step ->
          (step.overrides().isEmpty() ? steps : overridden).merge(step.kind(), 1, Integer::sum));
      refusals.addAll(world.refusals);
      lost += world.lost;
      passedOver += world.failuresOfThePassedOver;
    }

    // The walks went everywhere, so that their silence says something.
    assertThat(steps.keySet()).containsAll(EnumSet.allOf(Step.Kind.class));
    assertThat(steps.get(Step.Kind.ACTIVATE)).isGreaterThan(WALKS / 2);
    assertThat(steps.get(Step.Kind.RETIRE)).isGreaterThan(WALKS / 10);
    assertThat(steps.get(Step.Kind.REVOKE)).isGreaterThan(WALKS / 100);
    assertThat(overridden.keySet())
        .containsExactlyInAnyOrder(Step.Kind.ACTIVATE, Step.Kind.RETIRE, Step.Kind.REVOKE);
    assertThat(EnumSet.complementOf(EnumSet.copyOf(refusals)))
        .isSubsetOf(RotationRefusal.NO_SUCH_AUTHORITY, RotationRefusal.STATE_CHANGED);
    assertThat(lost).as("changes that came second").isGreaterThan(WALKS / 4);
    assertThat(passedOver).as("whoever was passed over is refused").isGreaterThan(WALKS / 10);
  }

  /** Whatever is taken away from the machine, the model misses it. */
  @ParameterizedTest
  @EnumSource
  void somethingTakenAway_isFound(Mutant mutant) {
    int seed = 0;
    Optional<String> failure = Optional.empty();
    while (failure.isEmpty() && seed < WALKS) {
      TrustWorld world = new TrustWorld(seed++);
      mutant.breaks.accept(world);
      failure = walk(world, LENGTH);
    }

    assertThat(failure).isPresent();
  }

  enum Mutant {
    ACTIVATION_WITHOUT_REPLICAS(blind(true, one -> one.kind() == ConsumerClass.REPLICA)),
    ACTIVATION_WITHOUT_PUBLISHED(blind(true, one -> one.kind() == ConsumerClass.PUBLISHED_BUNDLE)),
    ACTIVATION_WITHOUT_AGENTS(blind(true, one -> one.kind() == ConsumerClass.AGENT)),
    ACTIVATION_WITHOUT_ACKNOWLEDGED(
        blind(true, one -> one.kind() == ConsumerClass.POD_ACKNOWLEDGED)),
    ACTIVATION_WITHOUT_SENT(blind(true, one -> one.kind() == ConsumerClass.POD_SENT)),
    ACTIVATION_WITHOUT_UNSEEN(blind(true, one -> one.kind() == ConsumerClass.POD_UNSEEN)),
    ACTIVATION_WITHOUT_FLOOR(
        blind(true, one -> one.why().contains("was sent") && one.why().contains(" 1 min"))),
    REMOVAL_WITHOUT_REPLICAS(blind(false, one -> one.kind() == ConsumerClass.REPLICA)),
    REMOVAL_WITHOUT_AGENTS(blind(false, one -> one.kind() == ConsumerClass.AGENT)),
    REMOVAL_WITHOUT_ACKNOWLEDGED(blind(false, one -> one.kind() == ConsumerClass.POD_ACKNOWLEDGED)),
    REMOVAL_WITHOUT_SENT(blind(false, one -> one.kind() == ConsumerClass.POD_SENT)),
    REMOVAL_WITHOUT_HELD(blind(false, one -> one.kind() == ConsumerClass.POD_HELD)),
    REMOVAL_WITHOUT_UNSEEN(blind(false, one -> one.kind() == ConsumerClass.POD_UNSEEN)),
    REMOVAL_WITHOUT_FLOOR(
        blind(false, one -> one.why().contains("was sent") && one.why().contains(" 1 min"))),
    FLOOR_WITHOUT_HEARING_OF_THE_AGENT(world ->
        world.eye = gate -> without(gate, one -> one.why().contains("its agent has not said"))),
    NO_FENCE(world -> world.flaws.add(Flaw.NO_FENCE)),
    AGENT_FORGETS(world -> world.flaws.add(Flaw.AGENT_FORGETS_THAT_IT_HANDED_OUT)),
    NO_GRACE(world -> world.flaws.add(Flaw.LEAF_ENDS_AT_ITS_END));

    @SuppressWarnings("ImmutableEnumChecker") // the lambdas keep nothing that changes
    private final Consumer<TrustWorld> breaks;

    Mutant(Consumer<TrustWorld> breaks) {
      this.breaks = breaks;
    }

    private static Consumer<TrustWorld> blind(boolean activation, Predicate<Missing> to) {
      return world ->
          world.eye =
              gate -> (gate.step() == Step.Kind.ACTIVATE) == activation ? without(gate, to) : gate;
    }

    private static Gate without(Gate gate, Predicate<Missing> what) {
      return new Gate(
          gate.step(),
          gate.root(),
          gate.tallies(),
          gate.missing().stream().filter(what.negate()).toList());
    }
  }

  /**
   * RR18: whom the plan names is whom a removal refuses. Of those that take no leaf at present
   * nobody can say it, so they are named and may be missing from the refused.
   */
  @Test
  void planOfARemoval_namesThosePodsThatItBreaks() {
    int named = 0;
    for (int seed = 0; seed < 400; seed++) {
      TrustWorld world = new TrustWorld(seed);
      walk(world, 10 + seed % 90);
      calm(world);
      for (TrustState.Root root : world.state.roots()) {
        if (!root.state().inBundle() || !world.pending.isEmpty()) {
          continue;
        }
        Gate plan =
            Gates.remove(world.state, world.consumers(), root.id(), Step.Kind.REVOKE, world.now);
        Set<String> breaks = world.refused(Set.of(root.id()));
        Set<String> already = world.refused(Set.of());
        Set<String> banned =
            world.pods.stream()
                .filter(pod -> world.isBanned(pod.node))
                .map(pod -> pod.uid)
                .collect(Collectors.toSet());
        breaks.removeAll(banned);
        Set<String> all =
            plan.missing().stream()
                .map(Missing::podUid)
                .filter(uid -> !uid.isEmpty())
                .collect(Collectors.toSet());
        Set<String> certain =
            plan.missing().stream()
                .filter(one ->
                    one.kind() == ConsumerClass.POD_ACKNOWLEDGED
                        || one.kind() == ConsumerClass.POD_SENT)
                .map(Missing::podUid)
                .filter(uid -> world.pods.stream().anyMatch(pod -> isTold(pod, uid)))
                .collect(Collectors.toSet());

        assertThat(breaks)
            .as("seed %s, %s, %s", seed, root, world.pods.stream().map(world::describe).toList())
            .containsAll(certain);
        breaks.removeAll(already);
        assertThat(all).as("seed %s, %s", seed, root).containsAll(breaks);
        named += certain.size();
      }
    }
    assertThat(named).isGreaterThan(400);
  }

  private static boolean isTold(Pod pod, String uid) {
    return pod.uid.equals(uid)
        && pod.consumers.stream().allMatch(consumer -> consumer.toldLeaf != null);
  }

  /** Nobody decides anything; everybody says what is, and loads what it was sent. */
  private static void calm(TrustWorld world) {
    world.pending.clear();
    for (Node node : world.nodes) {
      node.frozen = false;
      node.said.clear();
    }
    for (Replica replica : world.replicas) {
      replica.up = true;
      replica.frozen = false;
      world.keepUp(replica);
    }
    for (int i = 0; i < 2; i++) {
      for (Node node : world.nodes) {
        world.attest(node);
        world.receive(node);
      }
      for (Pod pod : world.pods) {
        pod.away = false;
        if (pod.held == null) {
          world.renew(pod);
        }
        world.serve(pod);
      }
      for (Node node : world.nodes) {
        world.report(node);
        world.deliver(node);
      }
      world.pass(Duration.ofSeconds(61));
    }
    for (Node node : world.nodes) {
      world.report(node);
      world.deliver(node);
    }
    world.replicas.forEach(world::keepUp);
  }

  /** Goes on until something is wrong, or for so many things. */
  private static Optional<String> walk(TrustWorld world, int length) {
    for (int i = 0; i < length && world.failures.isEmpty(); i++) {
      something(world);
      world.look();
    }
    return world.failures.stream().findFirst();
  }

  private static void something(TrustWorld world) {
    Random random = world.random;
    int what = random.nextInt(100);
    if (what < 40) {
      ordinary(world, random.nextInt(2, 30));
    } else if (what < 50) {
      world.pass(Duration.ofSeconds(random.nextInt(1, 90)));
    } else if (what < 52) {
      world.passToAnEnd(world.pods.get(random.nextInt(world.pods.size())));
    } else if (what < 54) {
      world.pass(Duration.ofMinutes(random.nextInt(2, random.nextInt(5) == 0 ? 180 : 20)));
    } else if (what < 65) {
      order(world);
    } else if (what < 80) {
      commit(world);
    } else {
      mishap(world);
    }
  }

  private static void commit(TrustWorld world) {
    if (!world.pending.isEmpty()) {
      world.commit(world.pending.remove(world.random.nextInt(world.pending.size())));
    }
  }

  /** What happens on any day; each may be late. */
  private static void ordinary(TrustWorld world, int late) {
    Random random = world.random;
    for (Replica replica : world.replicas) {
      if (!replica.answers()) {
        continue;
      }
      maybe(random, late, () -> world.learn(replica));
      maybe(random, late, () -> world.work(replica));
      maybe(random, late, () -> world.publish(replica));
      maybe(random, late, () -> world.say(replica));
      maybe(random, late, world::complete);
      maybe(random, late, () -> world.decide(replica));
      maybe(random, late, () -> commit(world));
    }
    Set<KeyId> reissue = RotationSchedule.reissue(world.state, world.now);
    for (Node node : world.nodes) {
      if (!world.replicas.get(node.session).answers()) {
        maybe(random, late, () -> world.move(node));
      }
      if (isDue(world, node.svid, reissue)) {
        maybe(random, late, () -> world.attest(node));
      }
      maybe(random, late, () -> world.receive(node));
    }
    for (Pod pod : world.pods) {
      pod.away &= random.nextInt(12) > 0;
      if (isDue(world, pod.held, reissue) && (!pod.consumers.isEmpty() || random.nextInt(4) == 0)) {
        maybe(random, late, () -> world.renew(pod));
      }
      for (TrustWorld.Consumer consumer : pod.consumers) {
        maybe(random, late, () -> world.offer(pod, consumer, random.nextInt(5) > 0));
      }
    }
    for (Node node : world.nodes) {
      maybe(random, late, () -> world.report(node));
      while (!node.said.isEmpty() && random.nextInt(late) > 0) {
        world.deliver(node);
        if (!world.replicas.get(node.session).answers()) {
          break;
        }
      }
    }
    world.pass(Duration.ofSeconds(random.nextInt(20)));
  }

  private static boolean isDue(TrustWorld world, TrustWorld.@Nullable Leaf leaf, Set<KeyId> now) {
    return leaf == null
        || now.contains(leaf.issuer())
        || leaf.notAfter().isBefore(world.now.plus(TrustWorld.LEAF.dividedBy(2)));
  }

  private static void maybe(Random random, int late, Runnable action) {
    if (random.nextInt(late) > 0) {
      action.run();
    }
  }

  private static void mishap(TrustWorld world) {
    Random random = world.random;
    Replica replica = world.replicas.get(random.nextInt(2));
    Node node = world.nodes.get(random.nextInt(2));
    Pod pod = world.pods.get(random.nextInt(world.pods.size()));
    switch (random.nextInt(14)) {
      case 0 -> replica.up = false;
      case 1, 2, 3 -> {
        boolean asleep = replica.frozen;
        replica.frozen = false;
        if (!replica.up) {
          replica.up = true;
          world.work(replica);
        } else if (asleep) {
          wake(world, replica);
        }
      }
      case 4 -> replica.frozen = true;
      case 5 -> node.frozen = true;
      case 6, 7 -> node.frozen = false;
      case 8 -> world.restart(node);
      case 9 -> {
        if (!pod.away) {
          world.breakStreams(pod);
        }
        pod.away = !pod.away;
      }
      case 10 -> {
        if (!pod.consumers.isEmpty()) {
          world.breakStream(pod, pod.consumers.getFirst());
        }
      }
      case 11 -> {
        world.renew(pod);
        world.serve(pod);
      }
      case 12 -> {
        for (Pod empty : world.pods) {
          if (empty.consumers.isEmpty()) {
            empty.consumers.add(new TrustWorld.Consumer(TrustWorld.Kind.ACKNOWLEDGES));
            world.serve(empty);
          }
        }
      }
      default -> {
        if (world.pods.size() > 3) {
          world.end(pod);
        } else {
          world.addPod(node);
        }
      }
    }
  }

  /** Before it learns what happened meanwhile, somebody comes to it. */
  private static void wake(TrustWorld world, Replica replica) {
    for (Pod pod : world.pods) {
      if (world.replicas.get(pod.node.session) != replica && world.random.nextBoolean()) {
        world.move(pod.node);
      }
      world.renew(pod);
      world.serve(pod);
    }
  }

  private static void order(TrustWorld world) {
    Random random = world.random;
    TrustState seen = world.state;
    Operator by = new Operator("ann", random.nextInt(3) == 0 ? " " : "drill");
    boolean override = random.nextInt(4) == 0;
    List<TrustState.Root> roots = seen.roots();
    KeyId root = roots.get(random.nextInt(roots.size())).id();
    NodeRef node = new NodeRef("c1", "node-" + random.nextInt(3));
    boolean attested = !node.nodeName().equals("node-2");
    switch (random.nextInt(24)) {
      case 0, 1, 2, 3 -> {
        Lifetimes lifetimes =
            random.nextInt(10) == 0
                ? new Lifetimes(Duration.ofHours(2), TrustWorld.LEAF)
                : TrustWorld.LIFETIMES;
        boolean forced = random.nextBoolean();
        world.attempt(
            () -> Rotation.prepare(seen, world.newRoot(), forced, lifetimes, by, world.now),
            List.of());
      }
      case 4 -> world.attempt(() -> Rotation.pause(seen, by, world.now), List.of());
      case 5, 6, 16, 17, 18 -> world.attempt(() -> Rotation.resume(seen, by, world.now), List.of());
      case 7 -> world.attempt(() -> Rotation.abort(seen, by, world.now), List.of());
      case 8 -> {
        List<Missing> missing = new ArrayList<>();
        Gates.waiting(seen, world.consumers(), world.now).stream()
            .filter(gate -> gate.step() != Step.Kind.REVOKE)
            .limit(1)
            .forEach(gate -> missing.addAll(gate.missing()));
        world.attempt(
            () -> Rotation.override(seen, world.consumers(), TrustWorld.LIFETIMES, by, world.now),
            missing);
      }
      case 9 -> {
        List<KeyId> all = new ArrayList<>(roots.stream().map(TrustState.Root::id).toList());
        all.addAll(seen.issuers().stream().map(TrustState.Issuer::id).toList());
        KeyId authority =
            random.nextBoolean()
                ? seen.signer().orElseThrow().id()
                : all.get(random.nextInt(all.size()));
        List<Gate> gates = world.gates(seen);
        world.attempt(
            () -> Rotation.taint(seen, authority, gates, TrustWorld.LIFETIMES, by, world.now),
            List.of());
      }
      case 10, 11, 12 -> {
        KeyId which =
            seen.roots(AuthorityState.TAINTED).stream()
                .findFirst()
                .map(TrustState.Root::id)
                .filter(_ -> random.nextInt(3) > 0)
                .orElse(root);
        Gate gate =
            world.eye.apply(
                Gates.remove(seen, world.consumers(), which, Step.Kind.REVOKE, world.now));
        world.attempt(
            () -> Rotation.revoke(seen, which, gate, by, override, world.now), gate.missing());
      }
      case 13 -> world.attempt(() -> Rotation.ban(seen, node, attested, by, world.now), List.of());
      case 14, 19, 20, 21, 22, 23 ->
          world.attempt(() -> Rotation.unban(seen, node, by, world.now), List.of());
      default -> {
        Gate gate = Gates.remove(seen, world.consumers(), root, Step.Kind.RETIRE, world.now);
        world.attempt(() -> Rotation.retire(seen, root, gate, by, false, world.now), List.of());
      }
    }
    if (random.nextBoolean()) {
      commit(world);
    }
  }
}
