package dev.signet.ca.bundle;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * The trust bundle as it is now: one snapshot behind one reference. Its revision never falls
 * (THREATS T22). Thread-safe.
 */
public final class CurrentBundle {
  private final List<Consumer<TrustBundle>> followers = new CopyOnWriteArrayList<>();
  private volatile TrustBundle bundle;

  public CurrentBundle(TrustBundle first) {
    this.bundle = first;
  }

  public TrustBundle get() {
    return bundle;
  }

  /**
   * Makes {@code next} the current one and tells who follows, in order of revision.
   *
   * @throws IllegalArgumentException if its revision is not higher, unless it is the same bundle
   */
  public synchronized void publish(TrustBundle next) {
    if (next.equals(bundle)) {
      return;
    }
    if (next.revision() <= bundle.revision()) {
      throw new IllegalArgumentException(
          "revision " + next.revision() + " does not follow " + bundle.revision());
    }
    bundle = next;
    followers.forEach(follower -> follower.accept(next));
  }

  /** Hands {@code follower} the current bundle now and each later one; it must not block. */
  public synchronized void follow(Consumer<TrustBundle> follower) {
    followers.add(follower);
    follower.accept(bundle);
  }
}
