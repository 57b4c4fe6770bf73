package dev.signet.ca.adapter.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.InvalidKeySpecException;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What both providers have to do alike. */
abstract class CryptoProviderContract {
  private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.US_ASCII);
  private static final String ECDSA = "SHA256withECDSA";
  private static final BigInteger ORDER =
      new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

  private final CryptoProvider crypto = provider();

  abstract CryptoProvider provider();

  @Test
  void signature_verifiesByItsOwnKeyAlone() throws GeneralSecurityException {
    KeyPair pair = crypto.generateP256();
    byte[] signature = crypto.sign(pair.getPrivate(), MESSAGE);

    assertThat(crypto.verify(ECDSA, pair.getPublic(), MESSAGE, signature)).isTrue();
    assertThat(crypto.verify(ECDSA, crypto.generateP256().getPublic(), MESSAGE, signature))
        .isFalse();
  }

  @Test
  void alteredMessage_isRefused() throws GeneralSecurityException {
    KeyPair pair = crypto.generateP256();
    byte[] signature = crypto.sign(pair.getPrivate(), MESSAGE);
    byte[] altered = MESSAGE.clone();
    altered[0] ^= 1;

    assertThat(crypto.verify(ECDSA, pair.getPublic(), altered, signature)).isFalse();
  }

  /** R19, CVE-2022-21449: r = s = 0 was a signature of everything by everybody. */
  @ParameterizedTest
  @CsvSource({"0,0", "0,1", "1,0", "-1,-1", "n,n", "n,1", "1,n", "p,0"})
  void degenerateSignature_isRefused(String r, String s) throws Exception {
    PublicKey key = crypto.generateP256().getPublic();

    assertThat(crypto.verify(ECDSA, key, MESSAGE, signature(number(r), number(s)))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 70, 5000})
  void bytesThatAreNoSignature_areRefused(int length) {
    PublicKey key = crypto.generateP256().getPublic();

    assertThat(crypto.verify(ECDSA, key, MESSAGE, new byte[length])).isFalse();
  }

  @Test
  void keys_readBackEqual() throws GeneralSecurityException {
    KeyPair pair = crypto.generateP256();
    PublicKey read = crypto.publicKey("EC", pair.getPublic().getEncoded());
    byte[] signature = crypto.sign(crypto.ecPrivateKey(pair.getPrivate().getEncoded()), MESSAGE);

    assertThat(read.getEncoded()).isEqualTo(pair.getPublic().getEncoded());
    assertThat(crypto.verify(ECDSA, read, MESSAGE, signature)).isTrue();
    assertThat(((ECPublicKey) read).getParams().getOrder()).isEqualTo(ORDER);
  }

  @Test
  void rsaSignature_verifies() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair pair = generator.generateKeyPair();
    Signature signer = Signature.getInstance("SHA384withRSA");
    signer.initSign(pair.getPrivate());
    signer.update(MESSAGE);
    byte[] signature = signer.sign();
    PublicKey read = crypto.publicKey("RSA", pair.getPublic().getEncoded());

    assertThat(crypto.verify("SHA384withRSA", read, MESSAGE, signature)).isTrue();
    assertThat(crypto.verify("SHA256withRSA", read, MESSAGE, signature)).isFalse();
  }

  @Test
  void bytesThatAreNoKey_areRefused() {
    assertThatThrownBy(() -> crypto.publicKey("EC", new byte[91]))
        .isInstanceOf(InvalidKeySpecException.class);
    assertThatThrownBy(() -> crypto.ecPrivateKey(new byte[67]))
        .isInstanceOf(InvalidKeySpecException.class);
  }

  @Test
  void healthyProvider_passesTheSelfTest() throws GeneralSecurityException {
    ProviderSelfTest.run(crypto, CryptoProvider.jdk());
  }

  private static BigInteger number(String text) {
    return switch (text) {
      case "n" -> ORDER;
      case "p" -> BigInteger.ONE.shiftLeft(256);
      default -> new BigInteger(text);
    };
  }

  private static byte[] signature(BigInteger r, BigInteger s) throws Exception {
    ASN1EncodableVector numbers = new ASN1EncodableVector();
    numbers.add(new ASN1Integer(r));
    numbers.add(new ASN1Integer(s));
    return new DERSequence(numbers).getEncoded();
  }
}
