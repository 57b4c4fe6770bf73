package dev.signet.ca.adapter.grpc;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.session.Acknowledgement;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How many SVIDs one node may ask for: a bucket of tokens each (THREATS T27). A node whose pods
 * restart in a loop, or an agent gone mad, spends its own and nobody else's. Thread-safe.
 */
final class AgentBudget {
  /** An agent that starts again asks for all its pods at once; it may do so twice. */
  static final int BURST = 2 * Acknowledgement.MAX_PODS;

  /**
   * The most that an honest node needs, three times: {@link Acknowledgement#MAX_PODS} pods with
   * SVIDs of 5 min, renewed at half their life, are 7 a second.
   */
  static final int PER_SECOND = 20;

  private static final double NANOS = 1e9;
  private static final Duration FULL_AGAIN = Duration.ofSeconds(BURST / PER_SECOND);

  private final LongSupplier nanoTime;
  // One that is not used for so long is full, as a new one is.
  private final LoadingCache<Node, Bucket> buckets;

  private record Node(String cluster, String name) {}

  AgentBudget(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.buckets =
        Caffeine.newBuilder()
            .ticker(nanoTime::getAsLong)
            .expireAfterAccess(FULL_AGAIN)
            .build(_ -> new Bucket(nanoTime.getAsLong()));
  }

  /**
   * Spends {@code items} of the agent's node, all or none.
   *
   * @throws RefusedException with {@link RefusalReason#OVERLOADED}, and when to come again
   */
  void spend(AgentPeer agent, int items) throws RefusedException {
    Bucket bucket = buckets.get(new Node(agent.cluster(), agent.nodeName()));
    double missing = bucket.spend(items, nanoTime.getAsLong());
    if (missing > 0) {
      throw new RefusedException(
          new Refusal(
              RefusalReason.OVERLOADED,
              agent.id()
                  + " asked for more SVIDs than a full node needs ("
                  + BURST
                  + " at once, "
                  + PER_SECOND
                  + " a second)",
              Optional.of(Duration.ofMillis((long) Math.ceil(missing / PER_SECOND * 1_000)))));
    }
  }

  private static final class Bucket {
    private double tokens = BURST;
    private long at;

    Bucket(long now) {
      at = now;
    }

    /** Takes all of them, or none and says how many are missing. */
    synchronized double spend(int items, long now) {
      // Callers may come in another order than they looked at the clock.
      long passed = Math.max(0, now - at);
      tokens = Math.min(BURST, tokens + passed / NANOS * PER_SECOND);
      at += passed;
      if (tokens < items) {
        return items - tokens;
      }
      tokens -= items;
      return 0;
    }
  }
}
