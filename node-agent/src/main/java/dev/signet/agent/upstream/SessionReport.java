package dev.signet.agent.upstream;

import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.pod.PodUid;
import java.util.List;
import java.util.Map;

/**
 * What this node's consumers hold.
 *
 * @param revision of the bundle the agent holds; 0 for none
 * @param pods all pods in the first report of a session, later those of which anything changed
 * @param ended pods whose volumes are gone since the last report
 */
public record SessionReport(
    long revision,
    ConsumerLedger.Summary consumers,
    Map<PodUid, PodReport> pods,
    List<PodUid> ended) {
  public SessionReport {
    pods = Map.copyOf(pods);
    ended = List.copyOf(ended);
  }
}
