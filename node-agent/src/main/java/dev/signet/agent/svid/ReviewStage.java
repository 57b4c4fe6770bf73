package dev.signet.agent.svid;

import dev.signet.agent.loop.AgentLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * Where requests wait for the review of their token, so many under way at a time, pods without an
 * SVID first. None is asked about before it could be sent on: an answer is good for a moment only.
 * Confined to the loop.
 */
final class ReviewStage {
  static final int MAX_UNDER_WAY = 16;

  /** Where reviewed requests go. */
  interface Next {
    /** Whether they could be sent now. */
    boolean ready();

    void reviewed(IssuanceQueue.Ask ask, SvidRequest request);
  }

  private final AgentLoop loop;
  private final TokenReviewer reviewer;
  private final SvidMetrics metrics;
  private final Next next;
  private final Deque<IssuanceQueue.Ask> urgent = new ArrayDeque<>();
  private final Deque<IssuanceQueue.Ask> renewals = new ArrayDeque<>();
  private final Set<IssuanceQueue.Ask> wanted = new HashSet<>();
  private int underWay;

  ReviewStage(AgentLoop loop, TokenReviewer reviewer, SvidMetrics metrics, Next next) {
    this.loop = loop;
    this.reviewer = reviewer;
    this.metrics = metrics;
    this.next = next;
  }

  void submit(IssuanceQueue.Ask ask) {
    (ask.urgent() ? urgent : renewals).add(ask);
    pump();
  }

  /** Drops a request, also while its token is under review. */
  void withdraw(IssuanceQueue.Ask ask) {
    urgent.remove(ask);
    renewals.remove(ask);
    wanted.remove(ask);
  }

  int depth() {
    return urgent.size() + renewals.size() + wanted.size();
  }

  /** Begins what may begin; called again whenever the next stage becomes ready. */
  void pump() {
    while (underWay < MAX_UNDER_WAY && next.ready() && !(urgent.isEmpty() && renewals.isEmpty())) {
      begin(urgent.isEmpty() ? renewals.remove() : urgent.remove());
    }
  }

  private void begin(IssuanceQueue.Ask ask) {
    underWay++;
    wanted.add(ask);
    SvidRequest request = ask.request();
    reviewer.review(request.token(), new Answer(ask, request, loop.nanos()));
  }

  private final class Answer implements TokenReviewer.Answer {
    private final IssuanceQueue.Ask ask;
    private final SvidRequest request;
    private final long begunNanos;

    Answer(IssuanceQueue.Ask ask, SvidRequest request, long begunNanos) {
      this.ask = ask;
      this.request = request;
      this.begunNanos = begunNanos;
    }

    @Override
    public void accepted(AcceptedReview review) {
      if (ended(SvidMetrics.Review.ACCEPTED)) {
        next.reviewed(ask, request.with(review));
      }
      pump();
    }

    @Override
    public void refused(Refusal refusal) {
      if (ended(refusal.retryable() ? SvidMetrics.Review.UNKNOWN : SvidMetrics.Review.REFUSED)) {
        ask.refused(refusal);
      }
      pump();
    }

    /** Whether the answer is wanted still. */
    private boolean ended(SvidMetrics.Review result) {
      underWay--;
      metrics.reviewed(result, Duration.ofNanos(loop.nanos() - begunNanos));
      return wanted.remove(ask);
    }
  }
}
