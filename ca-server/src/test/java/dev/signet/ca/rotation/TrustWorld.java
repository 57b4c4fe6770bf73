package dev.signet.ca.rotation;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate.Missing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A trust domain in miniature: the store, replicas, agents, pods with consumers of every class, and
 * operators, of which each does the next thing that comes into its head. Whatever two of them do at
 * once is an order of these things, for each is one message or one transaction.
 *
 * <p>What is true (what a consumer shows and holds) and what is written down of it are two things
 * here: the gates see the second, {@link #failures} the first.
 */
final class TrustWorld {
  static final Duration LEAF = Duration.ofMinutes(60);
  static final Duration AUTHORITY = Duration.ofHours(24);
  static final Lifetimes LIFETIMES = new Lifetimes(Duration.ofHours(30), LEAF);

  /** A client that cannot say so loads what it is sent after this at the latest. */
  static final Duration LATEST_LOAD = Duration.ofSeconds(30);

  /** A session over which words are this late is cut off; the two make {@link Gates#SENT_FLOOR}. */
  static final Duration LATEST_WORD = Duration.ofSeconds(30);

  /** What can be broken on purpose, to see that the model finds it. */
  enum Flaw {
    NO_FENCE,
    AGENT_FORGETS_THAT_IT_HANDED_OUT,
    LEAF_ENDS_AT_ITS_END
  }

  record Leaf(long number, KeyId issuer, KeyId root, Instant notAfter) {
    String serial() {
      return Long.toHexString(number);
    }
  }

  record Bundle(long revision, Set<KeyId> roots) {
    static final Bundle NONE = new Bundle(0, Set.of());

    static Bundle of(TrustState state) {
      return new Bundle(state.revision(), TrustInvariants.bundle(state));
    }

    Bundle newer(Bundle other) {
      return other.revision > revision ? other : this;
    }
  }

  /** A change that somebody decided on and has not brought to the store yet. */
  record Pending(TrustChange change, List<Missing> passedOver) {}

  static final class Replica {
    final String name;
    boolean up = true;
    boolean frozen;
    boolean disturbed;
    Bundle bundle = Bundle.NONE;
    long works;
    @Nullable KeyId issuer;
    @Nullable KeyId issuerRoot;

    Replica(String name) {
      this.name = name;
    }

    boolean answers() {
      return up && !frozen;
    }
  }

  static final class Node {
    final NodeRef ref;
    boolean frozen;
    boolean disturbed;
    Bundle bundle = Bundle.NONE;
    @Nullable Leaf svid;
    int session;
    boolean saidAll;
    final Deque<AgentReport> said = new ArrayDeque<>();

    Node(String name) {
      this.ref = new NodeRef("c1", name);
    }
  }

  enum Kind {
    ACKNOWLEDGES,
    CANNOT_SAY,
    COPIES
  }

  static final class Consumer {
    final Kind kind;
    boolean connected;
    boolean disturbed;
    Bundle bundle = Bundle.NONE;
    @Nullable Leaf leaf;
    Bundle told = Bundle.NONE;
    @Nullable Leaf toldLeaf;
    @Nullable Instant sentAt;

    Consumer(Kind kind) {
      this.kind = kind;
    }

    void load() {
      bundle = bundle.newer(told);
      leaf = toldLeaf == null ? leaf : toldLeaf;
      sentAt = null;
    }
  }

  static final class Pod {
    final String uid;
    final Node node;
    boolean disturbed;
    boolean handedOut;

    /** Its streams are broken, and it does not come back yet. */
    boolean away;

    @Nullable Leaf held;
    final List<Consumer> consumers = new ArrayList<>();

    Pod(String uid, Node node) {
      this.uid = uid;
      this.node = node;
    }
  }

  private record AgentRow(Leaf svid, long revision, Optional<Instant> heard) {}

  private static final class PodRow {
    final List<Leaf> leaves = new ArrayList<>();
    Map<Evidence, Consumers.Shown> shown = new EnumMap<>(Evidence.class);
  }

  final Random random;
  final Set<Flaw> flaws = EnumSet.noneOf(Flaw.class);
  UnaryOperator<Gate> eye = gate -> gate;

  Instant now = Instant.parse("2026-06-01T12:00:00Z");
  TrustState state;
  final List<Step> steps = new ArrayList<>();
  final List<Replica> replicas = new ArrayList<>();
  final List<Node> nodes = new ArrayList<>();
  final List<Pod> pods = new ArrayList<>();
  final List<Pending> pending = new ArrayList<>();
  final Set<RotationRefusal> refusals = EnumSet.noneOf(RotationRefusal.class);
  final List<String> story = new ArrayList<>();
  final List<String> failures = new ArrayList<>();
  Bundle published;
  boolean publishedDisturbed;
  int lost;
  int failuresOfThePassedOver;

  private final Map<String, ReplicaReport> replicaRows = new TreeMap<>();
  private final Map<NodeRef, AgentRow> agentRows = new LinkedHashMap<>();
  private final Map<String, PodRow> podRows = new HashMap<>();
  private int made;
  private long serials;

  TrustWorld(long seed) {
    random = new Random(seed);
    Duration left = Duration.ofMinutes(random.nextInt(4 * 60, 40 * 60));
    TrustState.Root root =
        new TrustState.Root(
            new KeyId("root-0"),
            AuthorityState.ACTIVE,
            Optional.of(new Validity(now.plus(left).minus(Duration.ofHours(40)), now.plus(left))),
            new Since(1, 1, now),
            false);
    state = new TrustState(1, 1, false, List.of(root), List.of(), List.of());
    published = Bundle.of(state);
    for (int i = 0; i < 2; i++) {
      replicas.add(new Replica("ca-" + i));
      nodes.add(new Node("node-" + i));
    }
    for (int i = 0; i < 4; i++) {
      addPod(nodes.get(i % 2));
    }
    replicas.forEach(this::keepUp);
    for (int i = 0; i < 2; i++) {
      nodes.get(i).session = i;
      attest(nodes.get(i));
    }
    pods.forEach(this::renew);
    pods.forEach(this::serve);
  }

  // What is written down.

  Consumers consumers() {
    Instant unexpiredAt = flaws.contains(Flaw.LEAF_ENDS_AT_ITS_END) ? now : now.minus(Gates.GRACE);
    List<Consumers.Agent> agents = new ArrayList<>();
    agentRows.forEach((node, row) -> {
      if (!row.svid().notAfter().isBefore(unexpiredAt)) {
        agents.add(
            new Consumers.Agent(
                node, row.svid().issuer(), row.svid().notAfter(), row.revision(), row.heard()));
      }
    });
    List<Consumers.Pod> known = new ArrayList<>();
    for (Pod pod : pods) {
      PodRow row = row(pod);
      List<Consumers.Leaf> leaves =
          row.leaves.stream()
              .filter(leaf -> !leaf.notAfter().isBefore(unexpiredAt))
              .map(leaf -> new Consumers.Leaf(leaf.serial(), leaf.issuer(), leaf.notAfter()))
              .toList();
      if (!leaves.isEmpty()) {
        known.add(
            new Consumers.Pod(
                pod.node.ref,
                "shop",
                pod.uid,
                pod.uid,
                "spiffe://shop.example/ns/shop/sa/" + pod.uid,
                leaves,
                List.copyOf(row.shown.values())));
      }
    }
    return new Consumers(List.copyOf(replicaRows.values()), agents, known);
  }

  List<Gate> gates(TrustState seen) {
    return Gates.waiting(seen, consumers(), now).stream().map(eye).toList();
  }

  private PodRow row(Pod pod) {
    return podRows.computeIfAbsent(pod.uid, _ -> new PodRow());
  }

  private void heard(AgentReport report) {
    AgentRow row = agentRows.get(report.node());
    if (row != null) {
      agentRows.put(report.node(), new AgentRow(row.svid(), report.revision(), Optional.of(now)));
    }
    for (Pod pod : pods) {
      List<AgentReport.Seen> seen = report.pods().get(pod.uid);
      if (seen == null) {
        continue;
      }
      PodRow written = row(pod);
      Map<Evidence, Consumers.Shown> shown = new EnumMap<>(Evidence.class);
      for (AgentReport.Seen one : seen) {
        Consumers.Shown before = written.shown.get(one.evidence());
        boolean same =
            before != null
                && !report.full()
                && before.revision() == one.revision()
                && before.serial().equals(one.serial());
        shown.put(
            one.evidence(),
            new Consumers.Shown(
                one.evidence(),
                one.consumers(),
                one.revision(),
                one.serial(),
                same ? Objects.requireNonNull(before).since() : now));
      }
      written.shown = shown;
    }
  }

  // What replicas do.

  void learn(Replica replica) {
    replica.bundle = replica.bundle.newer(Bundle.of(state));
  }

  void work(Replica replica) {
    learn(replica);
    TrustState.Root signer = state.signer().orElseThrow();
    Instant rootEnd = signer.validity().orElseThrow().notAfter();
    boolean usable =
        !now.isBefore(rootEnd)
            || (replica.issuer != null
                && state
                    .issuer(replica.issuer)
                    .filter(issuer -> issuer.state() == AuthorityState.ACTIVE)
                    .filter(issuer -> issuer.root().equals(signer.id()))
                    .filter(issuer ->
                        issuer.notAfter().equals(rootEnd)
                            || issuer.notAfter().isAfter(now.plus(LEAF.multipliedBy(2))))
                    .isPresent());
    if (!usable) {
      makeIssuer(replica, signer);
    }
    replica.works = state.version();
  }

  private void makeIssuer(Replica replica, TrustState.Root root) {
    KeyId id = new KeyId("authority-" + ++made);
    Instant end = now.plus(AUTHORITY);
    Instant rootEnd = root.validity().orElseThrow().notAfter();
    List<TrustState.Issuer> issuers = new ArrayList<>();
    for (TrustState.Issuer issuer : state.issuers()) {
      boolean replaced =
          issuer.replica().equals(replica.name) && issuer.state() == AuthorityState.ACTIVE;
      issuers.add(replaced ? in(issuer, AuthorityState.RETIRED) : issuer);
    }
    issuers.add(
        new TrustState.Issuer(
            id,
            root.id(),
            replica.name,
            AuthorityState.ACTIVE,
            end.isAfter(rootEnd) ? rootEnd : end));
    state =
        new TrustState(
            state.version(),
            state.revision(),
            state.paused(),
            state.roots(),
            issuers,
            state.bans());
    replica.issuer = id;
    replica.issuerRoot = root.id();
    signed(root.id(), replica.name + "'s authority");
  }

  private static TrustState.Issuer in(TrustState.Issuer issuer, AuthorityState next) {
    return new TrustState.Issuer(
        issuer.id(), issuer.root(), issuer.replica(), next, issuer.notAfter());
  }

  /** Who was gone for the others begins anew. */
  void say(Replica replica) {
    ReplicaReport before = replicaRows.get(replica.name);
    if (before != null && now.isAfter(before.seen().plus(Gates.REPLICA_GONE))) {
      work(replica);
    }
    long known = before == null ? 0 : before.published();
    replicaRows.put(replica.name, new ReplicaReport(replica.name, replica.works, known, now));
  }

  void publish(Replica replica) {
    say(replica);
    published = published.newer(replica.bundle);
    replicaRows.put(
        replica.name, new ReplicaReport(replica.name, replica.works, published.revision(), now));
    if (published.revision() == state.revision()) {
      publishedDisturbed = false;
    }
  }

  void keepUp(Replica replica) {
    work(replica);
    publish(replica);
    say(replica);
  }

  /** Completes the root that is prepared, as far as somebody is there to do it. */
  void complete() {
    List<TrustState.Root> roots = new ArrayList<>();
    for (TrustState.Root root : state.roots()) {
      boolean open = root.state() == AuthorityState.PREPARED && root.validity().isEmpty();
      roots.add(
          open
              ? new TrustState.Root(
                  root.id(),
                  root.state(),
                  Optional.of(new Validity(now, now.plus(LIFETIMES.root()))),
                  root.since(),
                  root.forced())
              : root);
    }
    state =
        new TrustState(
            state.version(),
            state.revision(),
            state.paused(),
            roots,
            state.issuers(),
            state.bans());
  }

  /** Decides what is due; when it is brought to the store is another matter. */
  void decide(Replica replica) {
    TrustState seen = state;
    List<Gate> gates = gates(seen);
    Operator by = new Operator("replica " + replica.name, "");
    RotationSchedule.due(seen, gates, LIFETIMES, now)
        .ifPresent(next -> attempt(() -> change(seen, gates, next, by), List.of()));
  }

  private TrustChange change(TrustState seen, List<Gate> gates, NextStep next, Operator by)
      throws RotationRefusedException {
    return switch (next.kind()) {
      case PREPARE -> Rotation.prepare(seen, newRoot(), next.forced(), LIFETIMES, by, now);
      case PUBLISH -> Rotation.publish(seen, next.root().orElseThrow(), LIFETIMES, by, now);
      case ACTIVATE -> {
        KeyId root = next.root().orElseThrow();
        yield Rotation.activate(seen, root, gate(gates, root), LIFETIMES, by, false, now);
      }
      case RETIRE -> {
        KeyId root = next.root().orElseThrow();
        yield Rotation.retire(seen, root, gate(gates, root), by, false, now);
      }
      case ABORT, PAUSE, RESUME, TAINT, REVOKE, BAN, UNBAN ->
          throw new AssertionError("nobody does by itself: " + next);
    };
  }

  private static Gate gate(List<Gate> gates, KeyId root) {
    return gates.stream().filter(gate -> gate.root().equals(root)).findFirst().orElseThrow();
  }

  KeyId newRoot() {
    return new KeyId("root-" + ++made);
  }

  /** Something that may be refused. */
  interface Command {
    TrustChange change() throws RotationRefusedException;
  }

  void attempt(Command command, List<Missing> passedOver) {
    try {
      TrustChange change = command.change();
      pending.add(
          new Pending(change, change.step().overrides().isEmpty() ? List.of() : passedOver));
    } catch (RotationRefusedException e) {
      refusals.add(e.reason());
    }
  }

  /** Brings a change to the store: made if nobody made another before. */
  boolean commit(Pending what) {
    if (what.change().from() != state.version()) {
      lost++;
      return false;
    }
    TrustState before = state;
    state = TrustInvariants.after(state, what.change());
    steps.add(what.change().step());
    story.add(now + " v" + state.version() + " r" + state.revision() + " " + what.change().step());
    failures.addAll(TrustInvariants.broken(before, state));
    what.passedOver().forEach(this::disturb);
    return true;
  }

  private void disturb(Missing missing) {
    switch (missing.kind()) {
      case REPLICA ->
          replicas.stream()
              .filter(replica -> replica.name.equals(missing.name()))
              .forEach(replica -> replica.disturbed = true);
      case PUBLISHED_BUNDLE -> publishedDisturbed = true;
      case AGENT -> disturb(missing.node().orElseThrow());
      case POD_ACKNOWLEDGED, POD_SENT, POD_HELD, POD_UNSEEN ->
          pods.stream()
              .filter(pod -> pod.uid.equals(missing.podUid()))
              .forEach(pod -> pod.disturbed = true);
    }
  }

  private void disturb(NodeRef ref) {
    nodes.stream().filter(node -> node.ref.equals(ref)).forEach(node -> node.disturbed = true);
    pods.stream().filter(pod -> pod.node.ref.equals(ref)).forEach(pod -> pod.disturbed = true);
  }

  // What agents do.

  private boolean mayServe(Replica replica, Node node) {
    boolean fenced = !flaws.contains(Flaw.NO_FENCE) && replica.works != state.version();
    return replica.answers()
        && replica.issuer != null
        && !fenced
        && !node.frozen
        && !isBanned(node)
        && sign(replica).isPresent();
  }

  boolean isBanned(Node node) {
    return state.isBanned(node.ref.cluster(), node.ref.nodeName());
  }

  private Optional<Leaf> sign(Replica replica) {
    return state
        .issuer(Objects.requireNonNull(replica.issuer))
        .map(TrustState.Issuer::notAfter)
        .map(end -> end.isBefore(now.plus(LEAF)) ? end : now.plus(LEAF))
        .filter(end -> end.isAfter(now))
        .map(end ->
            new Leaf(
                ++serials,
                Objects.requireNonNull(replica.issuer),
                Objects.requireNonNull(replica.issuerRoot),
                end));
  }

  void attest(Node node) {
    Replica replica = replicas.get(node.session);
    if (!mayServe(replica, node)) {
      return;
    }
    Leaf svid = sign(replica).orElseThrow();
    AgentRow before = agentRows.get(node.ref);
    agentRows.put(
        node.ref,
        before == null
            ? new AgentRow(svid, 0, Optional.empty())
            : new AgentRow(svid, before.revision(), before.heard()));
    node.svid = svid;
    node.bundle = node.bundle.newer(replica.bundle);
    signed(svid.root(), "SVID of " + node.ref);
  }

  private boolean isLive(Node node) {
    return node.svid != null && !now.isAfter(node.svid.notAfter());
  }

  void receive(Node node) {
    Replica replica = replicas.get(node.session);
    if (replica.answers() && !node.frozen && isLive(node) && !isBanned(node)) {
      node.bundle = node.bundle.newer(replica.bundle);
    }
  }

  void renew(Pod pod) {
    Replica replica = replicas.get(pod.node.session);
    if (!isLive(pod.node) || !mayServe(replica, pod.node)) {
      return;
    }
    Leaf leaf = sign(replica).orElseThrow();
    row(pod).leaves.add(leaf);
    pod.held = leaf;
    signed(leaf.root(), "SVID of " + pod.uid);
  }

  /** Puts on its way what the agent has to say. */
  void report(Node node) {
    if (node.frozen || !isLive(node)) {
      // Whatever happens to its streams meanwhile, it will say so once it can.
      node.saidAll = false;
      return;
    }
    Map<String, List<AgentReport.Seen>> all = new HashMap<>();
    pods.stream().filter(pod -> pod.node == node).forEach(pod -> all.put(pod.uid, seen(pod)));
    node.said.add(
        new AgentReport(
            node.ref,
            node.bundle.revision(),
            "ca-" + node.session,
            now,
            !node.saidAll,
            all,
            Set.of()));
    node.saidAll = true;
  }

  private static List<AgentReport.Seen> seen(Pod pod) {
    List<Consumer> open = pod.consumers.stream().filter(one -> one.connected).toList();
    if (open.isEmpty()) {
      if (pod.handedOut) {
        return List.of(new AgentReport.Seen(Evidence.UNSEEN, 1, 0, ""));
      }
      return pod.held == null
          ? List.of()
          : List.of(
              new AgentReport.Seen(
                  Evidence.HELD, 1, pod.node.bundle.revision(), pod.held.serial()));
    }
    return Stream.of(
            seen(open, Kind.ACKNOWLEDGES, Evidence.ACKNOWLEDGED),
            seen(open, Kind.CANNOT_SAY, Evidence.SENT))
        .flatMap(Optional::stream)
        .toList();
  }

  private static Optional<AgentReport.Seen> seen(
      List<Consumer> open, Kind kind, Evidence evidence) {
    List<Consumer> ours = open.stream().filter(one -> one.kind == kind).toList();
    if (ours.isEmpty()) {
      return Optional.empty();
    }
    long lowest = ours.stream().mapToLong(one -> one.told.revision()).min().orElseThrow();
    String oldest =
        ours.stream()
            .flatMap(one -> Stream.ofNullable(one.toldLeaf))
            .min((one, other) -> Long.compare(one.number(), other.number()))
            .map(Leaf::serial)
            .orElse("");
    return Optional.of(new AgentReport.Seen(evidence, ours.size(), lowest, oldest));
  }

  void deliver(Node node) {
    if (!replicas.get(node.session).answers() || node.said.isEmpty()) {
      return;
    }
    AgentReport next = node.said.remove();
    if (now.isAfter(next.heard().plus(LATEST_WORD))) {
      node.said.clear();
      node.saidAll = false;
    } else {
      heard(next);
    }
  }

  void move(Node node) {
    node.session = 1 - node.session;
    node.said.clear();
    node.saidAll = false;
  }

  /** All memory of the process goes, but kubelet's volumes say which pods there are. */
  void restart(Node node) {
    node.frozen = false;
    node.bundle = Bundle.NONE;
    node.svid = null;
    node.said.clear();
    node.saidAll = false;
    for (Pod pod : pods) {
      if (pod.node == node) {
        pod.held = null;
        pod.consumers.forEach(TrustWorld::disconnect);
        pod.handedOut = !flaws.contains(Flaw.AGENT_FORGETS_THAT_IT_HANDED_OUT);
      }
    }
  }

  // What pods do.

  Pod addPod(Node node) {
    Pod pod = new Pod("pod-" + ++made, node);
    pod.disturbed = node.disturbed || isBanned(node);
    int sort = random.nextInt(10);
    if (sort == 0) {
      pod.consumers.add(new Consumer(Kind.COPIES));
    } else if (sort < 8) {
      for (int i = random.nextInt(2); i < 2; i++) {
        pod.consumers.add(new Consumer(random.nextBoolean() ? Kind.ACKNOWLEDGES : Kind.CANNOT_SAY));
      }
    }
    pods.add(pod);
    return pod;
  }

  void end(Pod pod) {
    pods.remove(pod);
    podRows.remove(pod.uid);
  }

  private static void disconnect(Consumer consumer) {
    consumer.connected = false;
    consumer.told = Bundle.NONE;
    consumer.toldLeaf = null;
    consumer.sentAt = null;
  }

  void breakStreams(Pod pod) {
    pod.consumers.forEach(TrustWorld::disconnect);
    report(pod.node);
  }

  /** One stream of several breaks: what it holds nobody knows, so it is not undisturbed. */
  void breakStream(Pod pod, Consumer consumer) {
    if (consumer.connected && consumer.kind != Kind.COPIES) {
      disconnect(consumer);
      consumer.disturbed = true;
      report(pod.node);
    }
  }

  /**
   * The agent offers what it has; a consumer that acknowledges takes it, another is sent it. The
   * first that goes over a stream is always a leaf with the bundle.
   */
  void offer(Pod pod, Consumer consumer, boolean withLeaf) {
    if (pod.away || pod.node.frozen || pod.node.bundle.revision() == 0) {
      return;
    }
    if (!consumer.connected && consumer.kind != Kind.COPIES) {
      pod.consumers.forEach(one -> one.connected = true);
    }
    boolean available = pod.held != null && !now.isAfter(pod.held.notAfter());
    boolean leaf = available && (withLeaf || consumer.toldLeaf == null);
    if (!leaf && consumer.toldLeaf == null) {
      return;
    }
    switch (consumer.kind) {
      case ACKNOWLEDGES -> tell(pod, consumer, leaf);
      case CANNOT_SAY -> {
        Bundle before = consumer.told;
        Leaf leafBefore = consumer.toldLeaf;
        tell(pod, consumer, leaf);
        if (!consumer.told.equals(before) || !Objects.equals(leafBefore, consumer.toldLeaf)) {
          consumer.sentAt = now;
        }
        return;
      }
      case COPIES -> {
        if (!leaf || pod.handedOut) {
          return;
        }
        tell(pod, consumer, true);
      }
    }
    consumer.load();
  }

  private static void tell(Pod pod, Consumer consumer, boolean leaf) {
    consumer.told = pod.node.bundle;
    if (leaf) {
      consumer.toldLeaf = pod.held;
      pod.handedOut = true;
    }
  }

  void serve(Pod pod) {
    pod.consumers.forEach(consumer -> offer(pod, consumer, true));
  }

  // Time and truth.

  void pass(Duration time) {
    now = now.plus(time);
    for (Pod pod : pods) {
      for (Consumer consumer : pod.consumers) {
        if (consumer.sentAt != null && !now.isBefore(consumer.sentAt.plus(LATEST_LOAD))) {
          consumer.load();
        }
      }
    }
  }

  String describe(Pod pod) {
    StringBuilder text = new StringBuilder(pod.uid).append(" of ").append(pod.node.ref);
    for (Consumer one : pod.consumers) {
      text.append(", ").append(one.kind).append(one.connected ? "" : " (cut off)");
      text.append(" shows ").append(one.leaf).append(" holds ").append(one.bundle);
      text.append(" was told ").append(one.toldLeaf).append(" and ").append(one.told);
    }
    return text + ", of which is written " + row(pod).shown.values() + " and " + row(pod).leaves;
  }

  /** To the moments in which a leaf has ended by one clock and not by another. */
  void passToAnEnd(Pod pod) {
    pod.consumers.stream()
        .flatMap(one -> Stream.ofNullable(one.leaf))
        .map(leaf -> Duration.between(now, leaf.notAfter()).plusSeconds(random.nextInt(290)))
        .filter(Duration::isPositive)
        .findFirst()
        .ifPresent(this::pass);
  }

  /** Who still holds a leaf that its own clock, 5 min behind at most, calls valid. */
  boolean isLive(Consumer consumer) {
    return consumer.leaf != null && !now.isAfter(consumer.leaf.notAfter().plusSeconds(300));
  }

  private boolean isUndisturbed(Pod pod, Consumer consumer) {
    return !pod.disturbed && !consumer.disturbed && !pod.node.disturbed && !isBanned(pod.node);
  }

  /** Nothing signs with a root that some live consumer lacks. */
  private void signed(KeyId root, String what) {
    for (Pod pod : pods) {
      for (Consumer consumer : pod.consumers) {
        if (isLive(consumer)
            && isUndisturbed(pod, consumer)
            && !consumer.bundle.roots().contains(root)) {
          failures.add(
              now
                  + " "
                  + what
                  + " was signed below "
                  + root
                  + ", which is lacked by "
                  + describe(pod));
        }
      }
    }
  }

  /** UIDs of pods that are refused somewhere, were these roots not in anybody's bundle. */
  Set<String> refused(Set<KeyId> without) {
    Set<String> refused = new HashSet<>();
    for (Pod one : pods) {
      for (Consumer shows : one.consumers) {
        if (isLive(shows)
            && (without.contains(Objects.requireNonNull(shows.leaf).root()) || failsAt(shows))) {
          refused.add(one.uid);
        }
      }
    }
    return refused;
  }

  private boolean failsAt(Consumer shows) {
    return pods.stream()
        .flatMap(pod -> pod.consumers.stream())
        .anyMatch(holds ->
            isLive(holds)
                && !holds.bundle.roots().contains(Objects.requireNonNull(shows.leaf).root()));
  }

  /** Looks whether everybody verifies everybody. */
  void look() {
    recover();
    for (Pod one : pods) {
      for (Consumer shows : one.consumers) {
        if (!isLive(shows)) {
          continue;
        }
        KeyId root = Objects.requireNonNull(shows.leaf).root();
        for (Pod other : pods) {
          for (Consumer holds : other.consumers) {
            if (!isLive(holds) || holds.bundle.roots().contains(root)) {
              continue;
            }
            if (isUndisturbed(one, shows) && isUndisturbed(other, holds)) {
              failures.add(
                  now
                      + " "
                      + describe(one)
                      + " shows a leaf below "
                      + root
                      + ", which is refused by "
                      + describe(other));
            } else {
              failuresOfThePassedOver++;
            }
          }
        }
      }
    }
    lookAtAgents();
  }

  private void lookAtAgents() {
    for (Replica replica : replicas) {
      ReplicaReport row = replicaRows.get(replica.name);
      if (!replica.up
          || replica.disturbed
          || replica.issuerRoot == null
          || row == null
          || now.isAfter(row.seen().plusSeconds(60))) {
        continue;
      }
      if (!published.roots().contains(replica.issuerRoot) && !publishedDisturbed) {
        failures.add(now + " who dials by " + published + " cannot reach " + replica.name);
      }
      for (Node node : nodes) {
        if (!isLive(node) || node.disturbed || isBanned(node)) {
          continue;
        }
        if (!node.bundle.roots().contains(replica.issuerRoot)) {
          failures.add(now + " " + node.ref + " cannot dial " + replica.name);
        }
        if (!replica.bundle.roots().contains(Objects.requireNonNull(node.svid).root())) {
          failures.add(now + " " + replica.name + " refuses the agent of " + node.ref);
        }
      }
    }
  }

  /** Whoever was passed over, banned or cut off is undisturbed again once it has all. */
  private void recover() {
    Set<KeyId> roots = TrustInvariants.bundle(state);
    for (Replica replica : replicas) {
      replica.disturbed &= replica.works != state.version();
    }
    for (Node node : nodes) {
      boolean hasAll =
          !isBanned(node)
              && node.bundle.revision() == state.revision()
              && node.svid != null
              && roots.contains(node.svid.root());
      node.disturbed = isBanned(node) || (node.disturbed && !hasAll);
    }
    for (Pod pod : pods) {
      if (isBanned(pod.node)) {
        pod.disturbed = true;
      }
      boolean has = pod.held == null || roots.contains(pod.held.root());
      boolean all = has;
      for (Consumer consumer : pod.consumers) {
        boolean one =
            consumer.bundle.revision() == state.revision()
                && (consumer.leaf == null || roots.contains(consumer.leaf.root()))
                && consumer.sentAt == null;
        consumer.disturbed &= !(one && has && consumer.connected);
        all &= one || (consumer.leaf == null && consumer.sentAt == null);
      }
      pod.disturbed &= !(all && !pod.node.disturbed);
    }
  }
}
