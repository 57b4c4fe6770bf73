package dev.signet.agent.adapter.workloadapi;

import dev.signet.agent.adapter.unix.PeerCheck;
import dev.signet.agent.adapter.unix.UnixServer;
import dev.signet.agent.adapter.unix.UnixServerLimits;
import dev.signet.agent.adapter.unix.UnixServerSpec;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.agent.volume.WorkloadEndpoints;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * One Unix socket a volume with the Workload API and Signet's acknowledgement service. Who connects
 * is the pod, whatever its user: it could not reach the socket but by its mount. Thread-safe.
 */
public final class UnixWorkloadEndpoints implements WorkloadEndpoints {
  /** A pod's containers keep one or two connections each; a stream costs about 12 kB. */
  private static final UnixServerLimits LIMITS =
      new UnixServerLimits(32, 16, 4 * 1024, 8 * 1024, Duration.ofSeconds(10));

  private final EventLoopGroup group;
  private final PodSocket.Shared shared;

  /**
   * Sockets that do their I/O on the group.
   *
   * @param streams told of each stream that opens, 1, and ends, -1
   */
  public UnixWorkloadEndpoints(
      EventLoopGroup group,
      AgentLoop loop,
      InstantSource clock,
      BundleHolder bundles,
      ConsumerLedger ledger,
      IntConsumer streams) {
    this.group = group;
    this.shared = new PodSocket.Shared(loop, clock, bundles, ledger, streams);
  }

  @Override
  public WorkloadEndpoint open(Path path, PodUid pod, WorkloadFeed feed) throws IOException {
    var socket = new PodSocket(shared, pod, feed);
    UnixServer server =
        UnixServer.start(
            new UnixServerSpec(
                path,
                group,
                Runnable::run,
                PeerCheck.none(),
                LIMITS,
                List.of(WorkloadApi.service(socket), new Acknowledgements(socket).bindService()),
                // The last one runs first: no call gets further without the header.
                List.of(new CallPeer(), new WorkloadHeader())),
            "rw-rw-rw-");
    return () -> {
      socket.close();
      server.closeAndWait();
    };
  }
}
