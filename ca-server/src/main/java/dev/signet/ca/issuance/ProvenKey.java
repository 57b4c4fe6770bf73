package dev.signet.ca.issuance;

import java.security.PublicKey;
import java.util.HexFormat;

/**
 * A public key on the allow-list whose private key the caller was proved to hold. Made by a {@link
 * CsrVerifier} alone.
 *
 * @param publicKey the key
 * @param spkiSha256 lower-case hex SHA-256 of its SubjectPublicKeyInfo, which names it
 */
public record ProvenKey(PublicKey publicKey, String spkiSha256) {
  public ProvenKey {
    if (HexFormat.of().parseHex(spkiSha256).length != 32) {
      throw new IllegalArgumentException("spkiSha256 is no SHA-256 in hex");
    }
  }
}
