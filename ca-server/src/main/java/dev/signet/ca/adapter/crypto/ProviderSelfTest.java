package dev.signet.ca.adapter.crypto;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;

/** Whether a provider signs what another verifies, and refuses what is no signature. */
final class ProviderSelfTest {
  private static final String ALGORITHM = "SHA256withECDSA";
  private static final byte[] MESSAGE =
      "signet provider self-test".getBytes(StandardCharsets.US_ASCII);

  private ProviderSelfTest() {}

  /**
   * @throws GeneralSecurityException naming what went wrong
   */
  static void run(CryptoProvider tested, CryptoProvider reference) throws GeneralSecurityException {
    KeyPair pair = tested.generateP256();
    byte[] signature = tested.sign(pair.getPrivate(), MESSAGE);
    PublicKey own = tested.publicKey("EC", pair.getPublic().getEncoded());
    PublicKey others = reference.publicKey("EC", pair.getPublic().getEncoded());
    require(reference.verify(ALGORITHM, others, MESSAGE, signature), "its signature is wrong");
    require(tested.verify(ALGORITHM, own, MESSAGE, signature), "it refuses a good signature");

    byte[] altered = MESSAGE.clone();
    altered[0] ^= 1;
    require(!tested.verify(ALGORITHM, own, altered, signature), "it accepts another message");
    // CVE-2022-21449: r = s = 0 was a signature of everything.
    byte[] zero = {0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00};
    require(!tested.verify(ALGORITHM, own, MESSAGE, zero), "it accepts an all-zero signature");
  }

  private static void require(boolean holds, String otherwise) throws GeneralSecurityException {
    if (!holds) {
      throw new GeneralSecurityException("self-test failed: " + otherwise);
    }
  }
}
