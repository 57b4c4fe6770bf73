package dev.signet.agent.upstream;

import dev.signet.agent.bundle.ConsumerLedger;
import java.util.List;

/**
 * What is told of one pod.
 *
 * @param serial of the leaf that it holds; empty where it has none
 * @param consumers all of its consumers, by class
 */
public record PodReport(String serial, List<ConsumerLedger.Shown> consumers) {
  public PodReport {
    consumers = List.copyOf(consumers);
  }
}
