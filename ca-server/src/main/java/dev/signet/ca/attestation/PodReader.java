package dev.signet.ca.attestation;

import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusedException;
import java.util.Optional;

/** Reads pods from the API server. Implementations are thread-safe; they block. */
public interface PodReader {
  /**
   * Reads one pod as it is now, never from a cache.
   *
   * @return empty if there is none of that name
   * @throws RefusedException with {@link
   *     dev.signet.ca.issuance.RefusalReason#KUBERNETES_UNAVAILABLE} where there is no answer
   */
  Optional<PodState> read(PodName name) throws RefusedException, InterruptedException;
}
