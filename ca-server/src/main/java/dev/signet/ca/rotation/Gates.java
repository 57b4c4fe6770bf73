package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate.ConsumerClass;
import dev.signet.ca.rotation.Gate.Missing;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who has to have what before a root may sign, and before one may go (FAULTS.md 3.3). Pure.
 *
 * <p>The consumers are to be read after the state: then whoever is not among them came when the
 * state was already so, and got what belongs to it.
 *
 * <p>A consumer leaves a gate by itself once the last leaf that matters has ended, and {@link
 * #GRACE}. Banned nodes are not waited for: they get nothing, so they would hold every gate until
 * then, and the ban says who wants them to be cut off and why.
 */
public final class Gates {
  /**
   * What is waited after sending to those who cannot say that they loaded: half of it for a client
   * to load, half for the word of a stream that broke meanwhile.
   */
  public static final Duration SENT_FLOOR = Duration.ofMinutes(1);

  /** By how much a consumer's clock may be behind when its leaf ends. */
  public static final Duration GRACE = Duration.ofMinutes(5);

  /** After this a silent replica is gone; should it come back, the record does not let it sign. */
  public static final Duration REPLICA_GONE = Duration.ofSeconds(60);

  private Gates() {}

  /**
   * The gate before a published root signs: everybody holds it.
   *
   * @throws IllegalArgumentException if the state has no such root
   */
  public static Gate activate(TrustState state, Consumers consumers, KeyId root, Instant now) {
    TrustState.Root wanted = root(state, root);
    return new ActivationRoll(state, consumers, wanted, now).gate();
  }

  /**
   * The gate before a root leaves the bundle: nothing signs below it, nobody shows a leaf below it.
   *
   * @param step RETIRE or REVOKE
   * @throws IllegalArgumentException if the state has no such root, or for another step
   */
  public static Gate remove(
      TrustState state, Consumers consumers, KeyId root, Step.Kind step, Instant now) {
    if (step != Step.Kind.RETIRE && step != Step.Kind.REVOKE) {
      throw new IllegalArgumentException(step + " removes no root");
    }
    return new RemovalRoll(state, consumers, root(state, root), step, now).gate();
  }

  /**
   * The gates of all steps that the state waits for: that of the published root, then those of the
   * roots that are to go, the oldest first.
   */
  public static List<Gate> waiting(TrustState state, Consumers consumers, Instant now) {
    List<Gate> gates = new ArrayList<>();
    for (TrustState.Root root : state.roots(AuthorityState.PUBLISHED)) {
      gates.add(activate(state, consumers, root.id(), now));
    }
    for (TrustState.Root root : state.roots()) {
      if (root.state() == AuthorityState.RETIRING) {
        gates.add(remove(state, consumers, root.id(), Step.Kind.RETIRE, now));
      } else if (root.state() == AuthorityState.TAINTED
          && !state.signer().equals(Optional.of(root))) {
        gates.add(remove(state, consumers, root.id(), Step.Kind.REVOKE, now));
      }
    }
    return gates;
  }

  private static TrustState.Root root(TrustState state, KeyId id) {
    return state.root(id).orElseThrow(() -> new IllegalArgumentException("there is no root " + id));
  }

  /** Everybody holds the revision in which the root came. */
  private static final class ActivationRoll extends Roll {
    private final TrustState.Root root;
    private final long revision;

    ActivationRoll(TrustState state, Consumers consumers, TrustState.Root root, Instant now) {
      super(state, consumers, Step.Kind.ACTIVATE, root.id(), now);
      this.root = root;
      this.revision = root.since().revision();
    }

    @Override
    long version() {
      return root.since().version();
    }

    @Override
    void callOthers() {
      boolean published =
          consumers().replicas().stream().anyMatch(replica -> replica.published() >= revision);
      count(ConsumerClass.PUBLISHED_BUNDLE, published);
      if (!published) {
        missing(
            new Missing(
                ConsumerClass.PUBLISHED_BUNDLE,
                Optional.empty(),
                "bundle for agents",
                "",
                "no replica knows revision "
                    + revision
                    + " to be where agents look before they dial",
                Optional.empty()));
      }
    }

    @Override
    Optional<String> lacks(Consumers.Agent agent) {
      return agent.revision() >= revision ? Optional.empty() : Optional.of(holds(agent.revision()));
    }

    @Override
    Optional<Instant> matters(Consumers.Pod pod) {
      return lastEnd(mayBeHeld(pod));
    }

    @Override
    Optional<String> lacks(Consumers.Pod pod, Consumers.Shown shown) {
      boolean has = shown.revision() >= revision;
      return switch (shown.evidence()) {
        case ACKNOWLEDGED -> has ? Optional.empty() : Optional.of(holds(shown.revision()));
        case HELD ->
            has
                ? Optional.empty()
                : Optional.of(
                    "its agent holds revision " + shown.revision() + " for it, not " + revision);
        case SENT ->
            has
                ? sentTooLately(pod, shown, "revision " + revision)
                : Optional.of("was sent revision " + shown.revision() + ", not " + revision);
        case UNSEEN ->
            Optional.of("took a leaf and has no open stream: which roots it holds, nobody can say");
      };
    }

    private String holds(long held) {
      return held == 0
          ? "has not said that it holds revision " + revision
          : "holds revision " + held + ", not " + revision;
    }
  }

  /** Nobody shows a leaf below the root. */
  private static final class RemovalRoll extends Roll {
    private final TrustState.Root root;
    private final Optional<TrustState.Root> signer;

    RemovalRoll(
        TrustState state, Consumers consumers, TrustState.Root root, Step.Kind step, Instant now) {
      super(state, consumers, step, root.id(), now);
      this.root = root;
      this.signer = state.signer().filter(other -> !other.id().equals(root.id()));
    }

    /** Since the signing root came to its state no other signs. */
    @Override
    long version() {
      return signer.map(other -> other.since().version()).orElse(0L);
    }

    @Override
    void callOthers() {
      if (signer.isEmpty()) {
        count(ConsumerClass.REPLICA, false);
        missing(
            new Missing(
                ConsumerClass.REPLICA,
                Optional.empty(),
                "every replica",
                "",
                "signs below " + root.id() + ", for no other root is active",
                Optional.empty()));
      }
    }

    @Override
    Optional<String> lacks(ReplicaReport replica) {
      Optional<String> behind = super.lacks(replica);
      if (behind.isPresent()) {
        return behind;
      }
      return state().issuers().stream()
          .filter(issuer -> issuer.state() == AuthorityState.ACTIVE)
          .filter(issuer -> issuer.root().equals(root.id()))
          .filter(issuer -> issuer.replica().equals(replica.replica()))
          .findFirst()
          .map(issuer -> "its issuing authority " + issuer.id() + " is below " + root.id());
    }

    @Override
    Optional<String> lacks(Consumers.Agent agent) {
      return isBelow(agent.issuer())
          ? Optional.of(
              "its SVID is one that " + root.id() + " vouches for, until " + agent.notAfter())
          : Optional.empty();
    }

    @Override
    Optional<Instant> matters(Consumers.Pod pod) {
      return lastEnd(mayBeHeld(pod).stream().filter(leaf -> isBelow(leaf.issuer())).toList());
    }

    @Override
    Optional<String> lacks(Consumers.Pod pod, Consumers.Shown shown) {
      Optional<Instant> end = lastEnd(mayShow(pod, shown));
      return switch (shown.evidence()) {
        case ACKNOWLEDGED -> end.map(until -> "shows a leaf" + vouched(until));
        case HELD -> end.map(until -> "its agent holds a leaf for it" + vouched(until));
        case SENT ->
            end.isPresent()
                ? end.map(until -> "was sent nothing newer than a leaf" + vouched(until))
                : sentTooLately(pod, shown, "its new leaf");
        case UNSEEN ->
            matters(pod).map(until -> "took a leaf" + vouched(until) + ", and has no open stream");
      };
    }

    private String vouched(Instant until) {
      return " that " + root.id() + " vouches for, until " + until;
    }

    /**
     * The leaves below the root that consumers of this class may show. Their oldest alone is known:
     * of several consumers another one may show any that came later. Where one of them was given
     * nothing since it opened its stream, it may show any that it had before; and one that is not
     * on record may be any.
     */
    private List<Consumers.Leaf> mayShow(Consumers.Pod pod, Consumers.Shown shown) {
      List<Consumers.Leaf> leaves = pod.leaves();
      int from = 0;
      int to = leaves.size();
      if (shown.evidence() == Evidence.HELD && shown.serial().isEmpty()) {
        return List.of();
      }
      for (int i = 0; i < leaves.size() && shown.revision() > 0; i++) {
        if (leaves.get(i).serial().equals(shown.serial())) {
          from = i;
          to = shown.consumers() == 1 ? i + 1 : to;
        }
      }
      return leaves.subList(from, to).stream().filter(leaf -> isBelow(leaf.issuer())).toList();
    }

    /** What was signed by an authority that is not known may be below any root. */
    private boolean isBelow(KeyId issuer) {
      return state().issuer(issuer).map(known -> known.root().equals(root.id())).orElse(true);
    }
  }
}
