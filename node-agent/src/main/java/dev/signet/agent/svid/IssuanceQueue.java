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
    /** What to send; asked at the moment of sending, so that it carries the newest token. */
    SvidRequest request();

    /** Whether the pod is without an SVID. */
    boolean urgent();

    void granted(List<X509Certificate> chain);

    void refused(Refusal refusal);
  }

  private final AgentLoop loop;
  private final SvidAuthority authority;
  private final Deque<Ask> urgent = new ArrayDeque<>();
  private final Deque<Ask> renewals = new ArrayDeque<>();
  private int calls;
  private int silentCalls;
  private boolean stallTimer;

  IssuanceQueue(AgentLoop loop, SvidAuthority authority) {
    this.loop = loop;
    this.authority = authority;
  }

  void submit(Ask ask) {
    (ask.urgent() ? urgent : renewals).add(ask);
    pump();
  }

  /** Drops a request that was not sent yet; one that was is answered still. */
  void withdraw(Ask ask) {
    urgent.remove(ask);
    renewals.remove(ask);
  }

  int depth() {
    return urgent.size() + renewals.size();
  }

  /** Sends what may be sent; called again whenever the authority becomes ready. */
  void pump() {
    if (depth() == 0 || calls >= MAX_CALLS || !authority.ready()) {
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
    var batch = new ArrayList<Ask>();
    while (batch.size() < MAX_BATCH && depth() > 0) {
      batch.add(urgent.isEmpty() ? renewals.remove() : urgent.remove());
    }
    calls++;
    silentCalls++;
    authority.issue(batch.stream().map(Ask::request).toList(), new Call(batch));
    pump();
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
