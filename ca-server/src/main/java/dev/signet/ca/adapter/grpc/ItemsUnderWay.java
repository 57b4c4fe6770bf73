package dev.signet.ca.adapter.grpc;

import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * How many items of all calls are under way. Each may hold up to 32 KiB of token and CSR, so that
 * the bound on their number is one on memory. Thread-safe.
 */
public final class ItemsUnderWay {
  private static final Duration COME_AGAIN = Duration.ofSeconds(1);

  private final int most;
  private final Semaphore free;

  public ItemsUnderWay(int most) {
    this.most = most;
    this.free = new Semaphore(most);
  }

  /** How many there are now. */
  public int count() {
    return most - free.availablePermits();
  }

  /** The items of one call. */
  interface Share extends AutoCloseable {
    @Override
    void close();
  }

  Share enter(int items) throws RefusedException {
    if (!free.tryAcquire(items)) {
      throw new RefusedException(
          new Refusal(
              RefusalReason.OVERLOADED, count() + " items are under way", Optional.of(COME_AGAIN)));
    }
    return () -> free.release(items);
  }
}
