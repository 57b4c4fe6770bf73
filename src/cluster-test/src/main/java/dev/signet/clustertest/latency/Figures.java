package dev.signet.clustertest.latency;

import java.util.List;

/**
 * Milliseconds of a number of pods of one kind.
 *
 * @param sorted ascending, never empty
 */
record Figures(List<Long> sorted) {
  Figures {
    sorted = sorted.stream().sorted().toList();
    if (sorted.isEmpty()) {
      throw new IllegalArgumentException("no pod was measured");
    }
  }

  /** The smallest value that is not exceeded by the given share of all (nearest rank). */
  long percentile(int percent) {
    int rank = Math.ceilDiv(percent * sorted.size(), 100);
    return sorted.get(Math.max(rank, 1) - 1);
  }

  int count() {
    return sorted.size();
  }
}
