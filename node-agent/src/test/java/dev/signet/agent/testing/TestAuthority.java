package dev.signet.agent.testing;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A root and an issuing authority below it, for tests. */
public final class TestAuthority {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final TrustDomain trustDomain;
  private final Instant now;
  private final KeyPair rootKeys;
  private final KeyPair issuerKeys = keys();
  private final X509Certificate root;
  private final X509Certificate issuer;

  public TestAuthority(TrustDomain trustDomain, Instant now) {
    this.trustDomain = trustDomain;
    this.now = now;
    this.rootKeys = keys();
    X500Name name = new X500Name("CN=root " + serial().toString(16));
    root = authority(name, rootKeys.getPublic(), name, rootKeys, 1);
    issuer = issuer(name);
  }

  private TestAuthority(TestAuthority other) {
    this.trustDomain = other.trustDomain;
    this.now = other.now;
    this.rootKeys = other.rootKeys;
    root = other.root;
    issuer = issuer(new X500Name(root.getSubjectX500Principal().getName()));
  }

  private X509Certificate issuer(X500Name rootName) {
    return authority(new X500Name("CN=issuing"), issuerKeys.getPublic(), rootName, rootKeys, 0);
  }

  /** Another issuing authority below the same root. */
  public TestAuthority anotherIssuer() {
    return new TestAuthority(this);
  }

  /** The issuing authority's subject key identifier, lower-case hex. */
  public String issuerKeyId() {
    byte[] extension = issuer.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    // An OCTET STRING in an OCTET STRING, both short.
    return HexFormat.of().formatHex(extension, 4, extension.length);
  }

  public X509Certificate root() {
    return root;
  }

  public X509Bundle bundle() {
    return X509Bundle.of(trustDomain, Set.of(root));
  }

  /** A bundle of this root and another's. */
  public X509Bundle bundleWith(TestAuthority other) {
    return X509Bundle.of(trustDomain, Set.of(root, other.root));
  }

  /** A chain for the key of a request that proves it. */
  public List<X509Certificate> issue(SpiffeId id, byte[] csr, Instant notBefore, Instant notAfter) {
    try {
      var request = new JcaPKCS10CertificationRequest(csr);
      return issue(id, request.getPublicKey(), notBefore, notAfter);
    } catch (GeneralSecurityException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A chain for a key. */
  public List<X509Certificate> issue(
      SpiffeId id, PublicKey key, Instant notBefore, Instant notAfter) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=issuing"),
              serial(),
              Date.from(notBefore),
              Date.from(notAfter),
              new X500Name(new RDN[0]),
              key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      builder.addExtension(Extension.subjectAlternativeName, true, uri(id));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer));
      return List.of(sign(builder, issuerKeys), issuer);
    } catch (GeneralSecurityException | CertIOException e) {
      throw new AssertionError(e);
    }
  }

  /** An SVID with a key of its own, valid from five minutes ago for an hour. */
  public X509Svid svid(SpiffeId id) {
    KeyPair keys = keys();
    return X509Svid.of(
        issue(
            id, keys.getPublic(), now.minus(Duration.ofMinutes(5)), now.plus(Duration.ofHours(1))),
        keys.getPrivate());
  }

  public static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate authority(
      X500Name subject, PublicKey key, X500Name issuerName, KeyPair signer, int pathLength) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuerName,
              serial(),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofDays(30))),
              subject,
              key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(pathLength));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(Extension.subjectAlternativeName, false, uri(trustDomain.id()));
      var utils = new JcaX509ExtensionUtils();
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(key));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          utils.createAuthorityKeyIdentifier(signer.getPublic()));
      return sign(builder, signer);
    } catch (GeneralSecurityException | CertIOException e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate sign(X509v3CertificateBuilder builder, KeyPair signer)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
    } catch (OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }

  private static GeneralNames uri(SpiffeId id) {
    return new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, id.toString()));
  }

  private static BigInteger serial() {
    return new BigInteger(127, RANDOM).setBit(126);
  }
}
