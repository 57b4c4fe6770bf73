package dev.signet.cli.cluster;

/** A cluster to look at. Nothing is changed in it; a token is made, which nobody keeps. */
public interface ClusterReader {

  /**
   * Everything but tokens.
   *
   * @param namespace the one Signet is or will be in
   * @throws UnreachableException if there is nobody to talk to
   */
  ClusterFacts facts(String namespace) throws UnreachableException;

  /**
   * Makes a token for a pod's account, bound to the pod, good for ten minutes and for {@code
   * audience} alone, and has it reviewed for {@code audience} and for {@code foreignAudience}.
   */
  Observed<TokenTrial> tryToken(RunningPod pod, String audience, String foreignAudience);
}
