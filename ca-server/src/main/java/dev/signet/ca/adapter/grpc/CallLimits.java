package dev.signet.ca.adapter.grpc;

import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts calls under way, by method and caller. Thread-safe. */
final class CallLimits {
  private static final Duration COME_AGAIN = Duration.ofSeconds(1);

  private final Map<RpcContract, Integer> inAll = new EnumMap<>(RpcContract.class);
  private final Map<Key, Integer> byCaller = new HashMap<>();

  private record Key(RpcContract contract, String caller) {}

  /** A call under way; to be ended once, more often does no harm. */
  final class Permit {
    private final Key key;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Permit(Key key) {
      this.key = key;
    }

    void end() {
      if (ended.compareAndSet(false, true)) {
        release(key);
      }
    }
  }

  /**
   * Lets a call in.
   *
   * @throws RefusedException with {@link RefusalReason#OVERLOADED}
   */
  synchronized Permit enter(RpcContract contract, String caller) throws RefusedException {
    Key key = new Key(contract, caller);
    int own = byCaller.getOrDefault(key, 0);
    int all = inAll.getOrDefault(contract, 0);
    if (own >= contract.mostOfOneCaller() || all >= contract.mostInAll()) {
      throw new RefusedException(
          new Refusal(
              RefusalReason.OVERLOADED,
              contract.methodName() + ": " + own + " calls of " + caller + ", " + all + " in all",
              Optional.of(COME_AGAIN)));
    }
    byCaller.put(key, own + 1);
    inAll.put(contract, all + 1);
    return new Permit(key);
  }

  private synchronized void release(Key key) {
    byCaller.computeIfPresent(key, (_, count) -> count == 1 ? null : count - 1);
    inAll.computeIfPresent(key.contract(), (_, count) -> count - 1);
  }
}
