package dev.signet.ca.svid;

import dev.signet.ca.issuance.TokenReview;
import java.util.Optional;

/**
 * A token and the CSR that came with it, as they were sent. A bearer secret is in it.
 *
 * @param agentReview what the agent says that the API server answered to it, where it says so
 * @param csr PKCS#10, DER
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; one owner
public record SvidRequest(String token, byte[] csr, Optional<TokenReview> agentReview) {
  /** Of an agent that leaves the review to this CA, or that asks for itself. */
  public static SvidRequest of(String token, byte[] csr) {
    return new SvidRequest(token, csr, Optional.empty());
  }

  @Override
  public String toString() {
    return "SvidRequest";
  }
}
