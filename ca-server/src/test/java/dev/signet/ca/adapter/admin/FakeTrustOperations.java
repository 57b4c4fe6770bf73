package dev.signet.ca.adapter.admin;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Operator;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.RotationRefusal;
import dev.signet.ca.rotation.RotationRefusedException;
import dev.signet.ca.rotation.TrustOperations;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Does nothing but remember, and answers as it is told. Thread-safe. */
final class FakeTrustOperations implements TrustOperations {
  private final BlockingQueue<String> deeds = new LinkedBlockingQueue<>();
  private final Set<Runnable> watchers = ConcurrentHashMap.newKeySet();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile Overview overview = Samples.overview(1);
  private volatile Optional<RotationRefusal> refusal = Optional.empty();
  private volatile Optional<RefusedException> trouble = Optional.empty();
  private volatile Optional<RuntimeException> fault = Optional.empty();

  /** From now on, and whoever watches is told. */
  void becomes(Overview next) {
    overview = next;
    watchers.forEach(Runnable::run);
  }

  void refuses(RotationRefusal reason) {
    refusal = Optional.of(reason);
  }

  void fails(RefusedException with) {
    trouble = Optional.of(with);
    watchers.forEach(Runnable::run);
  }

  void recovers() {
    trouble = Optional.empty();
    watchers.forEach(Runnable::run);
  }

  void breaks(RuntimeException with) {
    fault = Optional.of(with);
  }

  /** What was done, in order. */
  List<String> deeds() {
    return List.copyOf(deeds);
  }

  int watchers() {
    return watchers.size();
  }

  int looks() {
    return looks.get();
  }

  @Override
  public Overview overview() throws RefusedException {
    looks.incrementAndGet();
    throwTrouble();
    return overview;
  }

  @Override
  public Watch watch(Runnable action) {
    Runnable own = () -> action.run();
    watchers.add(own);
    return () -> watchers.remove(own);
  }

  @Override
  public void start(Operator by, boolean forced) throws RotationRefusedException, RefusedException {
    deed("start " + forced, by);
  }

  @Override
  public void pause(Operator by) throws RotationRefusedException, RefusedException {
    deed("pause", by);
  }

  @Override
  public void resume(Operator by) throws RotationRefusedException, RefusedException {
    deed("resume", by);
  }

  @Override
  public void abort(Operator by) throws RotationRefusedException, RefusedException {
    deed("abort", by);
  }

  @Override
  public void override(Operator by) throws RotationRefusedException, RefusedException {
    deed("override", by);
  }

  @Override
  public void taint(KeyId authority, Operator by)
      throws RotationRefusedException, RefusedException {
    deed("taint " + authority, by);
  }

  @Override
  public void revoke(KeyId root, Operator by, boolean override)
      throws RotationRefusedException, RefusedException {
    deed("revoke " + root + " " + override, by);
  }

  @Override
  public void ban(NodeRef node, Operator by) throws RotationRefusedException, RefusedException {
    deed("ban " + node, by);
  }

  @Override
  public void unban(NodeRef node, Operator by) throws RotationRefusedException, RefusedException {
    deed("unban " + node, by);
  }

  @Override
  public Gate plan(KeyId root) throws RotationRefusedException, RefusedException {
    throwRefusal();
    throwTrouble();
    return Samples.gate(root.value());
  }

  private void deed(String what, Operator by) throws RotationRefusedException, RefusedException {
    deeds.add(what + " by " + by.who() + ": " + by.why());
    throwRefusal();
    throwTrouble();
  }

  private void throwRefusal() throws RotationRefusedException {
    if (fault.isPresent()) {
      throw fault.get();
    }
    if (refusal.isPresent()) {
      throw new RotationRefusedException(refusal.get(), "as it was told");
    }
  }

  private void throwTrouble() throws RefusedException {
    if (trouble.isPresent()) {
      throw trouble.get();
    }
  }
}
