package dev.signet.workload;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The source's one thread, for tests: waits are written down and cut to milliseconds; what waits
 * longer than any back-off (an SVID's end) waits until the test says so.
 */
final class ImpatientExecutor extends ScheduledThreadPoolExecutor {

  private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private final BlockingQueue<Duration> waits = new LinkedBlockingQueue<>();
  private final List<Runnable> postponed = new ArrayList<>();

  ImpatientExecutor() {
    super(1);
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    long nanos = unit.toNanos(delay);
    if (nanos > LONG_NANOS) {
      synchronized (postponed) {
        postponed.add(task);
      }
      return super.schedule(() -> {}, LONGEST_NANOS, TimeUnit.NANOSECONDS);
    }
    if (nanos > 0) {
      waits.add(Duration.ofNanos(nanos));
    }
    return super.schedule(task, Math.min(nanos, LONGEST_NANOS), TimeUnit.NANOSECONDS);
  }

  Duration nextWait() throws InterruptedException {
    return Eventually.next("something waits", waits);
  }

  void awaitPostponed() {
    Eventually.until(
        "something waits for an SVID's end",
        () -> {
          synchronized (postponed) {
            return !postponed.isEmpty();
          }
        });
  }

  /** Runs on the source's thread what waits for an SVID's end. */
  void runPostponed() {
    List<Runnable> due;
    synchronized (postponed) {
      due = List.copyOf(postponed);
      postponed.clear();
    }
    due.forEach(this::execute);
  }
}
