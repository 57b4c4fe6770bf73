package dev.signet.agent.svid;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import org.bouncycastle.asn1.ASN1InputStream;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The hand-written request, read by Bouncy Castle. */
class CertificateRequestTest {

  // The signature's DER is 70 to 72 bytes: several runs meet each length.
  @RepeatedTest(20)
  void request_isDerThatProvesItsKeyAndAsksForNothing() throws Exception {
    var request = CertificateRequest.create();

    var read = new JcaPKCS10CertificationRequest(request.der());

    assertThat(
            read.isSignatureValid(
                new JcaContentVerifierProviderBuilder().build(read.getPublicKey())))
        .isTrue();
    assertThat(read.getSubject().getRDNs()).isEmpty();
    assertThat(read.getAttributes()).isEmpty();
    assertThat(((ECPublicKey) read.getPublicKey()).getParams().getOrder().bitLength())
        .isEqualTo(256);
    assertThat(read.toASN1Structure().getEncoded("DER")).isEqualTo(request.der());
    try (var in = new ASN1InputStream(request.der())) {
      in.readObject();
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void eachRequest_hasAnotherKey_andPrintsNone() throws Exception {
    var one = CertificateRequest.create();
    var two = CertificateRequest.create();

    assertThat(publicKey(one)).isNotEqualTo(publicKey(two));
    assertThat(one).hasToString("CertificateRequest[key redacted]");
  }

  private static PublicKey publicKey(CertificateRequest request) throws Exception {
    return new JcaPKCS10CertificationRequest(request.der()).getPublicKey();
  }
}
