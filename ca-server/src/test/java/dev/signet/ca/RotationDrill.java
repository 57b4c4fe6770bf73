package dev.signet.ca;

import dev.signet.ca.adapter.file.TrustBundleFile;
import dev.signet.ca.adapter.tls.ServingSvid;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.ca.bundle.BundlePublisher;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.bundle.PublicationObserver;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.Digests;
import dev.signet.ca.issuance.IssuancePolicy;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.KillDrill;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.Lifetimes;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Operator;
import dev.signet.ca.rotation.RotationKeeper;
import dev.signet.ca.rotation.RotationObserver;
import dev.signet.ca.rotation.RotationRefusedException;
import dev.signet.ca.rotation.Rotations;
import dev.signet.ca.rotation.TrustState;
import dev.signet.ca.session.Sessions;
import dev.signet.ca.svid.Issuance;
import dev.signet.ca.svid.ServerSvids;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A replica of the CA without its sockets, with consumers that say at once what they hold and an
 * operator who rotates as soon as it can be done again. It says on standard output what it signs
 * and hands out, and {@code at STEP} when it came to where it is to be killed; there the thread
 * stops, and all others go on until the kill.
 *
 * <p>Arguments: data folder, step (or {@code NONE}, to end by itself once two rotations are done),
 * which occurrence of it, seconds by which its clock is ahead, seed, and the URL of the PostgreSQL
 * database that is the store, if one is.
 */
public final class RotationDrill {
  private static final String REPLICA = "replica-1";
  private static final Duration LEAF = Duration.ofMinutes(20);
  private static final int BATCH = 3;
  private static final long LOOK_MILLIS = 20;
  private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

  private static final Set<AuthorityState> BUSY =
      EnumSet.of(
          AuthorityState.PREPARED,
          AuthorityState.PUBLISHED,
          AuthorityState.RETIRING,
          AuthorityState.TAINTED);

  private final IssuingCa ca;
  private final InstantSource clock;
  private final CurrentBundle bundles;
  private final RotationKeeper keeper;
  private final Rotations rotations;
  private final List<DrilledConsumer> consumers;
  private final Random random;
  private final AtomicLong looked;
  private final Semaphore changed = new Semaphore(0);

  /** What the operator does between plain forced rotations. */
  private enum Plot {
    FORCED,
    ABORT,
    PAUSE,
    TAINT,
    BAN;

    static Plot of(Optional<IssuanceStep> step, Random random) {
      if (step.isEmpty()) {
        return FORCED;
      }
      return switch (step.get()) {
        case ROTATION_ABORTED -> ABORT;
        case ROTATION_PAUSED, ROTATION_RESUMED -> PAUSE;
        case ROTATION_TAINTED, ROTATION_REVOKED -> TAINT;
        case ROTATION_BANNED, ROTATION_UNBANNED -> BAN;
        default -> random.nextInt(3) > 0 ? FORCED : values()[random.nextInt(values().length)];
      };
    }
  }

  private RotationDrill(
      IssuingCa ca,
      InstantSource clock,
      CurrentBundle bundles,
      RotationKeeper keeper,
      Rotations rotations,
      List<DrilledConsumer> consumers,
      Random random,
      AtomicLong looked) {
    this.ca = ca;
    this.clock = clock;
    this.bundles = bundles;
    this.keeper = keeper;
    this.rotations = rotations;
    this.consumers = consumers;
    this.random = random;
    this.looked = looked;
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    Optional<IssuanceStep> step =
        Optional.of(args[1]).filter(name -> !name.equals("NONE")).map(IssuanceStep::valueOf);
    Duration ahead = Duration.ofSeconds(Long.parseLong(args[3]));
    InstantSource clock = () -> Instant.now().plus(ahead);
    Random random = new Random(Long.parseLong(args[4]));
    StorePlace store = args.length > 5 ? KillDrill.postgres(args[5]) : new StorePlace.InFolder();
    IssuanceSteps steps = stopping(step, Integer.parseInt(args[2]));
    IssuingCa ca =
        IssuingCa.open(
            KillDrill.settings(folder, store),
            clock,
            steps,
            AuthorityObserver.NONE,
            why -> violation("the store is lost: " + why));
    start(ca, folder, clock, steps, random).run(Plot.of(step, random), step.isEmpty());
    // Whoever is killed closes nothing either.
    Runtime.getRuntime().exit(0);
  }

  private static IssuanceSteps stopping(Optional<IssuanceStep> at, int occurrence) {
    AtomicInteger left = new AtomicInteger(occurrence);
    return step -> {
      if (step == IssuanceStep.SIGNED) {
        say("signed");
      }
      if (at.equals(Optional.of(step)) && left.decrementAndGet() == 0) {
        say("at " + step);
        while (true) {
          LockSupport.park();
        }
      }
    };
  }

  private static RotationDrill start(
      IssuingCa ca, Path folder, InstantSource clock, IssuanceSteps steps, Random random)
      throws Exception {
    CurrentBundle bundles = new CurrentBundle(ca.trust().root().bundle());
    AtomicLong published = new AtomicLong();
    AtomicLong looked = new AtomicLong();
    Semaphore wake = new Semaphore(0);
    LocalReplica replica =
        new LocalReplica(
            REPLICA, ca, bundles, IssuingCaSettings.DEFAULT_ROOT_LIFETIME, published::get, steps);
    BundlePublisher publisher =
        new BundlePublisher(
            new TrustBundleFile(folder.resolveSibling("bundle.pem")),
            bundles,
            replica,
            publication(published, wake),
            BundlePublisher.Pace.DEFAULT,
            new SecureRandom());
    publisher.first();
    publisher.start();

    ScheduledThreadPoolExecutor timers =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().factory());
    Sessions sessions =
        new Sessions(
            bundles, clock, timers, 10, new Sessions.Evidence(REPLICA, _ -> {}), _ -> false);
    sessions.start();
    IssuancePolicy policy =
        new IssuancePolicy(
            DrilledConsumer.TRUST_DOMAIN,
            "demo",
            AttestationMode.CA_REVIEW,
            LEAF,
            Duration.ofMinutes(5),
            Set.of(),
            Set.of());
    ServerSvids own =
        new ServerSvids(
            ca.csrVerifier(), new Issuance(policy, ca.issuer(), clock), AuditTrail.all());
    replica.passOnTo(ServingSvid.start(own, clock, timers), sessions, clock);

    Lifetimes lifetimes =
        new Lifetimes(IssuingCaSettings.DEFAULT_ROOT_LIFETIME, Duration.ofHours(1));
    RotationKeeper keeper =
        new RotationKeeper(
            ca.trustStates(),
            ca.evidence(),
            replica,
            ca.trust().state().version(),
            lifetimes,
            clock,
            observer(looked));
    Rotations rotations =
        new Rotations(
            ca.trustStates(),
            ca.evidence(),
            ca.liveAgents(),
            keeper,
            replica::newRootId,
            lifetimes,
            clock);
    keeper.start();
    Thread.ofVirtual().start(() -> wakeOnPublication(wake, keeper));
    return new RotationDrill(
        ca,
        clock,
        bundles,
        keeper,
        rotations,
        DrilledConsumer.all(folder.resolveSibling("consumers")),
        random,
        looked);
  }

  private static void wakeOnPublication(Semaphore published, RotationKeeper keeper) {
    while (true) {
      published.acquireUninterruptibly();
      keeper.wake();
    }
  }

  private static PublicationObserver publication(AtomicLong published, Semaphore wake) {
    return new PublicationObserver() {
      @Override
      public void published(long revision) {
        published.set(revision);
        wake.release();
      }

      @Override
      public void repaired() {
        violation("the published bundle was not what this CA had published");
      }

      @Override
      public void failed(String why) {
        say("not published: " + why);
      }

      @Override
      public void refused(String why) {
        violation("the published bundle is taken for another's: " + why);
      }
    };
  }

  private static RotationObserver observer(AtomicLong looked) {
    return new RotationObserver() {
      @Override
      public void looked(TrustState state, List<Gate> gates, Optional<String> alarm) {
        looked.set(state.version());
        alarm.ifPresent(why -> say("alarm: " + why));
      }

      @Override
      public void failed(String why) {
        say("not adopted yet: " + why);
      }
    };
  }

  private void run(Plot plot, boolean ends) throws Exception {
    rotations.watch(changed::release);
    bundles.follow(_ -> changed.release());
    Thread operator = Thread.ofPlatform().daemon().start(() -> operate(plot));
    long until = ends ? bundles.get().revision() + 4 : Long.MAX_VALUE;
    while (bundles.get().revision() < until) {
      step();
    }
    operator.interrupt();
    operator.join();
    while (!isAtRest()) {
      step();
    }
  }

  /** And the keeper has seen it, and done what is left to be done then. */
  private boolean isAtRest() throws RefusedException {
    TrustState state = ca.trustStates().state();
    return state.roots().stream().noneMatch(root -> BUSY.contains(root.state()))
        && looked.get() == state.version();
  }

  /**
   * One of the consumers comes by, so that they are never all equal; then all that is new is said.
   */
  private void step() throws Exception {
    DrilledConsumer one = consumers.get(random.nextInt(consumers.size()));
    boolean first = one.serial().isEmpty();
    if (first || random.nextBoolean()) {
      one.load(bundles.get());
      check();
    }
    if (first || random.nextBoolean()) {
      Optional<IssuedSvid> fresh = issue(one);
      if (fresh.isPresent()) {
        one.show(fresh.get());
        check();
      }
    }
    try {
      ca.evidence().heard(reports());
      keeper.wake();
    } catch (RefusedException e) {
      say("not heard: " + e.getMessage());
    }
    var _ = changed.tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    changed.drainPermits();
  }

  private void check() {
    DrilledConsumer.broken(consumers, clock.instant()).forEach(RotationDrill::violation);
  }

  /** Several at once, of which the last is shown. */
  private Optional<IssuedSvid> issue(DrilledConsumer one) throws InterruptedException {
    List<CompletableFuture<IssuedSvid>> answers = new ArrayList<>();
    for (int i = 0; i < (one.kind() == SvidKind.AGENT ? 1 : BATCH); i++) {
      answers.add(
          ca.issuer()
              .issue(KillDrill.granted(one.kind(), one.attestation(), LEAF, clock.instant()))
              .whenComplete((svid, _) -> {
                if (svid != null) {
                  handedOut(svid);
                }
              }));
    }
    Optional<IssuedSvid> last = Optional.empty();
    for (CompletableFuture<IssuedSvid> answer : answers) {
      try {
        last = Optional.of(answer.get());
      } catch (ExecutionException e) {
        // Between two states nothing is signed: it comes again.
        say("refused: " + e.getMessage());
      }
    }
    return last;
  }

  private static void handedOut(IssuedSvid svid) {
    try {
      say(
          "certificate "
              + svid.serial()
              + " "
              + Digests.sha256Hex(svid.chain().getFirst().getTBSCertificate()));
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read does not encode", e);
    }
  }

  private List<AgentReport> reports() {
    List<AgentReport> all = new ArrayList<>();
    for (DrilledConsumer agent : consumers) {
      if (agent.kind() == SvidKind.AGENT) {
        Map<String, List<AgentReport.Seen>> pods = new HashMap<>();
        consumers.stream()
            .filter(pod -> pod.kind() == SvidKind.WORKLOAD && pod.node().equals(agent.node()))
            .filter(pod -> !pod.serial().isEmpty())
            .forEach(pod ->
                pods.put(
                    pod.name(),
                    List.of(
                        new AgentReport.Seen(
                            Evidence.ACKNOWLEDGED, 1, pod.revision(), pod.serial()))));
        all.add(
            new AgentReport(
                new NodeRef("demo", agent.node()),
                agent.revision(),
                REPLICA,
                clock.instant(),
                true,
                pods,
                Set.of()));
      }
    }
    return all;
  }

  private void operate(Plot plot) {
    boolean plain = false;
    try {
      while (true) {
        try {
          if (command(plain ? Plot.FORCED : plot)) {
            plain = !plain;
          }
        } catch (RotationRefusedException | RefusedException e) {
          // Somebody is missing yet, or the keeper was faster.
          Thread.onSpinWait();
        }
        var _ = new Semaphore(0).tryAcquire(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      violation("a defect: " + e);
    }
  }

  /** What may be done now: first what an earlier process left; true if something new was begun. */
  private boolean command(Plot plot) throws RotationRefusedException, RefusedException {
    Operator by = new Operator("drill", "drill");
    NodeRef bannable = new NodeRef("demo", "node-2");
    TrustState state = ca.trustStates().state();
    if (state.paused()) {
      rotations.resume(by);
      return false;
    }
    if (state.isBanned(bannable.cluster(), bannable.nodeName())) {
      rotations.unban(bannable, by);
      return false;
    }
    Optional<TrustState.Root> signer = state.signer();
    for (TrustState.Root root : state.roots(AuthorityState.TAINTED)) {
      if (!signer.equals(Optional.of(root))) {
        rotations.revoke(root.id(), by, false);
        return false;
      }
    }
    if (state.roots().stream().anyMatch(root -> BUSY.contains(root.state()))) {
      return false;
    }
    switch (plot) {
      case FORCED -> rotations.start(by, true);
      case ABORT -> {
        rotations.start(by, true);
        rotations.abort(by);
      }
      case PAUSE -> {
        rotations.start(by, true);
        rotations.pause(by);
      }
      case TAINT -> rotations.taint(signer.orElseThrow().id(), by);
      case BAN -> {
        rotations.ban(bannable, by);
        rotations.unban(bannable, by);
        rotations.start(by, true);
      }
    }
    return true;
  }

  private static void violation(String what) {
    say("violation " + what);
  }

  /** One write for a line, so that a kill leaves none of it or all. */
  private static void say(String line) {
    byte[] bytes = (line.replace('\n', ' ') + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (OUT) {
      try {
        OUT.write(bytes);
      } catch (IOException e) {
        throw new IllegalStateException("nobody reads what is said", e);
      }
    }
  }
}
