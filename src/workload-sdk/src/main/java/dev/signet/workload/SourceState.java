package dev.signet.workload;

import dev.signet.workload.SourceStatus.Kind;
import dev.signet.workload.SourceStatus.Problem;
import dev.signet.workload.SourceStatus.State;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a source knows, as one immutable snapshot behind one reference, and the only place that
 * logs its changes: each change of state once, however often it is met again.
 *
 * <p>Thread-safe. Whether an SVID has ended is judged at each reading, by the clock, not by an
 * event that could be late.
 */
final class SourceState {

  private static final Logger LOG = LoggerFactory.getLogger(X509Source.class);

  /** Longer waits than this are not told apart from for ever, and do not overflow. */
  private static final Duration LONGEST_WAIT = Duration.ofDays(365);

  private record Snapshot(
      @Nullable LiveIdentity identity,
      @Nullable Problem problem,
      long discarded,
      OptionalLong revision,
      boolean closed) {

    Snapshot withProblem(@Nullable Problem next) {
      return new Snapshot(identity, next, discarded, revision, closed);
    }

    Snapshot withIdentity(LiveIdentity next) {
      return new Snapshot(next, null, discarded, revision, closed);
    }

    Snapshot discardingOne() {
      return new Snapshot(identity, problem, discarded + 1, revision, closed);
    }

    Snapshot withRevision(long next) {
      return new Snapshot(identity, problem, discarded, OptionalLong.of(next), closed);
    }

    /** A closed source keeps no key. */
    Snapshot ended() {
      return new Snapshot(null, null, discarded, revision, true);
    }
  }

  private final WorkloadApiEndpoint endpoint;
  private final InstantSource clock;
  private final AtomicReference<Snapshot> snapshot =
      new AtomicReference<>(new Snapshot(null, null, 0, OptionalLong.empty(), false));
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  SourceState(WorkloadApiEndpoint endpoint, InstantSource clock) {
    this.endpoint = endpoint;
    this.clock = clock;
  }

  /** The identity to use now. */
  LiveIdentity identity() {
    Snapshot now = snapshot.get();
    LiveIdentity valid = valid(now);
    if (valid == null) {
      throw unavailable("there is no valid X509-SVID", now);
    }
    return valid;
  }

  LiveIdentity await(Duration timeout) {
    Duration bounded = timeout.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : timeout;
    long remaining = bounded.toNanos();
    lock.lock();
    try {
      while (true) {
        Snapshot now = snapshot.get();
        LiveIdentity valid = valid(now);
        if (valid != null) {
          return valid;
        }
        if (now.closed()) {
          throw unavailable("the source was closed", now);
        }
        if (remaining <= 0) {
          throw unavailable("no valid X509-SVID within " + timeout, now);
        }
        remaining = changed.awaitNanos(remaining);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable("interrupted while waiting for an X509-SVID", snapshot.get());
    } finally {
      lock.unlock();
    }
  }

  SourceStatus status() {
    return status(snapshot.get());
  }

  /** Takes over a good message. True if there is something new in it. */
  boolean loaded(X509Context context) {
    Snapshot before = snapshot.get();
    LiveIdentity held = before.identity();
    boolean fresh = held == null || !held.context().sameAs(context);
    LiveIdentity next = fresh || held == null ? LiveIdentity.of(context) : held;
    Snapshot after = change(s -> s.closed() ? s : s.withIdentity(next));
    if (fresh && !after.closed()) {
      LOG.info(
          "{}: X509-SVID {} in use, valid until {}; {} trust domain(s)",
          context.svid().id(),
          context.svid().serial(),
          context.svid().notAfter(),
          context.bundles().bundles().size());
    } else if (before.problem() != null && !after.closed()) {
      LOG.info("{}: Workload API {} is back", context.svid().id(), endpoint);
    }
    return fresh && !after.closed();
  }

  void discarded(String why) {
    change(Snapshot::discardingOne);
    failing(new Problem(Kind.INVALID_MESSAGE, why));
  }

  void failing(Problem problem) {
    Problem before = snapshot.get().problem();
    Snapshot after = change(s -> s.closed() ? s : s.withProblem(problem));
    if (after.closed() || (before != null && before.kind() == problem.kind())) {
      return;
    }
    LOG.warn("Workload API {}: {}; will keep trying", endpoint, status(after).summary());
  }

  /**
   * The agent says which revision is loaded. Going back is what an old bundle played again would
   * look like (T22).
   */
  void acknowledged(long revision) {
    OptionalLong before = snapshot.get().revision();
    if (revision == 0) {
      LOG.warn("Workload API {}: the agent does not know the trust bundle that it sent", endpoint);
      return;
    }
    if (before.isPresent() && revision < before.getAsLong()) {
      LOG.warn(
          "Workload API {}: the agent went back from trust bundle revision {} to {}",
          endpoint,
          before.getAsLong(),
          revision);
    }
    change(s -> s.withRevision(revision));
  }

  /** To be called when the SVID that was loaded ends, so that it is said when it happens. */
  void expired() {
    SourceStatus now = status();
    if (now.state() == State.EXPIRED) {
      LOG.error(
          "Workload API {}: {}; nothing is presented and no peer accepted",
          endpoint,
          now.summary());
    }
  }

  void close() {
    change(Snapshot::ended);
  }

  private Snapshot change(UnaryOperator<Snapshot> step) {
    Snapshot after = snapshot.updateAndGet(step);
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return after;
  }

  private @Nullable LiveIdentity valid(Snapshot now) {
    LiveIdentity held = now.identity();
    return held != null && clock.instant().isBefore(held.context().svid().notAfter()) ? held : null;
  }

  private SvidUnavailableException unavailable(String what, Snapshot now) {
    return new SvidUnavailableException(what, endpoint, status(now));
  }

  private SourceStatus status(Snapshot now) {
    Optional<X509Context> held = Optional.ofNullable(now.identity()).map(LiveIdentity::context);
    return new SourceStatus(
        state(now),
        held.map(c -> c.svid().id()),
        held.map(c -> c.svid().notAfter()),
        Optional.ofNullable(now.problem()),
        now.discarded(),
        now.revision());
  }

  private State state(Snapshot now) {
    if (now.closed()) {
      return State.CLOSED;
    }
    if (now.identity() == null) {
      return State.WAITING;
    }
    if (valid(now) == null) {
      return State.EXPIRED;
    }
    return now.problem() == null ? State.READY : State.DEGRADED;
  }

  Instant now() {
    return clock.instant();
  }
}
