package dev.signet.agent.bundle;

import dev.signet.agent.pod.PodUid;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Who on this node consumes bundle and leaves, and what each one holds by which evidence. A
 * consumer is one connection with an open Workload API stream; it is of class SENT until it
 * acknowledges for the first time, and ACKNOWLEDGED from then on.
 *
 * <p>Of a pod it is remembered, from its first volume to its last, whether a leaf was ever handed
 * out: until then it is HELD; where it was and no open stream was sent one, it is UNSEEN.
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

  /**
   * A pod's consumers of one class.
   *
   * @param revision the lowest that one of them holds; 0 for none
   * @param serial of the oldest leaf that one of them shows; empty for none, {@link
   *     HandedLeaf#UNKNOWN}'s where one shows none of ours
   */
  public record Shown(Evidence evidence, int consumers, long revision, String serial) {}

  private final Map<PodUid, PodConsumers> pods = new HashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Runs the action after each change. */
  public void onChange(Runnable action) {
    listeners.add(action);
  }

  /** A pod has a volume: what is handed to it is remembered until {@link #ended}. */
  public synchronized void published(PodUid pod) {
    of(pod).published(true);
  }

  /** Likewise, of a volume that an agent before this one published and may have served. */
  public synchronized void recovered(PodUid pod, long revision, String serial) {
    PodConsumers consumers = of(pod);
    consumers.published(true);
    consumers.recovered(revision, serial);
  }

  /** A pod's last volume is gone. */
  public synchronized void ended(PodUid pod) {
    PodConsumers consumers = pods.get(pod);
    if (consumers != null) {
      consumers.published(false);
      dropIfGone(pod, consumers);
    }
  }

  /** Enters a consumer of a pod, which holds nothing yet. */
  public Consumer open(PodUid pod) {
    Consumer consumer;
    synchronized (this) {
      PodConsumers consumers = of(pod);
      consumer = new Consumer(pod, consumers);
      consumers.open().add(consumer);
    }
    changed();
    return consumer;
  }

  private PodConsumers of(PodUid pod) {
    return pods.computeIfAbsent(pod, _ -> new PodConsumers());
  }

  private void dropIfGone(PodUid pod, PodConsumers consumers) {
    if (consumers.isGone()) {
      pods.remove(pod, consumers);
    }
  }

  /** What consumers hold of a revision. */
  public Summary summary(long revision) {
    Map<Evidence, int[]> counted = new EnumMap<>(Evidence.class);
    var laggards = new TreeSet<PodUid>((a, b) -> a.value().compareTo(b.value()));
    synchronized (this) {
      pods.values().stream()
          .flatMap(consumers -> consumers.open().stream())
          .forEach(consumer -> {
            int[] count = counted.computeIfAbsent(consumer.evidence, _ -> new int[2]);
            count[1]++;
            if (consumer.revision == revision) {
              count[0]++;
            } else {
              laggards.add(consumer.pod);
            }
          });
    }
    var counts = new ArrayList<Count>();
    counted.forEach((evidence, count) -> counts.add(new Count(evidence, count[0], count[1])));
    return new Summary(counts, laggards.stream().limit(MAX_LAGGARDS).toList());
  }

  /**
   * A pod's consumers, by class.
   *
   * @param heldRevision what would be handed to it now, with {@code heldSerial}
   */
  public synchronized List<Shown> shown(PodUid pod, long heldRevision, String heldSerial) {
    PodConsumers consumers = pods.get(pod);
    return consumers == null ? List.of() : consumers.shown(heldRevision, heldSerial);
  }

  /** Nobody holds any revision that was counted before: their numbers mean other sets now. */
  public void forget() {
    synchronized (this) {
      pods.values().forEach(PodConsumers::forgetRevisions);
    }
    changed();
  }

  /** Pods of which anything is remembered. */
  synchronized int size() {
    return pods.size();
  }

  private void changed() {
    listeners.forEach(Runnable::run);
  }

  /** One consumer; whoever opened it closes it. Thread-safe. */
  public final class Consumer {
    private final PodUid pod;
    private final PodConsumers siblings;
    private Evidence evidence = Evidence.SENT;
    private long revision;
    private HandedLeaf sentLeaf = HandedLeaf.NONE;
    private HandedLeaf acknowledgedLeaf = HandedLeaf.NONE;

    private Consumer(PodUid pod, PodConsumers siblings) {
      this.pod = pod;
      this.siblings = siblings;
    }

    /**
     * To be called before a message is written to one of its streams: from then on the client may
     * name the leaf.
     *
     * @param serial empty for a message without a leaf
     */
    public HandedLeaf handing(long handedRevision, String serial) {
      HandedLeaf leaf;
      boolean first;
      synchronized (ConsumerLedger.this) {
        leaf = siblings.leaf(serial);
        first = !serial.isEmpty() && siblings.handing(handedRevision, leaf);
      }
      if (first) {
        changed();
      }
      return leaf;
    }

    /** Revision and leaf were written to its stream and left this process. */
    public void sent(long sentRevision, HandedLeaf leaf) {
      update(() -> {
        sentLeaf = leaf;
        siblings.sent(sentRevision, leaf);
        // A consumer that can acknowledge is believed no earlier than its acknowledgement.
        if (evidence == Evidence.SENT) {
          revision = sentRevision;
        }
      });
    }

    /**
     * It said that it uses this.
     *
     * @param loadedRevision 0 for a set that is none of ours
     * @param serial of the leaf that it presents; empty where it said none
     */
    public void acknowledged(long loadedRevision, String serial) {
      update(() -> {
        evidence = Evidence.ACKNOWLEDGED;
        revision = loadedRevision;
        acknowledgedLeaf = siblings.named(serial);
      });
    }

    /** It is gone. */
    public void close() {
      boolean wasOpen;
      synchronized (ConsumerLedger.this) {
        wasOpen = siblings.open().remove(this);
        dropIfGone(pod, siblings);
      }
      if (wasOpen) {
        changed();
      }
    }

    Evidence evidence() {
      return evidence;
    }

    long revision() {
      return revision;
    }

    /** The leaf that it is believed to show. */
    HandedLeaf leaf() {
      if (evidence == Evidence.SENT) {
        return sentLeaf;
      }
      boolean saysNone = acknowledgedLeaf.equals(HandedLeaf.NONE);
      return saysNone && !sentLeaf.equals(HandedLeaf.NONE) ? HandedLeaf.UNKNOWN : acknowledgedLeaf;
    }

    void forgetRevision() {
      revision = 0;
    }

    private void update(Runnable change) {
      boolean same;
      synchronized (ConsumerLedger.this) {
        Evidence evidenceBefore = evidence;
        long revisionBefore = revision;
        HandedLeaf leafBefore = leaf();
        change.run();
        same =
            evidence == evidenceBefore && revision == revisionBefore && leaf().equals(leafBefore);
      }
      if (!same) {
        changed();
      }
    }
  }
}
