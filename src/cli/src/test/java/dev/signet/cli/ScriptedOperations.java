package dev.signet.cli;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Operator;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.RotationRefusal;
import dev.signet.ca.rotation.RotationRefusedException;
import dev.signet.ca.rotation.TrustOperations;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A CA's half that shows one scene after the other, and remembers what it was told to do. */
final class ScriptedOperations implements TrustOperations {
  /** What a look finds. */
  private sealed interface Scene {
    record Shown(Overview overview) implements Scene {}

    record Failed(RefusedException why) implements Scene {}
  }

  private final Deque<Scene> scenes = new ArrayDeque<>();
  private final List<String> deeds = new ArrayList<>();
  private final Set<Runnable> watchers = ConcurrentHashMap.newKeySet();
  private Optional<RotationRefusal> refusal = Optional.empty();

  synchronized ScriptedOperations shows(Overview... overviews) {
    for (Overview overview : overviews) {
      scenes.add(new Scene.Shown(overview));
    }
    return this;
  }

  synchronized ScriptedOperations fails(RefusedException why) {
    scenes.add(new Scene.Failed(why));
    return this;
  }

  synchronized void refuses(RotationRefusal reason) {
    refusal = Optional.of(reason);
  }

  synchronized List<String> deeds() {
    return List.copyOf(deeds);
  }

  /** Each look finds the next scene; the last one stays. */
  @Override
  public Overview overview() throws RefusedException {
    Scene scene;
    synchronized (this) {
      scene = scenes.size() > 1 ? scenes.poll() : scenes.getFirst();
      if (!scenes.isEmpty()) {
        watchers.forEach(Runnable::run);
      }
    }
    return switch (scene) {
      case Scene.Shown(Overview overview) -> overview;
      case Scene.Failed(RefusedException why) -> throw why;
    };
  }

  @Override
  public Watch watch(Runnable action) {
    Runnable own = () -> action.run();
    watchers.add(own);
    return () -> watchers.remove(own);
  }

  @Override
  public void start(Operator by, boolean forced) throws RotationRefusedException {
    deed("start" + (forced ? " forced" : ""), by);
  }

  @Override
  public void pause(Operator by) throws RotationRefusedException {
    deed("pause", by);
  }

  @Override
  public void resume(Operator by) throws RotationRefusedException {
    deed("resume", by);
  }

  @Override
  public void abort(Operator by) throws RotationRefusedException {
    deed("abort", by);
  }

  @Override
  public void override(Operator by) throws RotationRefusedException {
    deed("override", by);
  }

  @Override
  public void taint(KeyId authority, Operator by) throws RotationRefusedException {
    deed("taint " + authority, by);
  }

  @Override
  public void revoke(KeyId root, Operator by, boolean override) throws RotationRefusedException {
    deed("revoke " + root + (override ? " override" : ""), by);
  }

  @Override
  public void ban(NodeRef node, Operator by) throws RotationRefusedException {
    deed("ban " + node, by);
  }

  @Override
  public void unban(NodeRef node, Operator by) throws RotationRefusedException {
    deed("unban " + node, by);
  }

  @Override
  public synchronized Gate plan(KeyId root) throws RotationRefusedException {
    deeds.add("plan " + root);
    refuse();
    return root.value().equals("root-1") ? Scenes.retireGate(root) : Scenes.openGate(root);
  }

  private synchronized void deed(String what, Operator by) throws RotationRefusedException {
    deeds.add(what + (by.why().isEmpty() ? "" : ": " + by.why()));
    refuse();
  }

  private void refuse() throws RotationRefusedException {
    if (refusal.isPresent()) {
      throw new RotationRefusedException(refusal.get(), "as the script says");
    }
  }
}
