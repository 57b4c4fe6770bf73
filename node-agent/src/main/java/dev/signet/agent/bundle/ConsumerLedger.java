package dev.signet.agent.bundle;

import dev.signet.agent.pod.PodUid;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who on this node consumes the bundle, and which revision each one holds by which evidence. A
 * consumer is one connection with an open Workload API stream; it is of class SENT until it
 * acknowledges for the first time, and ACKNOWLEDGED from then on.
 *
 * <p>Thread-safe. Listeners are told without the ledger's lock, on the thread that changed it.
 */
public final class ConsumerLedger {
  /** Pods named in a report at most (agent.proto, Acknowledgement.laggard_pods). */
  public static final int MAX_LAGGARDS = 1_000;

  /** Consumers of one class. */
  public record Count(Evidence evidence, int holding, int total) {}

  /** The ledger against one revision: classes that have any consumer, and the pods that lag. */
  public record Summary(List<Count> counts, List<PodUid> laggards) {
    public Summary {
      counts = List.copyOf(counts);
      laggards = List.copyOf(laggards);
    }
  }

  private final Set<Consumer> consumers = new HashSet<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Runs the action after each change. */
  public void onChange(Runnable action) {
    listeners.add(action);
  }

  /** Enters a consumer of a pod, which holds nothing yet. */
  public Consumer open(PodUid pod) {
    var consumer = new Consumer(pod);
    synchronized (this) {
      consumers.add(consumer);
    }
    changed();
    return consumer;
  }

  /** What consumers hold of a revision. */
  public Summary summary(long revision) {
    Map<Evidence, int[]> counted = new EnumMap<>(Evidence.class);
    var laggards = new TreeSet<PodUid>((a, b) -> a.value().compareTo(b.value()));
    synchronized (this) {
      for (Consumer consumer : consumers) {
        int[] count = counted.computeIfAbsent(consumer.evidence, _ -> new int[2]);
        count[1]++;
        if (consumer.revision == revision) {
          count[0]++;
        } else {
          laggards.add(consumer.pod);
        }
      }
    }
    var counts = new ArrayList<Count>();
    counted.forEach((evidence, count) -> counts.add(new Count(evidence, count[0], count[1])));
    return new Summary(counts, laggards.stream().limit(MAX_LAGGARDS).toList());
  }

  /** Nobody holds any revision that was counted before: their numbers mean other sets now. */
  public void forget() {
    synchronized (this) {
      consumers.forEach(consumer -> consumer.revision = 0);
    }
    changed();
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }

  /** One consumer; whoever opened it closes it. Thread-safe. */
  public final class Consumer {
    private final PodUid pod;
    private Evidence evidence = Evidence.SENT;
    private long revision;

    private Consumer(PodUid pod) {
      this.pod = pod;
    }

    /** A revision was written to its stream and left this process. */
    public void sent(long sentRevision) {
      update(Evidence.SENT, sentRevision);
    }

    /** It said that it uses this revision; 0 for a set that is none of ours. */
    public void acknowledged(long loadedRevision) {
      update(Evidence.ACKNOWLEDGED, loadedRevision);
    }

    /** It is gone. */
    public void close() {
      boolean wasOpen;
      synchronized (ConsumerLedger.this) {
        wasOpen = consumers.remove(this);
      }
      if (wasOpen) {
        changed();
      }
    }

    private void update(Evidence shown, long newRevision) {
      boolean same;
      synchronized (ConsumerLedger.this) {
        // A consumer that can acknowledge is believed no earlier than its acknowledgement.
        if (shown == Evidence.SENT && evidence == Evidence.ACKNOWLEDGED) {
          return;
        }
        same = evidence == shown && revision == newRevision;
        evidence = shown;
        revision = newRevision;
      }
      if (!same) {
        changed();
      }
    }
  }
}
