package dev.signet.ca.issuance;

/**
 * Takes a certification request apart. Implementations are thread-safe and bounded in time for any
 * input.
 */
public interface CsrVerifier {
  /**
   * Checks form, key policy and proof of possession, and that nothing but a key is asked for.
   *
   * @param csr PKCS#10, DER
   * @throws RefusedException with one of the {@code CSR_} reasons
   */
  ProvenKey verify(byte[] csr) throws RefusedException;
}
