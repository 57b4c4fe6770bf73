package dev.signet.ca;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Delayed;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs what is due, on the caller's thread, when time is moved. Its time is a monotonic one. */
public final class ManualScheduler extends ScheduledThreadPoolExecutor {
  private final List<Task> tasks = new ArrayList<>();
  private long nowNanos;

  public ManualScheduler() {
    super(1);
  }

  private final class Task extends FutureTask<Void> implements ScheduledFuture<Void> {
    private final long dueNanos;

    Task(Runnable runnable, long dueNanos) {
      super(() -> {
        runnable.run();
        return null;
      });
      this.dueNanos = dueNanos;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNanos - nowNanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    Task task = new Task(command, nowNanos + unit.toNanos(delay));
    tasks.add(task);
    return task;
  }

  /** How many wait. */
  public int waiting() {
    return (int) tasks.stream().filter(task -> !task.isDone()).count();
  }

  /** Moves time step by step, so that what is scheduled on the way runs on the way. */
  public void advance(Duration duration) {
    long end = nowNanos + duration.toNanos();
    while (true) {
      tasks.removeIf(FutureTask::isDone);
      Task next = tasks.stream().min(Comparator.comparingLong(task -> task.dueNanos)).orElse(null);
      if (next == null || next.dueNanos > end) {
        break;
      }
      nowNanos = next.dueNanos;
      next.run();
      if (next.state() == Future.State.FAILED) {
        throw new AssertionError(next.exceptionNow());
      }
    }
    nowNanos = end;
  }
}
