package dev.signet.cli.cluster;

import java.util.List;
import java.util.OptionalLong;

/**
 * The CSIDriver object, with the API server's defaults in it.
 *
 * @param tokensInSecrets {@code serviceAccountTokenInSecrets}; false also where the cluster does
 *     not know the field
 */
public record CsiDriverFact(
    boolean attachRequired,
    boolean podInfoOnMount,
    boolean requiresRepublish,
    boolean tokensInSecrets,
    String fsGroupPolicy,
    List<String> lifecycleModes,
    List<TokenRequest> tokenRequests) {
  public CsiDriverFact {
    lifecycleModes = List.copyOf(lifecycleModes);
    tokenRequests = List.copyOf(tokenRequests);
  }

  /** A token that kubelet is to bring; without a lifetime it is an hour. */
  public record TokenRequest(String audience, OptionalLong expirationSeconds) {}
}
