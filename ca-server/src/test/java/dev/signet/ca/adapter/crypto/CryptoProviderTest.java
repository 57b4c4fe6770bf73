package dev.signet.ca.adapter.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CryptoProviderTest {
  @Test
  void chosen_isTheFastOne_andNothingIsInstalled() {
    assertThat(CryptoProvider.choose().name()).startsWith("ACCP");
    assertThat(Security.getProvider("AmazonCorrettoCryptoProvider")).isNull();
  }

  @Test
  void providerThatAcceptsEverything_failsTheSelfTest() {
    CryptoProvider gullible =
        new CryptoProvider("gullible", new Gullible(), Security.getProvider("SunRsaSign"));

    assertThatThrownBy(() -> ProviderSelfTest.run(gullible, CryptoProvider.jdk()))
        .isInstanceOf(GeneralSecurityException.class)
        .hasMessageContaining("accepts another message");
  }

  /** SunEC, but whatever is shown to it is a signature. */
  private static final class Gullible extends Provider {
    Gullible() {
      super("Gullible", "1", "accepts everything");
    }

    @Override
    public synchronized Service getService(String type, String algorithm) {
      return type.equals("Signature")
          ? new AcceptAllService(this)
          : Security.getProvider("SunEC").getService(type, algorithm);
    }
  }

  private static final class AcceptAllService extends Provider.Service {
    AcceptAllService(Provider provider) {
      super(
          provider, "Signature", "SHA256withECDSA", AcceptAll.class.getName(), List.of(), Map.of());
    }

    @Override
    public Object newInstance(Object parameter) {
      return new AcceptAll();
    }
  }

  /** Signs by SunEC, verifies nothing. */
  static final class AcceptAll extends SignatureSpi {
    private Signature signer;

    AcceptAll() {
      try {
        signer = Signature.getInstance("SHA256withECDSA", "SunEC");
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    protected void engineInitVerify(PublicKey key) {}

    @Override
    protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
      signer.initSign(key);
    }

    @Override
    protected void engineUpdate(byte b) throws SignatureException {
      engineUpdate(new byte[] {b}, 0, 1);
    }

    @Override
    protected void engineUpdate(byte[] bytes, int offset, int length) throws SignatureException {
      try {
        signer.update(bytes, offset, length);
      } catch (SignatureException e) {
        // It was made for verifying.
        return;
      }
    }

    @Override
    protected byte[] engineSign() throws SignatureException {
      return signer.sign();
    }

    @Override
    protected boolean engineVerify(byte[] signature) {
      return true;
    }

    @Override
    @Deprecated
    protected void engineSetParameter(String name, Object value) {}

    @Override
    @Deprecated
    protected Object engineGetParameter(String name) {
      throw new UnsupportedOperationException(name);
    }
  }
}
