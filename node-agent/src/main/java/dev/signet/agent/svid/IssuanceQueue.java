package dev.signet.agent.svid;

import dev.signet.agent.loop.AgentLoop;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Batches by load: what comes while nothing is in flight is sent at once; what comes while a call
 * is in flight is gathered and sent when an answer shows that the CA is moving. Only a call that
 * shows nothing for {@link #STALL} lets the next one go beside it, so that one slow review never
 * holds other pods. Pods without an SVID go before renewals. Confined to the loop.
 */
final class IssuanceQueue {
  /** The wire's limit (agent.proto, IssueX509Svids). */
  static final int MAX_BATCH = 256;

  static final int MAX_CALLS = 8;
  static final Duration STALL = Duration.ofMillis(100);

  /** One request on its way, and who waits for the answer. */
  interface Ask {
    /**
     * What to send, with the newest token; asked at the moment of sending, or where tokens are
     * reviewed, when that begins.
     */
    SvidRequest request();

    /** Whether the pod is without an SVID. */
    boolean urgent();

    void granted(List<X509Certificate> chain);

    void refused(Refusal refusal);
  }

  /** A review is sent on within this, or done again: the API server's own answers live as long. */
  static final Duration REVIEW_FRESH = Duration.ofSeconds(10);

  private final AgentLoop loop;
  private final SvidAuthority authority;
  private final TokenReviewer reviewer;
  private final ReviewStage reviews;
  private final Deque<Waiting> urgent = new ArrayDeque<>();
  private final Deque<Waiting> renewals = new ArrayDeque<>();
  private int calls;
  private int silentCalls;
  private boolean stallTimer;

  IssuanceQueue(
      AgentLoop loop, SvidAuthority authority, TokenReviewer reviewer, SvidMetrics metrics) {
    this.loop = loop;
    this.authority = authority;
    this.reviewer = reviewer;
    this.reviews = new ReviewStage(loop, reviewer, metrics, new Reviewed());
  }

  /**
   * A request that may be sent.
   *
   * @param request with its review; empty where none is needed, and the newest token is taken when
   *     it is sent
   */
  private record Waiting(Ask ask, Optional<SvidRequest> request, long sinceNanos) {}

  private final class Reviewed implements ReviewStage.Next {
    @Override
    public boolean ready() {
      return authority.ready();
    }

    @Override
    public void reviewed(Ask ask, SvidRequest request) {
      add(new Waiting(ask, Optional.of(request), loop.nanos()));
    }
  }

  void submit(Ask ask) {
    if (reviewer.required()) {
      reviews.submit(ask);
    } else {
      add(new Waiting(ask, Optional.empty(), loop.nanos()));
    }
  }

  private void add(Waiting waiting) {
    (waiting.ask().urgent() ? urgent : renewals).add(waiting);
    pump();
  }

  /** Drops a request that was not sent yet; one that was is answered still. */
  void withdraw(Ask ask) {
    reviews.withdraw(ask);
    urgent.removeIf(waiting -> waiting.ask().equals(ask));
    renewals.removeIf(waiting -> waiting.ask().equals(ask));
  }

  int depth() {
    return reviews.depth() + sendable();
  }

  private int sendable() {
    return urgent.size() + renewals.size();
  }

  /** Sends what may be sent; called again whenever the authority becomes ready. */
  void pump() {
    reviews.pump();
    if (sendable() == 0 || calls >= MAX_CALLS || !authority.ready()) {
      return;
    }
    if (silentCalls == 0) {
      send();
    } else if (!stallTimer) {
      stallTimer = true;
      loop.after(
          STALL,
          () -> {
            stallTimer = false;
            silentCalls = 0;
            pump();
          });
    }
  }

  private void send() {
    var batch = new ArrayList<Waiting>();
    var outdated = new ArrayList<Ask>();
    while (batch.size() < MAX_BATCH && sendable() > 0) {
      Waiting first = urgent.isEmpty() ? renewals.remove() : urgent.remove();
      if (outdated(first)) {
        outdated.add(first.ask());
      } else {
        batch.add(first);
      }
    }
    if (!batch.isEmpty()) {
      calls++;
      silentCalls++;
      authority.issue(
          batch.stream().map(w -> w.request().orElseGet(w.ask()::request)).toList(),
          new Call(batch.stream().map(Waiting::ask).toList()));
    }
    outdated.forEach(reviews::submit);
    pump();
  }

  /** While the CA was away, the pod may have gone. */
  private boolean outdated(Waiting waiting) {
    return waiting.request().isPresent()
        && loop.nanos() - waiting.sinceNanos() > REVIEW_FRESH.toNanos();
  }

  /** The answers of one call. */
  private final class Call implements SvidAuthority.Answers {
    private final Map<Integer, Ask> open = new HashMap<>();
    private boolean silent = true;

    Call(List<Ask> batch) {
      for (int i = 0; i < batch.size(); i++) {
        open.put(i, batch.get(i));
      }
    }

    @Override
    public void granted(int index, List<X509Certificate> chain) {
      Ask ask = open.remove(index);
      if (ask != null) {
        ask.granted(chain);
      }
      moved();
    }

    @Override
    public void refused(int index, Refusal refusal) {
      Ask ask = open.remove(index);
      if (ask != null) {
        ask.refused(refusal);
      }
      moved();
    }

    @Override
    public void ended(Refusal failure) {
      calls--;
      List<Ask> unanswered = List.copyOf(open.values());
      open.clear();
      unanswered.forEach(ask -> ask.refused(failure));
      moved();
    }

    private void moved() {
      if (silent) {
        silent = false;
        silentCalls = Math.max(0, silentCalls - 1);
      }
      pump();
    }
  }
}
