package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate.ConsumerClass;
import dev.signet.ca.rotation.Gate.Missing;
import dev.signet.ca.rotation.Gate.Tally;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Calls the roll of all consumers for one gate. Used once, by one thread. */
abstract class Roll {
  /** Said by an agent of a leaf that it does not know: it may be any. */
  private static final String ANY_LEAF = "0";

  private static final List<ConsumerClass> LEAST_SURE_FIRST =
      List.of(
          ConsumerClass.POD_UNSEEN,
          ConsumerClass.POD_SENT,
          ConsumerClass.POD_HELD,
          ConsumerClass.POD_ACKNOWLEDGED);

  private final TrustState state;
  private final Consumers consumers;
  private final Step.Kind step;
  private final KeyId root;
  private final Instant now;
  private final Map<ConsumerClass, Tally> tallies = new EnumMap<>(ConsumerClass.class);
  private final List<Missing> missing = new ArrayList<>();
  private final Map<NodeRef, Consumers.Agent> agents = new HashMap<>();

  Roll(TrustState state, Consumers consumers, Step.Kind step, KeyId root, Instant now) {
    this.state = state;
    this.consumers = consumers;
    this.step = step;
    this.root = root;
    this.now = now;
  }

  /** That every replica is to work by. */
  abstract long version();

  /** What else the gate asks for besides replicas, agents and pods. */
  abstract void callOthers();

  /** Why an agent is not there; empty if it is. */
  abstract Optional<String> lacks(Consumers.Agent agent);

  /** When the last leaf ends for which this pod is asked at all; empty if it need not be. */
  abstract Optional<Instant> matters(Consumers.Pod pod);

  /** Why these consumers are not there; empty if they are. */
  abstract Optional<String> lacks(Consumers.Pod pod, Consumers.Shown shown);

  /** Why a replica is not there; empty if it is. */
  Optional<String> lacks(ReplicaReport replica) {
    return replica.version() >= version()
        ? Optional.empty()
        : Optional.of("works by version " + replica.version() + ", not " + version());
  }

  final TrustState state() {
    return state;
  }

  final Consumers consumers() {
    return consumers;
  }

  final Gate gate() {
    callReplicas();
    callOthers();
    consumers.agents().forEach(agent -> agents.put(agent.node(), agent));
    consumers.agents().stream().filter(agent -> counts(agent.node())).forEach(this::call);
    consumers.pods().stream().filter(pod -> counts(pod.node())).forEach(this::call);
    return new Gate(step, root, List.copyOf(tallies.values()), missing);
  }

  final void count(ConsumerClass kind, boolean confirmed) {
    Tally before = tallies.getOrDefault(kind, new Tally(kind, 0, 0));
    tallies.put(
        kind, new Tally(kind, before.confirmed() + (confirmed ? 1 : 0), before.total() + 1));
  }

  final void missing(Missing one) {
    missing.add(one);
  }

  private boolean counts(NodeRef node) {
    return !state.isBanned(node.cluster(), node.nodeName());
  }

  private void callReplicas() {
    List<ReplicaReport> alive =
        consumers.replicas().stream()
            .filter(replica -> !now.isAfter(replica.seen().plus(Gates.REPLICA_GONE)))
            .toList();
    for (ReplicaReport replica : alive) {
      Optional<String> why = lacks(replica);
      count(ConsumerClass.REPLICA, why.isEmpty());
      why.ifPresent(text ->
          missing(
              new Missing(
                  ConsumerClass.REPLICA,
                  Optional.empty(),
                  replica.replica(),
                  "",
                  text,
                  Optional.of(replica.seen().plus(Gates.REPLICA_GONE)))));
    }
    if (alive.isEmpty()) {
      count(ConsumerClass.REPLICA, false);
      missing(
          new Missing(
              ConsumerClass.REPLICA,
              Optional.empty(),
              "any replica",
              "",
              "no replica said in the last "
                  + text(Gates.REPLICA_GONE)
                  + " by which version it works",
              Optional.empty()));
    }
  }

  private void call(Consumers.Agent agent) {
    Instant leaves = agent.notAfter().plus(Gates.GRACE);
    if (now.isAfter(leaves)) {
      return;
    }
    Optional<String> why = lacks(agent);
    count(ConsumerClass.AGENT, why.isEmpty());
    why.ifPresent(text ->
        missing(
            new Missing(
                ConsumerClass.AGENT,
                Optional.of(agent.node()),
                agent.node().nodeName(),
                "",
                text + silence(agent).map(since -> "; it has said nothing " + since).orElse(""),
                Optional.of(leaves))));
  }

  private void call(Consumers.Pod pod) {
    Optional<Instant> end = lastEnd(pod.leaves());
    if (end.isEmpty()) {
      return;
    }
    Optional<Instant> matters = matters(pod);
    Optional<String> why = matters.isEmpty() ? Optional.empty() : why(pod);
    ConsumerClass kind = kind(pod);
    count(kind, why.isEmpty());
    why.ifPresent(text ->
        missing(
            new Missing(
                kind,
                Optional.of(pod.node()),
                pod.namespace() + "/" + pod.name(),
                pod.uid(),
                text,
                matters.map(last -> last.plus(Gates.GRACE)))));
  }

  private Optional<String> why(Consumers.Pod pod) {
    Optional<String> silence =
        Optional.ofNullable(agents.get(pod.node()))
            .map(this::silence)
            .orElse(Optional.of("since its SVID ended"));
    if (pod.shown().isEmpty()) {
      return Optional.of(
          "its agent has said nothing" + silence.map(since -> " " + since).orElse(" of it yet"));
    }
    return pod.shown().stream()
        .flatMap(shown -> lacks(pod, shown).stream())
        .findFirst()
        .map(text ->
            text + silence.map(since -> "; its agent has said nothing " + since).orElse(""));
  }

  /** Since when an agent that ought to speak has not; empty for one that speaks. */
  private Optional<String> silence(Consumers.Agent agent) {
    if (agent.heard().isEmpty()) {
      return Optional.of("yet");
    }
    Instant heard = agent.heard().get();
    return now.isAfter(heard.plus(Gates.REPLICA_GONE))
        ? Optional.of("since " + heard)
        : Optional.empty();
  }

  /** A pod is counted once, where it is least sure. */
  private static ConsumerClass kind(Consumers.Pod pod) {
    return pod.shown().stream()
        .map(shown -> kind(shown.evidence()))
        .min(Comparator.comparingInt(LEAST_SURE_FIRST::indexOf))
        .orElse(ConsumerClass.POD_UNSEEN);
  }

  private static ConsumerClass kind(Evidence evidence) {
    return switch (evidence) {
      case ACKNOWLEDGED -> ConsumerClass.POD_ACKNOWLEDGED;
      case HELD -> ConsumerClass.POD_HELD;
      case SENT -> ConsumerClass.POD_SENT;
      case UNSEEN -> ConsumerClass.POD_UNSEEN;
    };
  }

  /** When the last of these that still matters ends; empty if all have ended for good. */
  final Optional<Instant> lastEnd(List<Consumers.Leaf> leaves) {
    return leaves.stream()
        .map(Consumers.Leaf::notAfter)
        .max(Instant::compareTo)
        .filter(end -> !now.isAfter(end.plus(Gates.GRACE)));
  }

  /**
   * The unended leaves that somebody of the pod may have. Its agent renews for a pod that took a
   * leaf once and has no stream any more, and hands nothing of that to anybody: what came after the
   * last one that was handed out is held by nobody. One that is not among the unended has ended.
   */
  static List<Consumers.Leaf> mayBeHeld(Consumers.Pod pod) {
    List<Consumers.Leaf> leaves = pod.leaves();
    if (pod.shown().size() != 1 || pod.shown().getFirst().evidence() != Evidence.UNSEEN) {
      return leaves;
    }
    String last = pod.shown().getFirst().serial();
    if (last.isEmpty() || last.equals(ANY_LEAF)) {
      return leaves;
    }
    int handedOut = 0;
    for (int i = 0; i < leaves.size(); i++) {
      if (leaves.get(i).serial().equals(last)) {
        handedOut = i + 1;
      }
    }
    return leaves.subList(0, handedOut);
  }

  /**
   * That the floor after sending has not passed, or that its agent has not been heard of since it
   * did: a stream that broke meanwhile may have lost what was written. Empty if both are so.
   */
  final Optional<String> sentTooLately(Consumers.Pod pod, Consumers.Shown shown, String what) {
    Instant floor = shown.since().plus(Gates.SENT_FLOOR);
    if (now.isBefore(floor)) {
      Duration ago = Duration.between(shown.since(), now);
      return Optional.of(
          "was sent "
              + what
              + " "
              + text(ago.isNegative() ? Duration.ZERO : ago)
              + " ago; its client cannot say that it loaded it, "
              + text(Gates.SENT_FLOOR)
              + " is waited");
    }
    boolean stayed =
        Optional.ofNullable(agents.get(pod.node()))
            .flatMap(Consumers.Agent::heard)
            .filter(heard -> !heard.isBefore(floor))
            .isPresent();
    return stayed
        ? Optional.empty()
        : Optional.of(
            "was sent "
                + what
                + " at "
                + shown.since()
                + "; that its stream stayed open for "
                + text(Gates.SENT_FLOOR)
                + ", its agent has not said");
  }

  static String text(Duration duration) {
    return duration.toSeconds() % 60 == 0 && !duration.isZero()
        ? duration.toMinutes() + " min"
        : duration.toSeconds() + " s";
  }
}
