package dev.signet.agent.svid;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.Pod;
import dev.signet.agent.pod.PodToken;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.X509Svid;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pod's identity on this node, from its first volume to its last: asks, keeps, renews, and
 * shows what workloads may see.
 *
 * <p>What heals what: an outage or a retryable refusal is retried with back-off; a decided refusal
 * is retried when kubelet brings another token, or, at most once in {@link #REFUSAL_RECHECK}, the
 * same one again, since a policy may have changed. A token that had ended decides nothing: the node
 * slept or kubelet could not refresh it, and the next one tells. A removal ends issuance for good:
 * a pod that is marked for deletion never comes back under its UID. An SVID that is valid is kept
 * whatever fails.
 *
 * <p>What an earlier agent left is served as it was. Without a token nobody can be asked: what is
 * due waits for kubelet to bring one (KUBERNETES.md 3.5).
 *
 * <p>Confined to the loop, but for {@link #snapshot} and {@link #subscribe}.
 */
final class PodIdentity implements WorkloadFeed {
  static final Duration REFUSAL_RECHECK = Duration.ofSeconds(60);
  private static final Duration RETRY_BASE = Duration.ofMillis(500);
  private static final Duration RETRY_CAP = Duration.ofSeconds(30);
  private static final Duration LINK_UP_SPREAD = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(PodIdentity.class);

  private final Pod pod;
  private final IdentityContext context;
  private final IssuanceQueue queue;
  private final LeafListener listener;
  private final List<Runnable> subscribers = new CopyOnWriteArrayList<>();
  private final LeafHolding leaves = new LeafHolding();
  private final Backoff backoff;
  private final Replacement replacement;
  private final long publishedNanos;

  private volatile WorkloadSnapshot snapshot = WorkloadSnapshot.NOTHING_YET;
  private @Nullable PodToken token;
  private @Nullable PendingAsk pending;
  private AgentLoop.@Nullable Timer next;
  private AgentLoop.@Nullable Timer expiry;
  private @Nullable Refusal decided;
  private long decidedNanos;
  private boolean entitled;
  private boolean retrying;
  private boolean rootMissing;
  private boolean tokenMissing;
  private long renewalNanos;
  private Instant renewalTime = Instant.MAX;
  private boolean removed;
  private boolean ended;
  private boolean firstServed;
  private KeptIdentity kept = KeptIdentity.NOTHING;

  PodIdentity(
      Pod pod,
      @Nullable PodToken token,
      long publishedNanos,
      IdentityContext context,
      IssuanceQueue queue,
      LeafListener listener) {
    this.pod = pod;
    this.token = token;
    this.publishedNanos = publishedNanos;
    this.context = context;
    this.queue = queue;
    this.listener = listener;
    this.backoff = new Backoff(context.random(), RETRY_BASE, RETRY_CAP);
    this.replacement = new Replacement(context.random());
  }

  @Override
  public WorkloadSnapshot snapshot() {
    return snapshot;
  }

  @Override
  public Subscription subscribe(Runnable subscriber) {
    subscribers.add(subscriber);
    return () -> subscribers.remove(subscriber);
  }

  /** Asks for the first SVID. */
  void start() {
    listener.changed(pod.uid(), "");
    ask();
  }

  /** Goes on with what an earlier agent left. */
  void recover(KeptIdentity left) {
    // Its publish call was another process's: there is no time to tell.
    firstServed = true;
    Instant now = context.clock().instant();
    KeptIdentity usable = left.at(now);
    kept = usable;
    listener.recovered(pod.uid(), usable.svid().map(svid -> svid.svid().serial()).orElse(""));
    context.keeper().changed(pod.uid(), usable);
    entitled = usable.entitled();
    if (usable.svid().isPresent()) {
      offer(usable.svid().get(), false, now);
    } else {
      compose();
      ask();
    }
  }

  /** Kubelet brought a token; it may be the one it brought before. */
  void refresh(PodToken brought) {
    boolean changed = !Objects.equals(brought, token);
    token = brought;
    boolean recheckDue = context.loop().nanos() - decidedNanos >= REFUSAL_RECHECK.toNanos();
    if (changed && (decided != null || retrying || tokenMissing)) {
      backoff.reset();
      ask();
    } else if (decided != null && recheckDue) {
      decidedNanos = context.loop().nanos();
      ask();
    } else if (overslept()) {
      compose();
      ask();
    }
  }

  /** The node slept: timers stood still, and the wall clock did not (FAULTS.md F27). */
  private boolean overslept() {
    return decided == null
        && pending == null
        && !retrying
        && context.clock().instant().isAfter(renewalTime);
  }

  /** The CA says that the pod goes: no new SVID; the bundle flows on until the volume goes. */
  void remove() {
    removed = true;
    cancel(next);
    if (pending != null) {
      queue.withdraw(pending);
    }
    compose();
  }

  /**
   * The CA wants the leaves of these issuing authorities replaced now. What waits for something
   * else already, an answer, the end of a back-off, another token, goes on waiting for that: it
   * brings another leaf by itself.
   */
  void reissue(Set<String> issuers) {
    replacement.order(issuers);
    if (pending == null && !retrying && decided == null && !removed && !ended) {
      replaceIfOrdered();
    }
  }

  private void replaceIfOrdered() {
    X509Svid newest = leaves.newest();
    if (newest == null) {
      return;
    }
    if (replacement.isTakenBack(newest)) {
      askAfter(untilRenewal());
    } else {
      replacement
          .draw(newest)
          .ifPresent(wait -> {
            Duration renewal = untilRenewal();
            askAfter(wait.compareTo(renewal) < 0 ? wait : renewal);
          });
    }
  }

  private Duration untilRenewal() {
    return Duration.ofNanos(renewalNanos - context.loop().nanos());
  }

  /** A bundle came. It causes no issuance, unless it leaves the pod with nothing to serve. */
  void bundleChanged() {
    compose();
    if (serves()) {
      if (rootMissing) {
        renewAtItsPoint();
      }
    } else if (decided == null && pending == null && !retrying) {
      retryLater(Refusal.passing(Refusal.ROOT_UNKNOWN));
    }
  }

  /** The CA is back: what waited out an outage is tried soon, spread a little. */
  void linkUp() {
    if (decided == null && (retrying || overslept())) {
      compose();
      backoff.reset();
      askAfter(Duration.ofNanos(context.random().nextLong(LINK_UP_SPREAD.toNanos())));
      retrying = true;
    }
  }

  /** The last volume is gone: keys and token are forgotten. */
  void end() {
    ended = true;
    cancel(next);
    cancel(expiry);
    if (pending != null) {
      queue.withdraw(pending);
      pending = null;
    }
    leaves.clear();
    kept = KeptIdentity.NOTHING;
    snapshot = WorkloadSnapshot.NOTHING_YET;
    subscribers.clear();
    listener.ended(pod.uid());
    context.keeper().ended(pod.uid());
  }

  /** Serial of the leaf that is served; empty without one. */
  String serial() {
    return snapshot.svid() instanceof SvidStatus.Held(X509Svid svid) ? svid.serial() : "";
  }

  @Nullable Double remainingRatio() {
    return leaves.remainingRatio(context.clock().instant());
  }

  private boolean serves() {
    return snapshot.svid() instanceof SvidStatus.Held;
  }

  private void askAfter(Duration delay) {
    cancel(next);
    next = context.loop().after(delay, this::ask);
  }

  private void ask() {
    cancel(next);
    retrying = false;
    PodToken with = token;
    tokenMissing = with == null;
    if (ended || removed || pending != null || with == null) {
      return;
    }
    long start = context.loop().nanos();
    CertificateRequest csr = CertificateRequest.create();
    context.metrics().step(SvidMetrics.Step.KEY, since(start));
    X509Svid newest = leaves.newest();
    boolean replaces = newest != null && replacement.covers(newest);
    pending = new PendingAsk(csr, with, !serves(), replaces, context.loop().nanos());
    queue.submit(pending);
  }

  /**
   * Takes an SVID in.
   *
   * @param replaces whether it was asked for because the one before is to be replaced
   */
  private void accept(X509Svid svid, boolean replaces) {
    Instant now = context.clock().instant();
    decided = null;
    entitled = true;
    Duration toRenewal = RenewalPoint.draw(now, svid.notAfter(), context.random());
    boolean outdated = replaces && replacement.covers(svid);
    offer(new KeptSvid(svid, now, now.plus(toRenewal)), outdated, now);
  }

  private void offer(KeptSvid svid, boolean outdated, Instant now) {
    renewalTime = svid.renewal();
    renewalNanos = context.loop().nanos() + untilRenewal(svid, now).toNanos();
    leaves.offer(svid);
    compose();
    // Without a bundle yet, the session is about to bring it; with one that lacks the root, the
    // bundle is late, or the answer was no good: both heal by asking again.
    if (context.bundles().held() != null && leaves.waitsForBundle()) {
      rootMissing = true;
      postpone(Refusal.passing(Refusal.ROOT_UNKNOWN));
    } else if (outdated) {
      // A CA that orders leaves away and goes on to sign such is behind its own order: without a
      // growing pause it would be asked over and over.
      rootMissing = false;
      postpone(Refusal.passing(Refusal.ISSUER_OUTDATED));
    } else {
      renewAtItsPoint();
    }
  }

  private void postpone(Refusal why) {
    context.metrics().refused(why);
    retryLater(why);
  }

  /** Never longer than its life, wherever the clock stood when the point was drawn. */
  private static Duration untilRenewal(KeptSvid svid, Instant now) {
    Duration left = Duration.between(now, svid.svid().notAfter());
    Duration until = Duration.between(now, svid.renewal());
    return until.compareTo(left) < 0 ? until : left;
  }

  private void renewAtItsPoint() {
    rootMissing = false;
    retrying = false;
    tokenMissing = false;
    backoff.reset();
    askAfter(untilRenewal());
    replaceIfOrdered();
  }

  /** Takes a refusal of a request that carried this token. */
  private void refuse(Refusal refusal, PodToken asked) {
    context.metrics().refused(refusal);
    if (!refusal.retryable() && !Objects.equals(asked, token)) {
      ask();
    } else if (refusal.retryable() || asked.hasEnded(context.clock().instant())) {
      log.debug("No SVID for pod {} yet: {}", pod, refusal.reason());
      retryLater(refusal);
    } else {
      log.warn(
          "An SVID for pod {} ({}) was refused: {}{}",
          pod,
          pod.uid(),
          refusal.reason(),
          refusal.hint());
      decided = refusal;
      decidedNanos = context.loop().nanos();
      compose();
    }
  }

  private void retryLater(Refusal refusal) {
    askAfter(backoff.next(refusal.retryAfter()));
    retrying = true;
  }

  /** Puts together what workloads see now, and tells them where it is something else. */
  private void compose() {
    if (ended) {
      return;
    }
    HeldBundle bundle = context.bundles().held();
    Instant now = context.clock().instant();
    X509Svid svid = leaves.serve(bundle, now);
    SvidStatus status;
    if (svid != null) {
      status = new SvidStatus.Held(svid);
    } else if (decided != null) {
      status = new SvidStatus.Refused(decided.reason());
    } else if (removed) {
      status = new SvidStatus.Refused("POD_ENDING");
    } else {
      status = new SvidStatus.Waiting();
    }
    // First: the time in which a crash costs a signature begins with what is shown.
    keep(now);
    show(new WorkloadSnapshot(status, entitled ? bundle : null), now);
  }

  private void keep(Instant now) {
    var newer = new KeptIdentity(entitled, Optional.ofNullable(leaves.worthKeeping(now)));
    if (!newer.equals(kept)) {
      kept = newer;
      context.keeper().changed(pod.uid(), newer);
    }
  }

  private void show(WorkloadSnapshot newer, Instant now) {
    WorkloadSnapshot older = snapshot;
    if (newer.equals(older)) {
      return;
    }
    String oldSerial = serial();
    snapshot = newer;
    if (newer.svid() instanceof SvidStatus.Held(X509Svid svid)) {
      watchEnd(svid, now);
      served(svid);
    }
    subscribers.forEach(Runnable::run);
    if (!serial().equals(oldSerial)) {
      listener.changed(pod.uid(), serial());
    }
  }

  private void watchEnd(X509Svid svid, Instant now) {
    cancel(expiry);
    Duration left = Duration.between(now, svid.notAfter());
    expiry = context.loop().after(left.isPositive() ? left : Duration.ofMillis(10), this::atEnd);
  }

  /** The timer counts on the monotonic clock, the end is a wall time: look, and wait again. */
  private void atEnd() {
    compose();
    if (snapshot.svid() instanceof SvidStatus.Held(X509Svid svid)) {
      watchEnd(svid, context.clock().instant());
    }
  }

  private void served(X509Svid svid) {
    if (firstServed) {
      return;
    }
    firstServed = true;
    Duration time = since(publishedNanos);
    context.metrics().firstSvid(time);
    log.info(
        "SVID ready {} ms after NodePublishVolume: pod {} ({}), id {}, serial {}",
        Math.round(time.toNanos() / 100_000.0) / 10.0,
        pod,
        pod.uid(),
        svid.id(),
        svid.serial());
  }

  private Duration since(long nanos) {
    return Duration.ofNanos(context.loop().nanos() - nanos);
  }

  private static void cancel(AgentLoop.@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** One request of this pod, from the queue to the answer. */
  private final class PendingAsk implements IssuanceQueue.Ask {
    private final CertificateRequest csr;
    private final boolean urgent;
    private final boolean replaces;
    private final long askedNanos;
    private PodToken asked;

    PendingAsk(
        CertificateRequest csr, PodToken asked, boolean urgent, boolean replaces, long askedNanos) {
      this.csr = csr;
      this.asked = asked;
      this.urgent = urgent;
      this.replaces = replaces;
      this.askedNanos = askedNanos;
    }

    @Override
    public SvidRequest request() {
      asked = Objects.requireNonNullElse(token, asked);
      return new SvidRequest(asked, csr);
    }

    @Override
    public boolean urgent() {
      return urgent;
    }

    @Override
    public void granted(List<X509Certificate> chain) {
      if (!answered()) {
        return;
      }
      long start = context.loop().nanos();
      context.metrics().step(SvidMetrics.Step.CA, since(askedNanos));
      X509Svid svid;
      try {
        svid = csr.answered(chain);
        checkAnswer(svid);
      } catch (SpiffeException | IllegalArgumentException e) {
        log.error("The CA's answer for pod {} is no SVID for it: {}", pod, e.getMessage());
        refuse(Refusal.passing(Refusal.ANSWER_INVALID), asked);
        return;
      }
      accept(svid, replaces);
      context.metrics().step(SvidMetrics.Step.VERIFY, since(start));
      context.metrics().granted(since(askedNanos));
    }

    @Override
    public void refused(Refusal refusal) {
      if (answered()) {
        refuse(refusal, asked);
      }
    }

    /** Whether this answer counts still: the pod may have gone meanwhile. */
    private boolean answered() {
      if (!Objects.equals(pending, this)) {
        return false;
      }
      pending = null;
      return !ended && !removed;
    }

    private void checkAnswer(X509Svid svid) {
      if (!svid.id().trustDomain().equals(context.trustDomain())) {
        throw new IllegalArgumentException("an ID of trust domain " + svid.id().trustDomain());
      }
      if (svid.id().segments().getFirst().equals("signet")) {
        throw new IllegalArgumentException("the reserved ID " + svid.id());
      }
      if (!svid.notAfter().isAfter(context.clock().instant())) {
        throw new IllegalArgumentException("it ended at " + svid.notAfter());
      }
    }
  }
}
