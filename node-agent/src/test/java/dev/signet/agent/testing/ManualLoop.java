package dev.signet.agent.testing;

import dev.signet.agent.loop.AgentLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;

/** A loop that runs when the test says so, on the test's thread, in virtual time. */
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
  public void execute(Runnable task) {
    ready.add(task);
  }

  @Override
  public Timer after(Duration delay, Runnable task) {
    var cancelled = new AtomicBoolean();
    timers.add(new Timed(nanos + Math.max(0, delay.toNanos()), order++, task, cancelled));
    return () -> cancelled.set(true);
  }

  @Override
  public long nanos() {
    return nanos;
  }

  /** Runs what is ready, and what that makes ready; no time passes. */
  public void run() {
    for (Runnable task = ready.poll(); task != null; task = ready.poll()) {
      task.run();
    }
  }

  /** Lets time pass; timers run at their time. */
  public void advance(Duration by) {
    run();
    long end = nanos + by.toNanos();
    for (Timed next = timers.peek(); next != null && next.at() <= end; next = timers.peek()) {
      timers.remove();
      if (!next.cancelled().get()) {
        moveTo(next.at());
        next.task().run();
        run();
      }
    }
    moveTo(end);
  }

  /** Timers that are to run still. */
  public long pendingTimers() {
    return timers.stream().filter(timer -> !timer.cancelled().get()).count();
  }

  private void moveTo(long at) {
    wall.advance(Duration.ofNanos(at - nanos));
    nanos = at;
  }
}
