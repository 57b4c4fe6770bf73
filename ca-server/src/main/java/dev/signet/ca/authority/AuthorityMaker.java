package dev.signet.ca.authority;

import dev.signet.ca.issuance.CertificateContent;
import dev.signet.ca.issuance.CertificateKind;
import dev.signet.ca.issuance.CertificateLint;
import dev.signet.ca.issuance.CertificateSigner;
import dev.signet.ca.issuance.Digests;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LintedTbs;
import dev.signet.ca.issuance.NotSoundException;
import dev.signet.ca.issuance.Profile;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SerialNumber;
import dev.signet.ca.issuance.Signer;
import dev.signet.ca.issuance.TbsWriter;
import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Authority;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import javax.security.auth.x500.X500Principal;

/**
 * Makes the certificate of a prepared authority and activates it. A CA's certificate is linted,
 * recorded, signed and read back like any other. Thread-safe; blocks.
 */
public final class AuthorityMaker {
  /** So that a leaf's own backdating is never cut short by its issuer's beginning. */
  static final Duration BACKDATE = Duration.ofHours(1);

  private final TrustDomain trustDomain;
  private final AuthorityStore store;
  private final TbsWriter writer;
  private final CertificateSigner signer;
  private final InstantSource clock;
  private final IssuanceSteps steps;
  private final SecureRandom random = new SecureRandom();

  public AuthorityMaker(
      TrustDomain trustDomain,
      AuthorityStore store,
      TbsWriter writer,
      CertificateSigner signer,
      InstantSource clock,
      IssuanceSteps steps) {
    this.trustDomain = trustDomain;
    this.store = store;
    this.writer = writer;
    this.signer = signer;
    this.clock = clock;
    this.steps = steps;
  }

  /** A name that no other key has; subjects carry it, so that each is unique (SPIRE issue 4415). */
  KeyId newKeyId(String prefix) {
    byte[] bytes = new byte[8];
    random.nextBytes(bytes);
    return new KeyId(prefix + "-" + HexFormat.of().formatHex(bytes));
  }

  /** Self-signed. */
  X509Certificate root(Signer self, Duration lifetime) throws RefusedException {
    Validity validity = fromNow(lifetime);
    X500Principal name = subject(self.keyId());
    return make(
        new CertificateContent(
            Profile.ROOT,
            SerialNumber.random(random),
            name,
            name,
            trustDomain.id(),
            validity,
            self.publicKey(),
            Optional.empty()),
        CertificateKind.ROOT,
        self,
        self.keyId());
  }

  /** Below a root, and within its life. */
  X509Certificate issuing(KeyId keyId, PublicKey key, TrustRoot root, Duration lifetime)
      throws RefusedException {
    Validity validity =
        fromNow(lifetime)
            .within(root.validity())
            .filter(within -> within.contains(clock.instant()))
            .orElseThrow(() ->
                new RefusedException(
                    RefusalReason.AUTHORITY_UNAVAILABLE,
                    "the root is valid within " + root.validity() + " only"));
    return make(
        new CertificateContent(
            Profile.AUTHORITY,
            SerialNumber.random(random),
            root.certificate().getSubjectX500Principal(),
            subject(keyId),
            trustDomain.id(),
            validity,
            key,
            Optional.of(root.keyId())),
        CertificateKind.AUTHORITY,
        root.signer(),
        keyId);
  }

  private Validity fromNow(Duration lifetime) {
    return new Validity(clock.instant().minus(BACKDATE), clock.instant().plus(lifetime));
  }

  private static X500Principal subject(KeyId keyId) {
    return new X500Principal("CN=Signet " + keyId.value().replaceFirst("-", " ") + ", O=Signet");
  }

  private X509Certificate make(
      CertificateContent content, CertificateKind kind, Signer by, KeyId keyId)
      throws RefusedException {
    byte[] tbs = writer.write(content);
    steps.reached(IssuanceStep.BUILT);
    LintedTbs linted = lint(tbs, content);
    steps.reached(IssuanceStep.LINTED);
    IssuanceRecord record = IssuanceRecord.of(linted, kind, by, clock.instant());
    X509Certificate certificate = await(linted, record, by);
    store.complete(
        keyId, Digests.sha256Hex(content.publicKey().getEncoded()), encoded(certificate));
    steps.reached(IssuanceStep.AUTHORITY_ACTIVATED);
    return certificate;
  }

  private static LintedTbs lint(byte[] tbs, CertificateContent content) throws RefusedException {
    try {
      return CertificateLint.check(tbs, content);
    } catch (NotSoundException e) {
      throw new RefusedException(
          RefusalReason.CERTIFICATE_NOT_SOUND, "before signing: " + e.getMessage(), e);
    }
  }

  private X509Certificate await(LintedTbs linted, IssuanceRecord record, Signer by)
      throws RefusedException {
    try {
      return signer.sign(linted, record, by, this::validate).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      throw e;
    }
  }

  private void validate(X509Certificate certificate) throws NotSoundException {
    try {
      var _ = X509Authority.of(trustDomain, certificate);
    } catch (SpiffeException e) {
      throw new NotSoundException("it breaks a rule of X509-SVID: " + e.getMessage(), e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read does not encode", e);
    }
  }
}
