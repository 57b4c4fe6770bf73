package dev.signet.sandbox.world;

import java.io.IOException;
import java.security.KeyPair;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Certification requests, good ones and ones that ask for too much. PKCS#10, DER. */
public final class CertificateRequests {
  private CertificateRequests() {}

  /** As an agent makes it: a key, the proof that it is held, and nothing else. */
  public static byte[] forKey(KeyPair key) {
    return request(key, Optional.empty());
  }

  /** Asks to be this: what the CA writes itself and nobody may ask for. */
  public static byte[] naming(KeyPair key, String uri) {
    try {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(
          Extension.subjectAlternativeName,
          true,
          new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
      return request(key, Optional.of(extensions.generate()));
    } catch (IOException e) {
      throw new IllegalArgumentException("not a URI for a certificate: " + uri, e);
    }
  }

  private static byte[] request(KeyPair key, Optional<Extensions> extensions) {
    PKCS10CertificationRequestBuilder builder =
        new JcaPKCS10CertificationRequestBuilder(new X500Name(new RDN[0]), key.getPublic());
    extensions.ifPresent(
        value -> builder.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, value));
    try {
      String algorithm = key.getPrivate().getAlgorithm().equals("RSA") ? "RSA" : "ECDSA";
      return builder
          .build(new JcaContentSignerBuilder("SHA256with" + algorithm).build(key.getPrivate()))
          .getEncoded();
    } catch (OperatorCreationException | IOException e) {
      throw new IllegalStateException("the request cannot be signed with its own key", e);
    }
  }
}
