package dev.signet.workload;

import com.google.protobuf.ByteString;
import dev.signet.proto.spiffe.X509SVID;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509Svid;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A trust domain's root with one issuing authority below it, and what they make. */
final class TestCa {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Duration BACKDATE = Duration.ofMinutes(5);

  final TrustDomain domain;
  final X509Bundle bundle;
  private final Instant now;
  private final X509Certificate issuer;
  private final KeyPair issuerKey;

  TestCa(String domain, Instant now) {
    this.domain = TrustDomain.parse(domain);
    this.now = now;
    KeyPair rootKey = newKey();
    X500Name rootName = name("root");
    X509Certificate root =
        certificate(rootName, rootName, rootKey.getPublic(), rootKey.getPrivate(), true, domain);
    this.issuerKey = newKey();
    this.issuer =
        certificate(
            rootName, name("issuer"), issuerKey.getPublic(), rootKey.getPrivate(), true, domain);
    this.bundle = X509Bundle.of(this.domain, List.of(root));
  }

  /** A leaf of {@code path}, one hour long. */
  X509Svid svid(String path) {
    KeyPair key = newKey();
    X509Certificate leaf =
        certificate(
            new X500Name(issuer.getSubjectX500Principal().getName()),
            name("workload"),
            key.getPublic(),
            issuerKey.getPrivate(),
            false,
            domain.name() + path);
    return X509Svid.of(List.of(leaf, issuer), key.getPrivate());
  }

  X509Context context(String path) {
    return new X509Context(svid(path), X509BundleSet.of(bundle));
  }

  /** The message that an agent would send for a new leaf of {@code path}. */
  X509SVIDResponse message(String path) {
    return message(svid(path));
  }

  X509SVIDResponse message(X509Svid svid) {
    return X509SVIDResponse.newBuilder().addSvids(wire(svid, bundle)).build();
  }

  static X509SVID wire(X509Svid svid, X509Bundle bundle) {
    return X509SVID
        .newBuilder()
        .setSpiffeId(svid.id().toString())
        .setX509Svid(ByteString.copyFrom(svid.chainDer()))
        .setX509SvidKey(ByteString.copyFrom(svid.privateKey().getEncoded()))
        .setBundle(ByteString.copyFrom(bundle.encoded()))
        .build();
  }

  private X500Name name(String what) {
    return new X500Name("CN=" + what + " " + new BigInteger(64, RANDOM).toString(16));
  }

  private static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private X509Certificate certificate(
      X500Name by, X500Name subject, PublicKey key, PrivateKey signer, boolean ca, String id) {
    try {
      JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              by,
              new BigInteger(126, RANDOM).add(BigInteger.ONE),
              Date.from(now.minus(BACKDATE)),
              Date.from(now.plus(ca ? LIFE.multipliedBy(24) : LIFE)),
              subject,
              key);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
      builder.addExtension(
          Extension.keyUsage,
          true,
          new KeyUsage(ca ? KeyUsage.keyCertSign : KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              new GeneralName(GeneralName.uniformResourceIdentifier, "spiffe://" + id)));
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(key));
      if (!ca) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
    } catch (GeneralSecurityException
        | OperatorCreationException
        | org.bouncycastle.cert.CertIOException e) {
      throw new AssertionError(e);
    }
  }
}
