package dev.signet.ca.adapter.x509;

import dev.signet.ca.issuance.CertificateContent;
import dev.signet.ca.issuance.Profile;
import dev.signet.ca.issuance.SubjectKeyId;
import dev.signet.ca.issuance.TbsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Writes by Bouncy Castle's structures. Stateless. */
public final class BouncyCastleTbsWriter implements TbsWriter {
  private static final AlgorithmIdentifier ECDSA_WITH_SHA256 =
      new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
  private static final KeyPurposeId[] LEAF_PURPOSES = {
    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
  };

  @Override
  public byte[] write(CertificateContent content) {
    try {
      V3TBSCertificateGenerator tbs = new V3TBSCertificateGenerator();
      tbs.setSerialNumber(new ASN1Integer(content.serial().value()));
      tbs.setSignature(ECDSA_WITH_SHA256);
      tbs.setIssuer(X500Name.getInstance(content.issuer().getEncoded()));
      tbs.setSubject(X500Name.getInstance(content.subject().getEncoded()));
      tbs.setStartDate(new Time(Date.from(content.validity().notBefore())));
      tbs.setEndDate(new Time(Date.from(content.validity().notAfter())));
      tbs.setSubjectPublicKeyInfo(
          SubjectPublicKeyInfo.getInstance(content.publicKey().getEncoded()));
      tbs.setExtensions(extensions(content).generate());
      return tbs.generateTBSCertificate().getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new UncheckedIOException("a certificate of " + content.id() + " cannot be encoded", e);
    }
  }

  private static ExtensionsGenerator extensions(CertificateContent content) throws IOException {
    boolean ca = content.profile().isCa();
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    // Encoded on leaves, too: some clients demand it (C-6).
    extensions.addExtension(Extension.basicConstraints, true, basicConstraints(content.profile()));
    extensions.addExtension(
        Extension.keyUsage,
        true,
        new KeyUsage(ca ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
    if (!ca) {
      extensions.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(LEAF_PURPOSES));
    }
    extensions.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new SubjectKeyIdentifier(SubjectKeyId.of(content.publicKey()).bytes()));
    if (content.issuerKeyId().isPresent()) {
      extensions.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new AuthorityKeyIdentifier(content.issuerKeyId().get().bytes()));
    }
    // Critical where there is no subject.
    extensions.addExtension(
        Extension.subjectAlternativeName,
        !ca,
        new GeneralNames(
            new GeneralName(GeneralName.uniformResourceIdentifier, content.id().toString())));
    return extensions;
  }

  private static BasicConstraints basicConstraints(Profile profile) {
    return switch (profile) {
      case ROOT -> new BasicConstraints(true);
      case AUTHORITY -> new BasicConstraints(0);
      case LEAF -> new BasicConstraints(false);
    };
  }
}
