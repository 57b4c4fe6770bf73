package dev.signet.ca;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * A clock and the timers that go by it: both move only when a test says so. Tasks run on the thread
 * that moves the clock.
 */
public final class ManualTimers extends ScheduledThreadPoolExecutor implements InstantSource {
  private final List<Planned> planned = new ArrayList<>();
  private volatile Instant now;

  private record Planned(Instant due, Runnable task, ScheduledFuture<?> handle) {}

  public ManualTimers(Instant now) {
    // Like the real ones: what is planned after the end is dropped.
    super(1, new ThreadPoolExecutor.DiscardPolicy());
    this.now = now;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
    // Keeps the executor's own future, for its cancellation; far enough away never to run.
    ScheduledFuture<?> handle = super.schedule(() -> {}, 1_000, TimeUnit.DAYS);
    synchronized (planned) {
      planned.add(new Planned(now.plusNanos(unit.toNanos(delay)), task, handle));
    }
    return handle;
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> task, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException("plan a Runnable: this one would never run");
  }

  /** Moves the clock, and runs what falls due on the way, in order. */
  public void advance(Duration by) {
    Instant end = now.plus(by);
    for (Optional<Planned> next = nextUntil(end); next.isPresent(); next = nextUntil(end)) {
      now = next.get().due().isAfter(now) ? next.get().due() : now;
      next.get().task().run();
    }
    now = end;
  }

  /** How many are planned and not cancelled. */
  public int waiting() {
    synchronized (planned) {
      planned.removeIf(one -> one.handle().isCancelled());
      return planned.size();
    }
  }

  private Optional<Planned> nextUntil(Instant end) {
    synchronized (planned) {
      planned.removeIf(one -> one.handle().isCancelled());
      Optional<Planned> next =
          planned.stream()
              .filter(one -> !one.due().isAfter(end))
              .min(Comparator.comparing(Planned::due));
      next.ifPresent(planned::remove);
      return next;
    }
  }
}
