package dev.signet.ca.rotation;

import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this replica at the newest state of trust, and makes the steps that are due. Every replica
 * has one, and whichever comes first makes a step: the others find it made.
 *
 * <p>It is woken by each step of any replica, by what agents say, and once a second for what others
 * were told and for what becomes due by the mere passing of time. Nothing that fails ends it.
 */
public final class RotationKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(RotationKeeper.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration REPORT = Duration.ofSeconds(10);

  /** After so long a root that nobody has made is made by whoever sees it. */
  private static final Duration TAKE_OVER = Duration.ofSeconds(10);

  private final TrustStateStore states;
  private final EvidenceStore evidence;
  private final Replica replica;
  private final Lifetimes lifetimes;
  private final InstantSource clock;
  private final RotationObserver observer;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread = Thread.ofVirtual().name("rotation").unstarted(this::run);

  private volatile boolean closed;
  private volatile @Nullable KeyId making;

  // Of the keeper's own thread.
  private long adopted;
  private long finished;
  private @Nullable ReplicaReport reported;
  private String failure = "";

  /** What this process does with a state of trust. */
  public interface Replica {
    String name();

    /**
     * Reads the newest state and works by it; blocks until its certificates, too, are of it.
     *
     * @throws RefusedException if that cannot be yet; it signs nothing until it can
     */
    TrustState adopt() throws RefusedException, InterruptedException;

    KeyId newRootId();

    /** Makes key and certificate of a prepared root, or goes on making them. */
    void makeRoot(KeyId root) throws RefusedException;

    /** Destroys a root's key for good; once more is harmless. */
    void destroyKey(KeyId root) throws RefusedException;

    /** The revision of the bundle that is known to be published; 0 for none. */
    long published();
  }

  /**
   * Makes a keeper that is not started.
   *
   * @param adopted the version that the replica works by already
   */
  public RotationKeeper(
      TrustStateStore states,
      EvidenceStore evidence,
      Replica replica,
      long adopted,
      Lifetimes lifetimes,
      InstantSource clock,
      RotationObserver observer) {
    this.states = states;
    this.evidence = evidence;
    this.replica = replica;
    this.adopted = adopted;
    this.lifetimes = lifetimes;
    this.clock = clock;
    this.observer = observer;
  }

  public void start() {
    states.onStep(this::wake);
    thread.start();
  }

  /** Looks now. Never blocks. */
  public void wake() {
    wake.release();
  }

  /** This replica was told to begin a rotation: it makes the root. */
  void make(KeyId root) {
    making = root;
    wake();
  }

  private void run() {
    try {
      while (!closed) {
        round();
        var _ = wake.tryAcquire(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void round() throws InterruptedException {
    try {
      while (look()) {
        // A step was made: what it made due may be the next.
      }
      failure = "";
    } catch (RefusedException e) {
      failed(e.getMessage(), e);
    } catch (RuntimeException e) {
      failed("a defect: " + e, e);
    }
  }

  private void failed(@Nullable String why, Exception cause) {
    if (!failure.equals(why)) {
      log.error("trust is not kept up to date, tried again each second: {}", why, cause);
    }
    failure = String.valueOf(why);
    observer.failed(failure);
  }

  /** Whether there may be more to do at once. */
  private boolean look() throws RefusedException, InterruptedException {
    TrustState state = states.state();
    if (state.version() == adopted) {
      report();
      finish(state);
      return makeRoot(state) || advance(state);
    }
    try {
      adopted = replica.adopt().version();
    } catch (RefusedException e) {
      // What keeps this replica from signing may be what the next step mends.
      var _ = makeRoot(state) || advance(state);
      throw e;
    }
    log.info("this replica works by version {} of the trust state", adopted);
    report();
    return true;
  }

  private void report() throws RefusedException {
    ReplicaReport last = reported;
    Instant now = clock.instant();
    ReplicaReport next = new ReplicaReport(replica.name(), adopted, replica.published(), now);
    if (last == null
        || last.version() != next.version()
        || last.published() != next.published()
        || !now.isBefore(last.seen().plus(REPORT))
        || now.isBefore(last.seen())) {
      evidence.replica(next);
      reported = next;
    }
  }

  /** What may never sign again has no key. */
  private void finish(TrustState state) throws RefusedException {
    if (finished == state.version()) {
      return;
    }
    for (TrustState.Root root : state.roots()) {
      if (root.state() == AuthorityState.RETIRED || root.state() == AuthorityState.REVOKED) {
        replica.destroyKey(root.id());
      }
    }
    finished = state.version();
  }

  private boolean makeRoot(TrustState state) throws RefusedException {
    for (TrustState.Root root : state.roots(AuthorityState.PREPARED)) {
      boolean late = !clock.instant().isBefore(root.since().at().plus(TAKE_OVER));
      if (root.validity().isEmpty() && (root.id().equals(making) || late)) {
        replica.makeRoot(root.id());
        return true;
      }
    }
    return false;
  }

  private boolean advance(TrustState state) throws RefusedException {
    List<Gate> gates = gates(state);
    Instant now = clock.instant();
    observer.looked(state, gates, RotationSchedule.alarm(state, lifetimes, now));
    Optional<NextStep> due = RotationSchedule.due(state, gates, lifetimes, now);
    if (due.isEmpty()) {
      return false;
    }
    try {
      TrustChange change = change(state, due.get(), gates, now);
      if (states.step(change)) {
        log.info("{}: {}", change.step().kind(), change.step().why());
        if (due.get().kind() == Step.Kind.PREPARE) {
          making = change.step().authority().orElseThrow();
        }
      }
      return true;
    } catch (RotationRefusedException e) {
      log.warn("{} is due and cannot be: {}", due.get().kind(), e.getMessage());
      return false;
    }
  }

  /** The consumers are read after the state: see {@link Gates}. */
  private List<Gate> gates(TrustState state) throws RefusedException {
    boolean waits =
        state.roots().stream()
            .anyMatch(root ->
                root.state() == AuthorityState.PUBLISHED
                    || root.state() == AuthorityState.RETIRING
                    || root.state() == AuthorityState.TAINTED);
    if (!waits) {
      return List.of();
    }
    Consumers consumers = evidence.consumers(clock.instant().minus(Gates.GRACE));
    return Gates.waiting(state, consumers, clock.instant());
  }

  private TrustChange change(TrustState state, NextStep due, List<Gate> gates, Instant now)
      throws RotationRefusedException {
    Operator by = new Operator("replica " + replica.name(), due.why());
    return switch (due.kind()) {
      case PREPARE ->
          Rotation.prepare(state, replica.newRootId(), due.forced(), lifetimes, by, now);
      case PUBLISH -> Rotation.publish(state, due.root().orElseThrow(), lifetimes, by, now);
      case ACTIVATE -> {
        Gate gate = gate(gates, due);
        yield Rotation.activate(state, gate.root(), gate, lifetimes, by, false, now);
      }
      case RETIRE -> {
        Gate gate = gate(gates, due);
        yield Rotation.retire(state, gate.root(), gate, by, false, now);
      }
      case ABORT, PAUSE, RESUME, TAINT, REVOKE, BAN, UNBAN ->
          throw new IllegalStateException(due.kind() + " is an operator's");
    };
  }

  private static Gate gate(List<Gate> gates, NextStep due) {
    return gates.stream()
        .filter(gate -> due.root().equals(Optional.of(gate.root())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no gate of " + due));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
