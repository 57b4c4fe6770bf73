package dev.signet.sandbox.kubelet;

import io.kubernetes.client.openapi.models.V1Pod;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * What a kubelet runs containers with. Called from a pod's own thread; calls for several pods come
 * at the same time.
 */
public interface ContainerRuntime {
  /**
   * Starts the containers of a pod, and returns when they are started. Called again for a pod whose
   * containers ended and have to run again.
   *
   * @throws IOException if they cannot be started; the pod's restart policy says what follows
   */
  RunningPod start(V1Pod pod, PodMounts mounts) throws IOException;

  /** Containers that were started. */
  interface RunningPod {
    /** Completes with the exit code when all have ended: 0 if each of them did well. */
    CompletableFuture<Integer> ended();

    /**
     * Asks them to end, and kills what is left after the grace period. Returns at once; may be
     * called again, with less.
     */
    void stop(Duration grace);
  }
}
