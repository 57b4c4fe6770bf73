package dev.signet.agent.upstream;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.Backoff;
import dev.signet.agent.svid.Refusal;
import dev.signet.spiffe.X509Bundle;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one session open on the newest connection: takes bundles and removals from it, reports what
 * changed on the node, and says that the agent lives when there is nothing to report. Confined to
 * the loop.
 */
final class SessionKeeper {
  static final Duration HEARTBEAT = Duration.ofSeconds(20);

  /** Changes that come together go in one report. */
  static final Duration GATHER = Duration.ofMillis(20);

  /**
   * A session that lived so long ends a row of failures. One that is ended as soon as it is up does
   * not: it would be opened again and again without a pause, each time with the whole state.
   */
  static final Duration SETTLED = Duration.ofSeconds(10);

  /** The CA sends a bundle first, at once. */
  static final Duration FIRST_BUNDLE = Duration.ofSeconds(15);

  private static final Duration RETRY_BASE = Duration.ofMillis(250);
  private static final Duration RETRY_CAP = Duration.ofSeconds(10);
  private static final Logger log = LoggerFactory.getLogger(SessionKeeper.class);

  /** What the session moves elsewhere in the agent. */
  interface Effects {
    void bundleChanged();

    void removed(PodUid pod);

    /** Leaves of these issuing authorities are to be replaced now. */
    void reissue(Set<String> issuers);

    /** The session is up: its first bundle came, and there is one to hand out. */
    void up();

    /** The session has been up for {@link #SETTLED}. */
    void settled();

    /** The session ended; the CA's reason decides whether the agent's own SVID is in question. */
    void down(Refusal cause);
  }

  private final LinkContext context;
  private final BundleHolder bundles;
  private final ReportBook book;
  private final Effects effects;
  private final Backoff backoff;
  private @Nullable CaConnection connection;
  private @Nullable Open open;
  private AgentLoop.@Nullable Timer reopening;
  private AgentLoop.@Nullable Timer heartbeat;
  private AgentLoop.@Nullable Timer probation;
  private boolean gathering;
  private boolean unsaid;
  private boolean banned;

  SessionKeeper(LinkContext context, BundleHolder bundles, ReportBook book, Effects effects) {
    this.context = context;
    this.bundles = bundles;
    this.book = book;
    this.effects = effects;
    this.backoff = new Backoff(context.random(), RETRY_BASE, RETRY_CAP);
  }

  /** Moves the session to another connection: the new one opens before the old one ends. */
  void use(CaConnection newer) {
    Open older = open;
    connection = newer;
    openNow();
    if (older != null) {
      older.session.close();
    }
  }

  /**
   * Something on the node changed; it is reported with what else changes in a moment, and while the
   * report before is on its way.
   */
  void changed() {
    if (gathering || open == null) {
      return;
    }
    gathering = true;
    context
        .loop()
        .after(
            GATHER,
            () -> {
              gathering = false;
              unsaid = true;
              report();
            });
  }

  private void report() {
    if (unsaid && open != null && open.session.ready()) {
      unsaid = false;
      open.session.report(book.changes());
      beatLater();
    }
  }

  void close() {
    connection = null;
    cancel(reopening);
    cancel(heartbeat);
    cancel(probation);
    if (open != null) {
      open.session.close();
      open = null;
    }
  }

  private void openNow() {
    cancel(reopening);
    cancel(probation);
    CaConnection on = connection;
    if (on == null) {
      return;
    }
    var events = new Open();
    open = events;
    unsaid = false;
    probation = context.loop().after(FIRST_BUNDLE, events::silent);
    events.session = on.open(book.whole(), events);
    beatLater();
  }

  private void settled() {
    backoff.reset();
    effects.settled();
  }

  private void beatLater() {
    cancel(heartbeat);
    heartbeat =
        context
            .loop()
            .after(
                HEARTBEAT,
                () -> {
                  if (open != null) {
                    open.session.heartbeat();
                    beatLater();
                  }
                });
  }

  private void problem(String code, String detail) {
    log.error("{}: {}", code, detail);
    if (open != null) {
      open.session.problem(new SessionProblem(code, detail));
    }
  }

  private static void cancel(AgentLoop.@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }

  /** One session; what comes from one that was replaced is dropped. */
  private final class Open implements SessionEvents {
    private CaSession session = NOT_YET;
    private boolean up;

    @Override
    public void bundle(long revision, X509Bundle bundle) {
      if (open != this) {
        return;
      }
      BundleHolder.Outcome outcome = bundles.offer(revision, bundle);
      switch (outcome) {
        case ACCEPTED -> {
          log.info("Bundle revision {} with {} authorities", revision, bundle.authorities().size());
          effects.bundleChanged();
          changed();
        }
        case UNCHANGED -> {}
        case OLDER ->
            refuse(outcome, "BUNDLE_OLDER", "revision " + revision + " is lower than the one held");
        case CONFLICTING ->
            refuse(
                outcome,
                "BUNDLE_CONFLICTING",
                "revision " + revision + " came with other authorities than before");
        case UNUSABLE ->
            refuse(outcome, "BUNDLE_UNUSABLE", "a bundle without authorities or revision");
      }
      if (!up && bundles.held() != null) {
        up = true;
        cancel(probation);
        probation = context.loop().after(SETTLED, SessionKeeper.this::settled);
        banned = false;
        context.state().sessionOpen();
        effects.up();
      }
    }

    private void silent() {
      session.abandon();
      ended(Refusal.passing(Refusal.CA_UNREACHABLE));
    }

    private void refuse(BundleHolder.Outcome outcome, String code, String detail) {
      context.metrics().bundleRefused(outcome);
      problem(code, detail + "; revision " + bundles.revision() + " is kept");
    }

    @Override
    public void unreadableBundle(String message) {
      if (open == this) {
        refuse(BundleHolder.Outcome.UNUSABLE, "BUNDLE_UNUSABLE", message);
      }
    }

    @Override
    public void removal(PodUid pod, String cause) {
      if (open == this) {
        log.info("The CA ends pod {}: {}; no new SVID for it", pod, cause);
        effects.removed(pod);
      }
    }

    @Override
    public void reissue(Set<String> issuers) {
      if (open == this) {
        log.info("The CA orders the leaves of {} issuing authorities replaced", issuers.size());
        effects.reissue(issuers);
      }
    }

    @Override
    public void ready() {
      if (open == this) {
        report();
      }
    }

    @Override
    public void ended(Refusal cause) {
      if (open != this) {
        return;
      }
      open = null;
      cancel(heartbeat);
      cancel(probation);
      context.metrics().sessionEnded(cause);
      context.state().sessionClosed(cause.reason() + cause.hint());
      if (!cause.isBan() || !banned) {
        log.warn("The session with the CA ended: {}{}", cause.reason(), cause.hint());
      }
      banned = cause.isBan();
      Duration pause =
          banned ? backoff.slowest(cause.retryAfter()) : backoff.next(cause.retryAfter());
      reopening = context.loop().after(pause, SessionKeeper.this::openNow);
      effects.down(cause);
    }
  }

  /** Until the connection has given the session: events may come before it returns. */
  private static final CaSession NOT_YET =
      new CaSession() {
        @Override
        public boolean ready() {
          return false;
        }

        @Override
        public void report(SessionReport changes) {}

        @Override
        public void heartbeat() {}

        @Override
        public void problem(SessionProblem problem) {}

        @Override
        public void close() {}

        @Override
        public void abandon() {}
      };
}
