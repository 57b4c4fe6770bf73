package dev.signet.agent.volume;

import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.WorkloadFeed;
import java.io.IOException;
import java.nio.file.Path;

/** The sockets on which pods reach their identity. */
public interface WorkloadEndpoints {
  /** Listens when it returns. A socket that an earlier agent left at the path is replaced. */
  WorkloadEndpoint open(Path socket, PodUid pod, WorkloadFeed feed) throws IOException;

  /** One volume's socket. */
  interface WorkloadEndpoint {
    /**
     * Ends it: nothing more is sent, connections drop so that clients see UNAVAILABLE, the socket's
     * file is gone when this returns. Waits two seconds at most.
     */
    void close();
  }
}
