package dev.signet.ca.attestation;

import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenReview;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An API server whose answers a test sets, and that can be held back. Blocks like the real one, and
 * fails as it does: with no answer.
 */
public final class ScriptedKubernetes implements TokenReviewer, PodReader {
  private final Map<String, TokenReview> reviews = new ConcurrentHashMap<>();
  private final Map<PodName, PodState> pods = new ConcurrentHashMap<>();
  public final List<String> askedAudiences = new CopyOnWriteArrayList<>();
  public final List<PodName> readPods = new CopyOnWriteArrayList<>();
  public volatile boolean down;
  public volatile Gate reviewGate = Gate.open();
  public volatile Gate podGate = Gate.open();

  /** Holds calls back until it is opened, and says how many have arrived. */
  public static final class Gate {
    private final CountDownLatch opened;
    private final CountDownLatch arrived;

    private Gate(int open, int arrivals) {
      this.opened = new CountDownLatch(open);
      this.arrived = new CountDownLatch(arrivals);
    }

    public static Gate open() {
      return new Gate(0, 0);
    }

    public static Gate shut(int arrivals) {
      return new Gate(1, arrivals);
    }

    void pass() throws InterruptedException {
      arrived.countDown();
      opened.await();
    }

    public void awaitArrivals() throws InterruptedException {
      if (!arrived.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("calls did not arrive");
      }
    }

    public void release() {
      opened.countDown();
    }
  }

  public ScriptedKubernetes answers(String token, TokenReview review) {
    reviews.put(token, review);
    return this;
  }

  public ScriptedKubernetes has(PodState pod) {
    pods.put(new PodName(pod.namespace(), pod.name()), pod);
    return this;
  }

  public void delete(PodState pod) {
    pods.remove(new PodName(pod.namespace(), pod.name()));
  }

  @Override
  public TokenReview review(ServiceAccountToken token, String audience)
      throws RefusedException, InterruptedException {
    askedAudiences.add(audience);
    reviewGate.pass();
    requireUp();
    TokenReview review = reviews.getOrDefault(token.reveal(), TokenReview.rejected("unknown"));
    return review.audiences().contains(audience)
        ? review
        : TokenReview.rejected("audiences do not match");
  }

  @Override
  public Optional<PodState> read(PodName name) throws RefusedException, InterruptedException {
    readPods.add(name);
    podGate.pass();
    requireUp();
    return Optional.ofNullable(pods.get(name));
  }

  private void requireUp() throws RefusedException {
    if (down) {
      throw new RefusedException(RefusalReason.KUBERNETES_UNAVAILABLE, "down");
    }
  }
}
