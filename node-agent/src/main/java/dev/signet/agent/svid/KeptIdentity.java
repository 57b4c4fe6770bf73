package dev.signet.agent.svid;

import java.time.Instant;
import java.util.Optional;

/**
 * What of a pod's identity outlives the agent's process. No token: kubelet brings one with its next
 * call.
 *
 * @param entitled whether the pod was ever granted an SVID: then the bundle flows on to it
 * @param svid the one that is served, else one that waits for its bundle
 */
public record KeptIdentity(boolean entitled, Optional<KeptSvid> svid) {
  /** Of a pod that was granted nothing yet. */
  public static final KeptIdentity NOTHING = new KeptIdentity(false, Optional.empty());

  /** The same, without an SVID that has ended. */
  public KeptIdentity at(Instant now) {
    return new KeptIdentity(entitled, svid.filter(kept -> kept.svid().notAfter().isAfter(now)));
  }
}
