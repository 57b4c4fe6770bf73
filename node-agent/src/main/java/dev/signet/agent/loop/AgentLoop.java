package dev.signet.agent.loop;

import java.time.Duration;

/**
 * One thread for all changing state: what runs here never races with what else runs here, so the
 * state needs no locks. Tasks must not block. Time here is monotonic: a step of the wall clock
 * moves no timer.
 */
public interface AgentLoop {

  /** Runs a task after those already handed in. May be called from any thread. */
  void execute(Runnable task);

  /** Runs a task once, after the delay; from any thread. */
  Timer after(Duration delay, Runnable task);

  /** Nanoseconds of a monotonic clock with an arbitrary origin. */
  long nanos();

  /** A task that is yet to run. */
  interface Timer {
    /** The task will not run any more, unless it is running already. */
    void cancel();
  }
}
