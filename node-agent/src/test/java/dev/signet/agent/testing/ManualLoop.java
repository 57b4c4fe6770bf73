package dev.signet.agent.testing;

import dev.signet.agent.loop.AgentLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A loop that runs when the test says so, on the test's thread, in virtual time. Tasks and timers
 * may be handed in by other threads.
 */
public final class ManualLoop implements AgentLoop {
  private record Timed(long at, long order, Runnable task, AtomicBoolean cancelled) {}

  private final Queue<Runnable> ready = new ArrayDeque<>();
  private final PriorityQueue<Timed> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timed::at).thenComparingLong(Timed::order));
  private final SettableClock wall;
  private long nanos;
  private long order;

  /** Virtual time moves this wall clock, too. */
  public ManualLoop(SettableClock wall) {
    this.wall = wall;
  }

  @Override
  public synchronized void execute(Runnable task) {
    ready.add(task);
  }

  @Override
  public synchronized Timer after(Duration delay, Runnable task) {
    var cancelled = new AtomicBoolean();
    timers.add(new Timed(nanos + Math.max(0, delay.toNanos()), order++, task, cancelled));
    notifyAll();
    return () -> cancelled.set(true);
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  /** Runs what is ready, and what that makes ready; no time passes. */
  public void run() {
    for (Runnable task = nextReady(); task != null; task = nextReady()) {
      task.run();
    }
  }

  private synchronized @Nullable Runnable nextReady() {
    return ready.poll();
  }

  /** Lets time pass; timers run at their time. */
  public void advance(Duration by) {
    run();
    long end = nanos() + by.toNanos();
    for (Timed next = nextDue(end); next != null; next = nextDue(end)) {
      if (!next.cancelled().get()) {
        moveTo(next.at());
        next.task().run();
        run();
      }
    }
    moveTo(end);
  }

  private synchronized @Nullable Timed nextDue(long end) {
    Timed next = timers.peek();
    return next != null && next.at() <= end ? timers.poll() : null;
  }

  /** Waits, in real time, until another thread has set a timer; ten seconds at most. */
  public synchronized void awaitTimer() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (pendingTimers() == 0) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw new AssertionError("no timer was set");
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /** Timers that are to run still. */
  public synchronized long pendingTimers() {
    return timers.stream().filter(timer -> !timer.cancelled().get()).count();
  }

  private synchronized void moveTo(long at) {
    wall.advance(Duration.ofNanos(at - nanos));
    nanos = at;
  }
}
