package dev.signet.agent.upstream;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.LeafListener;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has to be told to the CA: the whole once per session, then what changed. Confined to the
 * loop.
 */
final class ReportBook implements LeafListener {
  private final BundleHolder bundles;
  private final ConsumerLedger ledger;
  private final Runnable onChange;
  private final Map<PodUid, String> leaves = new HashMap<>();
  private final Map<PodUid, PodReport> told = new HashMap<>();
  private final Set<PodUid> ended = new HashSet<>();

  ReportBook(BundleHolder bundles, ConsumerLedger ledger, Runnable onChange) {
    this.bundles = bundles;
    this.ledger = ledger;
    this.onChange = onChange;
  }

  @Override
  public void changed(PodUid pod, String serial) {
    ledger.published(pod);
    held(pod, serial);
  }

  @Override
  public void recovered(PodUid pod, String serial) {
    ledger.recovered(pod, bundles.revision(), serial);
    held(pod, "");
  }

  private void held(PodUid pod, String serial) {
    leaves.put(pod, serial);
    ended.remove(pod);
    onChange.run();
  }

  @Override
  public void ended(PodUid pod) {
    ledger.ended(pod);
    leaves.remove(pod);
    if (told.remove(pod) != null) {
      ended.add(pod);
      onChange.run();
    }
  }

  /** Everything, for a new session. */
  SessionReport whole() {
    told.clear();
    ended.clear();
    return changes();
  }

  /** What is different from what was told. */
  SessionReport changes() {
    long revision = bundles.revision();
    Map<PodUid, PodReport> changed = new HashMap<>();
    leaves.forEach((pod, serial) -> {
      var now = new PodReport(serial, ledger.shown(pod, revision, serial));
      if (!now.equals(told.put(pod, now))) {
        changed.put(pod, now);
      }
    });
    var report = new SessionReport(revision, ledger.summary(revision), changed, List.copyOf(ended));
    ended.clear();
    return report;
  }
}
