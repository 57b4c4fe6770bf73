package dev.signet.spiffe;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certificate to be made: legal as {@link #leaf} and {@link #signing} give it, then bent by the
 * test that needs it bent.
 */
final class CertificateSpec {

  /** The time of all tests; certificates are valid from one hour before to one hour after. */
  static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

  private static final ASN1ObjectIdentifier UNKNOWN = new ASN1ObjectIdentifier("1.3.6.1.4.1.1.99");

  KeyPair key = TestKeys.next();
  String signatureAlgorithm = "SHA256withECDSA";
  BigInteger serial = BigInteger.valueOf(0xabcdef);
  Instant notBefore = NOW.minusSeconds(3600);
  Instant notAfter = NOW.plusSeconds(3600);
  String subject = "";
  @Nullable String issuer;
  boolean sanCritical;
  @Nullable BasicConstraints basicConstraints;
  @Nullable Integer keyUsage;
  boolean keyUsageCritical = true;
  KeyPurposeId @Nullable [] purposes;
  @Nullable NameConstraints nameConstraints;
  boolean nameConstraintsCritical = true;
  boolean unknownCriticalExtension;
  boolean keyIdentifiers = true;
  byte @Nullable [] foreignAuthorityKeyId;
  private final List<ASN1Encodable> names = new ArrayList<>();

  /** A legal leaf. */
  static CertificateSpec leaf(String uri) {
    CertificateSpec spec = new CertificateSpec();
    spec.basicConstraints = new BasicConstraints(false);
    spec.keyUsage = KeyUsage.digitalSignature;
    spec.purposes =
        new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth};
    spec.sanCritical = true;
    return spec.uri(uri);
  }

  /** A legal signing certificate of a trust domain. */
  static CertificateSpec signing(String trustDomain, String subject) {
    CertificateSpec spec = new CertificateSpec();
    spec.subject = subject;
    spec.basicConstraints = new BasicConstraints(true);
    spec.keyUsage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
    return spec.uri("spiffe://" + trustDomain);
  }

  CertificateSpec noNames() {
    names.clear();
    return this;
  }

  CertificateSpec uri(String uri) {
    return rawUri(uri.getBytes(StandardCharsets.ISO_8859_1));
  }

  CertificateSpec rawUri(byte[] uri) {
    names.add(new DERTaggedObject(false, 6, new DEROctetString(uri)));
    return this;
  }

  CertificateSpec dns(String name) {
    names.add(new GeneralName(GeneralName.dNSName, name));
    return this;
  }

  CertificateSpec pathLength(int length) {
    basicConstraints = new BasicConstraints(length);
    return this;
  }

  CertificateSpec permitUris(String... constraints) {
    nameConstraints = new NameConstraints(uriSubtrees(constraints), null);
    return this;
  }

  CertificateSpec excludeUris(String... constraints) {
    nameConstraints = new NameConstraints(null, uriSubtrees(constraints));
    return this;
  }

  /** The DER, signed by {@code issuerKey}; {@code issuer} counts unless the spec names another. */
  byte[] sign(X500Name issuer, KeyPair issuerKey) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              this.issuer == null ? issuer : new X500Name(this.issuer),
              serial,
              Date.from(notBefore),
              Date.from(notAfter),
              new X500Name(subject),
              key.getPublic());
      addExtensions(builder, issuerKey.getPublic());
      return builder.build(signer(issuerKey.getPrivate())).getEncoded();
    } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private ContentSigner signer(PrivateKey issuerKey) throws OperatorCreationException {
    JcaContentSignerBuilder builder = new JcaContentSignerBuilder(signatureAlgorithm);
    if (signatureAlgorithm.endsWith("andMGF1")) {
      builder.setProvider(new BouncyCastleProvider()); // The JDK knows PSS by another name.
    }
    return builder.build(issuerKey);
  }

  private void addExtensions(X509v3CertificateBuilder builder, PublicKey issuerKey)
      throws GeneralSecurityException, IOException {
    JcaX509ExtensionUtils utils = new JcaX509ExtensionUtils();
    if (keyIdentifiers) {
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key.getPublic()));
      builder.addExtension(
          Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(issuerKey));
    }
    if (foreignAuthorityKeyId != null) {
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new AuthorityKeyIdentifier(foreignAuthorityKeyId));
    }
    if (!names.isEmpty()) {
      ASN1EncodableVector vector = new ASN1EncodableVector();
      names.forEach(vector::add);
      builder.addExtension(Extension.subjectAlternativeName, sanCritical, new DERSequence(vector));
    }
    if (basicConstraints != null) {
      builder.addExtension(Extension.basicConstraints, true, basicConstraints);
    }
    if (keyUsage != null) {
      builder.addExtension(Extension.keyUsage, keyUsageCritical, new KeyUsage(keyUsage));
    }
    if (purposes != null) {
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    }
    if (nameConstraints != null) {
      builder.addExtension(Extension.nameConstraints, nameConstraintsCritical, nameConstraints);
    }
    if (unknownCriticalExtension) {
      builder.addExtension(UNKNOWN, true, new byte[] {5, 0});
    }
  }

  static X509Certificate parsed(byte[] der) {
    return PresentedX509Chain.parse(der).certificates().get(0);
  }

  private static GeneralSubtree[] uriSubtrees(String... constraints) {
    return Arrays.stream(constraints)
        .map(uri -> new GeneralSubtree(new GeneralName(GeneralName.uniformResourceIdentifier, uri)))
        .toArray(GeneralSubtree[]::new);
  }
}
