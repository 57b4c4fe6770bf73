package dev.signet.ca.issuance;

import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * The one place where a certificate is signed, be it a root's, an authority's or a leaf: record,
 * sign, read back. Thread-safe; holds no lock over the store or the key.
 */
public final class CertificateSigner {
  private final IssuanceLog log;
  private final KeyManager keys;
  private final Executor executor;
  private final Provider verifying;
  private final InstantSource clock;
  private final IssuanceSteps steps;

  /**
   * Makes a signer.
   *
   * @param executor where keys are used: for as many threads as there are cores
   * @param verifying verifies each signature that was just made
   */
  public CertificateSigner(
      IssuanceLog log,
      KeyManager keys,
      Executor executor,
      Provider verifying,
      InstantSource clock,
      IssuanceSteps steps) {
    this.log = log;
    this.keys = keys;
    this.executor = executor;
    this.verifying = verifying;
    this.clock = clock;
    this.steps = steps;
  }

  /** What is checked of a signed certificate besides its bytes and its signature. */
  @FunctionalInterface
  public interface Validation {
    void check(X509Certificate certificate) throws NotSoundException;
  }

  /**
   * Records, signs and validates.
   *
   * @return completes with the certificate once it is validated, or exceptionally with {@link
   *     RefusedException}, perhaps inside a {@link CompletionException}
   */
  public CompletableFuture<X509Certificate> sign(
      LintedTbs tbs, IssuanceRecord record, Signer signer, Validation validation) {
    if (!record.tbsSha256().equals(tbs.sha256())
        || !record.serial().equals(tbs.content().serial().hex())) {
      throw new IllegalArgumentException(
          "the record " + record.serial() + " is of another certificate");
    }
    try {
      signer.lastSigning().check(record.recordedAt());
    } catch (RefusedException e) {
      return CompletableFuture.failedFuture(e);
    }
    return log.record(record)
        .handleAsync(
            (_, failure) -> {
              // Refusals, too, are answered from the executor: the store's thread has other work.
              if (failure != null) {
                throw new CompletionException(failure);
              }
              steps.reached(IssuanceStep.RECORDED);
              signer.lastSigning().recorded(record.recordedAt());
              return signRecorded(tbs, signer, validation);
            },
            executor);
  }

  private X509Certificate signRecorded(LintedTbs tbs, Signer signer, Validation validation) {
    try {
      signer.lastSigning().check(clock.instant());
      byte[] der = tbs.redeem();
      byte[] signature = keys.sign(signer.keyId(), der);
      steps.reached(IssuanceStep.SIGNED);
      X509Certificate certificate = readBack(der, signature, signer);
      validation.check(certificate);
      steps.reached(IssuanceStep.VALIDATED);
      log.signed(tbs.content().serial().hex(), Digests.sha256Hex(certificate.getEncoded()));
      return certificate;
    } catch (RefusedException e) {
      throw new CompletionException(e);
    } catch (KeyManagerException e) {
      throw refused(RefusalReason.AUTHORITY_UNAVAILABLE, "the authority's key does not sign", e);
    } catch (NotSoundException | GeneralSecurityException e) {
      throw refused(
          RefusalReason.CERTIFICATE_NOT_SOUND, "after signing " + tbs.content().serial(), e);
    }
  }

  private X509Certificate readBack(byte[] tbs, byte[] signature, Signer signer)
      throws NotSoundException, GeneralSecurityException {
    X509Certificate certificate = Certificates.parse(Certificates.assemble(tbs, signature));
    if (!Arrays.equals(certificate.getTBSCertificate(), tbs)) {
      throw new NotSoundException("what was signed is not what was recorded");
    }
    certificate.verify(signer.publicKey(), verifying);
    return certificate;
  }

  private static CompletionException refused(RefusalReason reason, String what, Exception cause) {
    return new CompletionException(
        new RefusedException(reason, what + ": " + cause.getMessage(), cause));
  }
}
