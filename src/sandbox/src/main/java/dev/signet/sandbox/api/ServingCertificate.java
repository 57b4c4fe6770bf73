package dev.signet.sandbox.api;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.SSLException;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * The API server's own small PKI: a CA that lives as long as the server, and one certificate for
 * the local machine. It has nothing to do with Signet's.
 *
 * @param caPem what clients trust
 */
record ServingCertificate(String caPem, SslContext context) {
  /**
   * Clients judge it by the machine's clock, which the server's (a test's, say) need not follow.
   */
  private static final Date NOT_BEFORE = Date.from(Instant.parse("2020-01-01T00:00:00Z"));

  private static final Date NOT_AFTER = Date.from(Instant.parse("2100-01-01T00:00:00Z"));

  static ServingCertificate create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair caKey = generator.generateKeyPair();
      X500Name caName = new X500Name("CN=sandbox API server CA");
      X509Certificate ca =
          sign(
              builder(caName, 1, new X500Name("CN=sandbox API server CA"), caKey)
                  .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
                  .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)),
              caKey);
      KeyPair key = generator.generateKeyPair();
      GeneralName[] names = {
        new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
        new GeneralName(GeneralName.dNSName, "localhost"),
        new GeneralName(GeneralName.dNSName, "kubernetes.default.svc"),
      };
      X509Certificate leaf =
          sign(
              builder(caName, 2, new X500Name("CN=sandbox API server"), key)
                  .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names)),
              caKey);
      SslContext context =
          SslContextBuilder.forServer(key.getPrivate(), leaf, ca)
              .sslProvider(SslProvider.JDK)
              .protocols("TLSv1.3", "TLSv1.2")
              .build();
      return new ServingCertificate(pem(ca), context);
    } catch (GeneralSecurityException
        | OperatorCreationException
        | CertIOException
        | SSLException e) {
      throw new IllegalStateException("The API server could not make its certificate", e);
    }
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer, long serial, X500Name subject, KeyPair key) {
    return new JcaX509v3CertificateBuilder(
        issuer, BigInteger.valueOf(serial), NOT_BEFORE, NOT_AFTER, subject, key.getPublic());
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair by)
      throws OperatorCreationException, GeneralSecurityException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
  }

  private static String pem(X509Certificate certificate) throws GeneralSecurityException {
    String body =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(certificate.getEncoded());
    return "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n";
  }
}
