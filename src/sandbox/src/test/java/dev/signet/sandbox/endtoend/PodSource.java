package dev.signet.sandbox.endtoend;

import dev.signet.sandbox.world.NodeHost;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.Workload;
import dev.signet.sandbox.world.World;
import dev.signet.workload.WorkloadApiEndpoint;
import dev.signet.workload.X509Source;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A pod that runs nothing, and this process in its place. */
record PodSource(World world, PodRef pod, NodeHost.Socket socket) implements AutoCloseable {
  static final Duration LIMIT = Duration.ofSeconds(30);

  /** Creates the pod; its account has to exist. */
  static PodSource start(World world, String namespace, String name, String account, String node)
      throws Exception {
    PodRef pod = world.run(Workload.pause(namespace, name, account, node));
    return new PodSource(
        world, pod, world.node(node).socket(pod).get(LIMIT.toSeconds(), TimeUnit.SECONDS));
  }

  X509Source open() {
    return X509Source.open(WorkloadApiEndpoint.parse(socket.endpoint()), LIMIT);
  }

  /** Deletes the pod. */
  @Override
  public void close() {
    world.cluster().deletePod(pod, 1);
  }
}
