package dev.signet.agent.bundle;

import dev.signet.agent.bundle.ConsumerLedger.Consumer;
import dev.signet.agent.bundle.ConsumerLedger.Shown;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What one pod's consumers hold, and what was ever handed to it. Guarded by its ledger. */
final class PodConsumers {
  /** Clients acknowledge a leaf soon after it was sent: older ones are never asked for. */
  private static final int REMEMBERED_LEAVES = 64;

  private final Set<Consumer> open = new HashSet<>();
  private final Map<String, HandedLeaf> leaves =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, HandedLeaf> eldest) {
          return size() > REMEMBERED_LEAVES;
        }
      };
  private long nextOrder;
  private boolean published;
  private boolean handed;
  private long lastRevision;
  private HandedLeaf lastLeaf = HandedLeaf.NONE;

  void published(boolean now) {
    published = now;
  }

  /** Whether nothing of it is to be remembered. */
  boolean isGone() {
    return !published && open.isEmpty();
  }

  Set<Consumer> open() {
    return open;
  }

  /** What an agent before this one left: taken for handed out. */
  void recovered(long revision, String serial) {
    handed = true;
    lastRevision = revision;
    lastLeaf = leaf(serial);
  }

  /** A leaf is about to leave; whether it is the first. */
  boolean handing(long revision, HandedLeaf leaf) {
    boolean first = !handed;
    handed = true;
    if (lastLeaf.equals(HandedLeaf.NONE)) {
      lastRevision = revision;
      lastLeaf = leaf;
    }
    return first;
  }

  void sent(long revision, HandedLeaf leaf) {
    if (!leaf.equals(HandedLeaf.NONE)) {
      lastRevision = revision;
      lastLeaf = leaf;
    }
  }

  /** The leaf of this serial, which is entered where it is new. */
  HandedLeaf leaf(String serial) {
    return serial.isEmpty()
        ? HandedLeaf.NONE
        : leaves.computeIfAbsent(serial, fresh -> new HandedLeaf(fresh, nextOrder++));
  }

  /** The leaf that a consumer names. */
  HandedLeaf named(String serial) {
    return serial.isEmpty() ? HandedLeaf.NONE : leaves.getOrDefault(serial, HandedLeaf.UNKNOWN);
  }

  void forgetRevisions() {
    open.forEach(Consumer::forgetRevision);
    lastRevision = 0;
  }

  /** All classes that have any, given what would be handed out now. */
  List<Shown> shown(long heldRevision, String heldSerial) {
    var all = new ArrayList<Shown>();
    addOpen(all, Evidence.ACKNOWLEDGED);
    addOpen(all, Evidence.SENT);
    if (!handed) {
      all.add(new Shown(Evidence.HELD, 1, heldRevision, heldSerial));
    } else if (open.stream().allMatch(consumer -> consumer.leaf().equals(HandedLeaf.NONE))) {
      all.add(new Shown(Evidence.UNSEEN, 1, lastRevision, lastLeaf.serial()));
    }
    return List.copyOf(all);
  }

  private void addOpen(List<Shown> all, Evidence evidence) {
    int count = 0;
    long lowest = Long.MAX_VALUE;
    HandedLeaf oldest = HandedLeaf.NONE;
    for (Consumer consumer : open) {
      if (consumer.evidence() == evidence) {
        count++;
        lowest = Math.min(lowest, consumer.revision());
        oldest = HandedLeaf.older(oldest, consumer.leaf());
      }
    }
    if (count > 0) {
      all.add(new Shown(evidence, count, lowest, oldest.serial()));
    }
  }
}
