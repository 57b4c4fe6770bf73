package dev.signet.ca.svid;

/**
 * A token and the CSR that came with it, as they were sent. A bearer secret is in it.
 *
 * @param csr PKCS#10, DER
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; one owner
public record SvidRequest(String token, byte[] csr) {
  @Override
  public String toString() {
    return "SvidRequest";
  }
}
