package dev.signet.clustertest.faults;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;

/** Leaves the cluster as the next suite wants to find it. */
final class Teardown {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private Teardown() {}

  /** Both nodes, the CA and the agents are ready. */
  static void awaitHealth() throws InterruptedException {
    for (String node : Lab.NODES) {
      Kubectl.await(LIMIT, "default", "node/" + node, ProbePod::isReady);
    }
    Kubectl.await(LIMIT, Signet.NAMESPACE, "pod/" + Signet.CA_POD, ProbePod::isReady);
    for (String node : Lab.NODES) {
      Signet.awaitAgent(node);
    }
  }
}
