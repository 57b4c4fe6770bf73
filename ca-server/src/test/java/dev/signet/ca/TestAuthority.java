package dev.signet.ca;

import dev.signet.ca.issuance.Granted;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.LeafTemplate;
import dev.signet.ca.issuance.SvidIssuer;
import dev.signet.ca.issuance.World;
import dev.signet.spiffe.SpiffeId;
import java.io.IOException;
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
import java.util.concurrent.CompletableFuture;
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

/** A root that signs leaves directly: quick, and as real as a peer can tell. */
public final class TestAuthority implements SvidIssuer {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final KeyPair keys = keys();
  private final X500Name name;
  private final X509Certificate certificate;

  public TestAuthority(String name) {
    this.name = new X500Name("CN=" + name);
    this.certificate =
        certificate(
            this.name,
            this.name,
            SpiffeId.of(World.TRUST_DOMAIN),
            keys.getPublic(),
            World.NOW.minus(Duration.ofDays(1)),
            World.NOW.plus(Duration.ofDays(3_650)),
            true);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** A leaf and its key. */
  public record Leaf(X509Certificate certificate, PrivateKey key) {}

  public Leaf leaf(String id, Instant notBefore, Instant notAfter) {
    KeyPair pair = keys();
    return new Leaf(
        certificate(
            new X500Name(""),
            name,
            SpiffeId.parse(id),
            pair.getPublic(),
            notBefore,
            notAfter,
            false),
        pair.getPrivate());
  }

  /** The leaf of an agent, valid around {@link World#NOW}. */
  public Leaf agent(String node) {
    return leaf(
        "spiffe://shop.example/signet/agent/demo/" + node,
        World.NOW.minus(Duration.ofMinutes(5)),
        World.NOW.plus(Duration.ofHours(1)));
  }

  @Override
  public CompletableFuture<IssuedSvid> issue(Granted granted) {
    LeafTemplate template = granted.template();
    X509Certificate leaf =
        certificate(
            new X500Name(""),
            name,
            template.id(),
            template.key().publicKey(),
            template.notBefore(),
            template.notAfter(),
            false);
    return CompletableFuture.completedFuture(
        new IssuedSvid(
            template.id(),
            List.of(leaf),
            leaf.getSerialNumber().toString(16),
            template.notAfter()));
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

  private X509Certificate certificate(
      X500Name subject,
      X500Name issuer,
      SpiffeId id,
      PublicKey key,
      Instant notBefore,
      Instant notAfter,
      boolean signs) {
    try {
      JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer,
              new BigInteger(126, RANDOM).setBit(126),
              Date.from(notBefore),
              Date.from(notAfter),
              subject,
              key);
      int usage = signs ? KeyUsage.keyCertSign : KeyUsage.digitalSignature;
      builder
          .addExtension(Extension.basicConstraints, true, new BasicConstraints(signs))
          .addExtension(Extension.keyUsage, true, new KeyUsage(usage))
          .addExtension(
              Extension.subjectAlternativeName,
              !signs,
              new GeneralNames(
                  new GeneralName(GeneralName.uniformResourceIdentifier, id.toString())))
          .addExtension(
              Extension.subjectKeyIdentifier, false, extensions.createSubjectKeyIdentifier(key))
          .addExtension(
              Extension.authorityKeyIdentifier,
              false,
              extensions.createAuthorityKeyIdentifier(keys.getPublic()));
      if (!signs) {
        builder.addExtension(
            Extension.extendedKeyUsage,
            false,
            new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
      throw new AssertionError(e);
    }
  }
}
