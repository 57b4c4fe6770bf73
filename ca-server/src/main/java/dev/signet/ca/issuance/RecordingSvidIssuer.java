package dev.signet.ca.issuance;

import dev.signet.spiffe.IssuedX509Chain;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Redeems a grant: build, lint, record, sign, validate, answer. What is computed runs on the
 * executor, what is stored on the log's own thread; the caller waits for neither. Thread-safe.
 */
public final class RecordingSvidIssuer implements SvidIssuer {
  private static final X500Principal NO_SUBJECT = new X500Principal("");

  private final SigningAuthorities authorities;
  private final TbsWriter writer;
  private final CertificateSigner signer;
  private final Executor executor;
  private final InstantSource clock;
  private final IssuanceSteps steps;
  private final Semaphore admission;
  private final SecureRandom random = new SecureRandom();
  private volatile @Nullable Proof proof;

  /**
   * Makes an issuer.
   *
   * @param maxInFlight how many may be under way at once; more are refused as {@code OVERLOADED}
   */
  public RecordingSvidIssuer(
      SigningAuthorities authorities,
      TbsWriter writer,
      CertificateSigner signer,
      Executor executor,
      InstantSource clock,
      IssuanceSteps steps,
      int maxInFlight) {
    this.authorities = authorities;
    this.writer = writer;
    this.signer = signer;
    this.executor = executor;
    this.clock = clock;
    this.steps = steps;
    this.admission = new Semaphore(maxInFlight);
  }

  private record Built(LintedTbs tbs, SigningAuthority authority) {}

  @Override
  public CompletableFuture<IssuedSvid> issue(Granted granted) {
    if (!granted.redeem()) {
      throw new IllegalStateException(
          "the grant for " + granted.template().id() + " was redeemed before");
    }
    CompletableFuture<IssuedSvid> answer = new CompletableFuture<>();
    if (!admission.tryAcquire()) {
      answer.completeExceptionally(
          new RefusedException(RefusalReason.OVERLOADED, "too many SVIDs are being issued"));
      return answer;
    }
    var _ =
        start(granted)
            .whenComplete((svid, failure) -> {
              admission.release();
              if (failure == null) {
                answer.complete(svid);
              } else {
                answer.completeExceptionally(refusal(failure));
              }
            });
    return answer;
  }

  private CompletableFuture<IssuedSvid> start(Granted granted) {
    try {
      return CompletableFuture.supplyAsync(() -> build(granted), executor)
          .thenCompose(built -> recordAndSign(granted, built));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Built build(Granted granted) {
    try {
      SigningAuthority authority = authorities.current();
      CertificateContent content = content(granted.template(), authority);
      byte[] tbs = writer.write(content);
      steps.reached(IssuanceStep.BUILT);
      LintedTbs linted = CertificateLint.check(tbs, content);
      steps.reached(IssuanceStep.LINTED);
      return new Built(linted, authority);
    } catch (RefusedException e) {
      throw new CompletionException(e);
    } catch (NotSoundException e) {
      throw new CompletionException(
          new RefusedException(
              RefusalReason.CERTIFICATE_NOT_SOUND, "before signing: " + e.getMessage(), e));
    }
  }

  /** Never before and never past the authority; the rest is as granted. */
  private CertificateContent content(LeafTemplate template, SigningAuthority authority)
      throws RefusedException {
    Validity asked = new Validity(template.notBefore(), template.notAfter());
    Validity validity =
        asked
            .within(authority.validity())
            .filter(within -> within.contains(clock.instant()))
            .orElseThrow(() -> outlived(asked, authority));
    return new CertificateContent(
        Profile.LEAF,
        SerialNumber.random(random),
        authority.certificate().getSubjectX500Principal(),
        NO_SUBJECT,
        template.id(),
        validity,
        template.key().publicKey(),
        Optional.of(SubjectKeyId.of(authority.signer().publicKey())));
  }

  private RefusedException outlived(Validity asked, SigningAuthority authority) {
    return new RefusedException(
        RefusalReason.AUTHORITY_UNAVAILABLE,
        asked
            + " and the authority's "
            + authority.validity()
            + " leave no time at "
            + clock.instant());
  }

  private CompletableFuture<IssuedSvid> recordAndSign(Granted granted, Built built) {
    SigningAuthority authority = built.authority();
    IssuanceRecord record =
        IssuanceRecord.of(
            built.tbs(),
            CertificateKind.of(granted.kind()),
            authority.signer(),
            clock.instant(),
            granted.attestation(),
            granted.replacesAgentPod(),
            OptionalLong.of(authority.version()));
    return signer
        .sign(built.tbs(), record, authority.signer(), leaf -> validate(leaf, built))
        .thenApply(leaf -> answer(leaf, built));
  }

  /**
   * A peer's verifier must take what leaves. The path from an authority to its root is the same for
   * each leaf: it is validated with the first leaf of that kind of key, and from then on only what
   * differs. The signature was verified by the signer, and with the first leaf it was shown that
   * the signer's key is the one in the authority's certificate.
   */
  private void validate(X509Certificate leaf, Built built) throws NotSoundException {
    try {
      Proof known = proof;
      SpiffeId id =
          known != null && known.covers(leaf, built.authority(), clock.instant())
              ? IssuedX509Chain.of(List.of(leaf)).id()
              : prove(leaf, built.authority());
      if (!id.equals(built.tbs().content().id())) {
        throw new NotSoundException("it verifies as " + id + ", not " + built.tbs().content().id());
      }
    } catch (SpiffeException e) {
      throw new NotSoundException("it does not verify: " + e.getMessage(), e);
    }
  }

  /** Verifies as a peer would, with nothing known before. */
  private SpiffeId prove(X509Certificate leaf, SigningAuthority authority) {
    VerifiedX509Svid verified =
        X509SvidVerifier.verify(
            PresentedX509Chain.of(List.of(leaf, authority.certificate())),
            X509BundleSet.of(authority.roots()),
            clock.instant());
    proof = new Proof(authority, verified.authority(), verified.leaf().getPublicKey());
    return verified.id();
  }

  /** An authority whose path to its root was validated below a leaf with such a key. */
  private record Proof(SigningAuthority authority, X509Certificate root, PublicKey leafKey) {
    boolean covers(X509Certificate leaf, SigningAuthority signedBy, Instant now) {
      return authority.equals(signedBy)
          && isSameKind(leafKey, leaf.getPublicKey())
          && Stream.of(leaf, signedBy.certificate(), root)
              .map(Validity::of)
              .allMatch(validity -> validity.contains(now));
    }

    /** Keys of one algorithm and size: of those that a request may have, these are one curve. */
    private static boolean isSameKind(PublicKey one, PublicKey other) {
      return one.getAlgorithm().equals(other.getAlgorithm())
          && one.getEncoded().length == other.getEncoded().length;
    }
  }

  private static IssuedSvid answer(X509Certificate leaf, Built built) {
    return new IssuedSvid(
        built.tbs().content().id(),
        List.of(leaf, built.authority().certificate()),
        built.tbs().content().serial().hex(),
        built.tbs().content().validity().notAfter());
  }

  private static RefusedException refusal(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof RefusedException refused) {
      return refused;
    }
    if (cause instanceof RejectedExecutionException) {
      return new RefusedException(RefusalReason.SHUTTING_DOWN, "the CA is stopping", cause);
    }
    return new RefusedException(
        RefusalReason.CERTIFICATE_NOT_SOUND, "the issuer failed: " + cause, cause);
  }
}
