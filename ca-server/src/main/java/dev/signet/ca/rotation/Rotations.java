package dev.signet.ca.rotation;

import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * The operators' commands, each decided over the newest state and made as one step. Thread-safe.
 */
public final class Rotations implements TrustOperations {
  /** Of two who step at once one finds the other's done, and decides anew. */
  private static final int MOST_TRIES = 5;

  private static final int STEPS_SHOWN = 50;

  private final TrustStateStore states;
  private final EvidenceStore evidence;
  private final LiveAgents agents;
  private final RotationKeeper keeper;
  private final Supplier<KeyId> newRootId;
  private final Lifetimes lifetimes;
  private final InstantSource clock;
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();

  public Rotations(
      TrustStateStore states,
      EvidenceStore evidence,
      LiveAgents agents,
      RotationKeeper keeper,
      Supplier<KeyId> newRootId,
      Lifetimes lifetimes,
      InstantSource clock) {
    this.states = states;
    this.evidence = evidence;
    this.agents = agents;
    this.keeper = keeper;
    this.newRootId = newRootId;
    this.lifetimes = lifetimes;
    this.clock = clock;
    states.onStep(this::changed);
  }

  /** Something of the overview may have changed. Never blocks. */
  public void changed() {
    watchers.forEach(Runnable::run);
  }

  @Override
  public Overview overview() throws RefusedException {
    Instant now = clock.instant();
    TrustState state = states.state();
    Consumers consumers = evidence.consumers(now.minus(Gates.GRACE));
    return new Overview(
        now, state, consumers, Gates.waiting(state, consumers, now), states.steps(STEPS_SHOWN));
  }

  @Override
  public Watch watch(Runnable action) {
    watchers.add(action);
    return () -> watchers.remove(action);
  }

  @Override
  public void start(Operator by, boolean forced) throws RotationRefusedException, RefusedException {
    KeyId root = newRootId.get();
    make((state, _, now) -> Rotation.prepare(state, root, forced, lifetimes, by, now));
    keeper.make(root);
  }

  @Override
  public void pause(Operator by) throws RotationRefusedException, RefusedException {
    make((state, _, now) -> Rotation.pause(state, by, now));
  }

  @Override
  public void resume(Operator by) throws RotationRefusedException, RefusedException {
    make((state, _, now) -> Rotation.resume(state, by, now));
  }

  @Override
  public void abort(Operator by) throws RotationRefusedException, RefusedException {
    make((state, _, now) -> Rotation.abort(state, by, now));
  }

  @Override
  public void override(Operator by) throws RotationRefusedException, RefusedException {
    make((state, consumers, now) -> Rotation.override(state, consumers, lifetimes, by, now));
  }

  @Override
  public void taint(KeyId authority, Operator by)
      throws RotationRefusedException, RefusedException {
    make((state, consumers, now) ->
        Rotation.taint(state, authority, Gates.waiting(state, consumers, now), lifetimes, by, now));
  }

  @Override
  public void revoke(KeyId root, Operator by, boolean override)
      throws RotationRefusedException, RefusedException {
    make((state, consumers, now) ->
        Rotation.revoke(state, root, removal(state, consumers, root, now), by, override, now));
  }

  @Override
  public void ban(NodeRef node, Operator by) throws RotationRefusedException, RefusedException {
    // Whatever its end: a node that was silent for long may come back.
    boolean attested = agents.on(node.cluster(), node.nodeName()).isPresent();
    make((state, _, now) -> Rotation.ban(state, node, attested, by, now));
  }

  @Override
  public void unban(NodeRef node, Operator by) throws RotationRefusedException, RefusedException {
    make((state, _, now) -> Rotation.unban(state, node, by, now));
  }

  @Override
  public Gate plan(KeyId root) throws RotationRefusedException, RefusedException {
    Instant now = clock.instant();
    TrustState state = states.state();
    Consumers consumers = evidence.consumers(now.minus(Gates.GRACE));
    if (state.root(root).isEmpty()) {
      throw new RotationRefusedException(
          RotationRefusal.NO_SUCH_AUTHORITY, "there is no root " + root);
    }
    return Gates.remove(state, consumers, root, Step.Kind.REVOKE, now);
  }

  private static Gate removal(TrustState state, Consumers consumers, KeyId root, Instant now)
      throws RotationRefusedException {
    var _ = Rotation.revocable(state, root);
    return Gates.remove(state, consumers, root, Step.Kind.REVOKE, now);
  }

  /** One command, over what is the case now. */
  @FunctionalInterface
  private interface Decision {
    TrustChange decide(TrustState state, Consumers consumers, Instant now)
        throws RotationRefusedException;
  }

  private void make(Decision decision) throws RotationRefusedException, RefusedException {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      Instant now = clock.instant();
      TrustState state = states.state();
      Consumers consumers = evidence.consumers(now.minus(Gates.GRACE));
      if (states.step(decision.decide(state, consumers, now))) {
        keeper.wake();
        return;
      }
    }
    throw new RotationRefusedException(
        RotationRefusal.STATE_CHANGED,
        "the trust state changed " + MOST_TRIES + " times meanwhile");
  }
}
