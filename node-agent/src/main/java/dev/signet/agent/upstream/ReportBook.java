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
  private final Map<PodUid, String> all = new HashMap<>();
  private final Map<PodUid, String> changed = new HashMap<>();
  private final Set<PodUid> ended = new HashSet<>();

  ReportBook(BundleHolder bundles, ConsumerLedger ledger, Runnable onChange) {
    this.bundles = bundles;
    this.ledger = ledger;
    this.onChange = onChange;
  }

  @Override
  public void changed(PodUid pod, String serial) {
    all.put(pod, serial);
    changed.put(pod, serial);
    ended.remove(pod);
    onChange.run();
  }

  @Override
  public void ended(PodUid pod) {
    all.remove(pod);
    changed.remove(pod);
    ended.add(pod);
    onChange.run();
  }

  /** Everything, for a new session; what changed until now is in it. */
  SessionReport whole() {
    changed.clear();
    ended.clear();
    return report(all, List.of());
  }

  /** What changed since the last report. */
  SessionReport changes() {
    SessionReport report = report(changed, List.copyOf(ended));
    changed.clear();
    ended.clear();
    return report;
  }

  private SessionReport report(Map<PodUid, String> leaves, List<PodUid> gone) {
    long revision = bundles.revision();
    return new SessionReport(revision, ledger.summary(revision), leaves, gone);
  }
}
