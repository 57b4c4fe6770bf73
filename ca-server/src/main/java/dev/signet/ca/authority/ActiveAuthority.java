package dev.signet.ca.authority;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SigningAuthorities;
import dev.signet.ca.issuance.SigningAuthority;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The authority that signs, replaced at half of its life. While there is none (the root has ended,
 * the store does not answer, the clock is behind), issuance is refused and making one is tried
 * again; nothing is signed by anything else. Thread-safe: one immutable snapshot behind one
 * reference.
 *
 * <p>Time until the replacement is counted by the scheduler, which a pushed clock does not move;
 * the clock can only bring it forward.
 */
public final class ActiveAuthority implements SigningAuthorities, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ActiveAuthority.class);

  /** The longest that a machine that slept, or whose clock was set, stays unnoticed. */
  private static final Duration MAX_WAIT = Duration.ofHours(1);

  private static final Duration RETRY = Duration.ofSeconds(10);

  private final IssuingAuthorities authorities;
  private final Duration lifetime;
  private final InstantSource clock;
  private final ScheduledExecutorService scheduler;
  private final AuthorityObserver observer;

  private volatile @Nullable SigningAuthority current;
  private volatile @Nullable ScheduledFuture<?> next;
  private volatile boolean closed;

  // Of the scheduler's one thread, and of whoever starts it before that.
  private Trust trust;

  /** How much of the term is left by the scheduler's count. */
  private Duration left = Duration.ZERO;

  /**
   * Makes one that has no authority yet.
   *
   * @param scheduler runs what blocks on store and keys, one at a time; closed by its owner
   */
  public ActiveAuthority(
      Trust trust,
      IssuingAuthorities authorities,
      Duration longestLeaf,
      InstantSource clock,
      ScheduledExecutorService scheduler,
      AuthorityObserver observer) {
    this.trust = trust;
    this.authorities = authorities;
    this.lifetime = lifetime(longestLeaf);
    this.clock = clock;
    this.scheduler = scheduler;
    this.observer = observer;
  }

  private static Duration lifetime(Duration longestLeaf) {
    Duration tripled = longestLeaf.multipliedBy(3);
    Duration day = Duration.ofHours(24);
    return tripled.compareTo(day) > 0 ? tripled : day;
  }

  /**
   * Finds or makes the authority, and sees to its replacement from then on.
   *
   * @throws StartRefusedException if the one that should be there is not whole
   */
  public void start() throws StartRefusedException {
    try {
      findOrMake();
      schedule(left);
    } catch (RefusedException e) {
      failed(e);
    }
  }

  /**
   * Signs by another state of trust from now on, below its root. Waits until it does.
   *
   * @throws RefusedException if it cannot yet; nothing is signed until a later call succeeds, for
   *     the store takes no record of an older state
   */
  public void adopt(Trust next) throws RefusedException, InterruptedException {
    try {
      scheduler.submit(() -> switchTo(next)).get();
    } catch (RejectedExecutionException e) {
      throw new RefusedException(RefusalReason.SHUTTING_DOWN, "the CA is stopping", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE, String.valueOf(e.getCause()), e);
    }
  }

  private @Nullable Void switchTo(Trust next) throws StartRefusedException, RefusedException {
    SigningAuthority authority = current;
    trust = next;
    if (authority != null && next.signsBelow(authority.signer().keyId())) {
      current = authority.in(next.root().bundle().x509(), next.state().version());
    } else {
      current = null;
      findOrMake();
      // The timer of the one before comes early; it looks again and waits on.
    }
    return null;
  }

  private void findOrMake() throws StartRefusedException, RefusedException {
    Optional<SigningAuthority> found = authorities.find(trust);
    activate(found.isPresent() ? found.get() : authorities.make(trust, lifetime));
  }

  @Override
  public SigningAuthority current() throws RefusedException {
    SigningAuthority authority = current;
    if (authority == null) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE, "there is no issuing authority now; see the log");
    }
    X509Certificate certificate = authority.certificate();
    Instant now = clock.instant();
    if (now.isBefore(certificate.getNotBefore().toInstant())
        || now.isAfter(certificate.getNotAfter().toInstant())) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE,
          "the issuing authority is valid from "
              + certificate.getNotBefore().toInstant()
              + " until "
              + certificate.getNotAfter().toInstant()
              + ", and it is "
              + now);
    }
    return authority;
  }

  private void activate(SigningAuthority authority) {
    current = authority;
    AuthorityTerm term = AuthorityTerm.of(authority.certificate(), trust.root().validity());
    left = Duration.between(clock.instant(), term.replaceAt());
    Instant end = authority.certificate().getNotAfter().toInstant();
    log.info(
        "issuing authority {} signs until {} and is replaced at {}",
        authority.signer().keyId(),
        end,
        term.replaceAt());
    observer.changed(
        new AuthorityLife(
            trust.root().signer().keyId(),
            trust.root().validity().notAfter(),
            authority.signer().keyId(),
            end));
  }

  private void schedule(Duration wait) {
    if (closed) {
      return;
    }
    Duration bounded = wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait;
    next =
        scheduler.schedule(
            () -> replaceIfDue(bounded), Math.max(1, bounded.toMillis()), TimeUnit.MILLISECONDS);
  }

  private void replaceIfDue(Duration waited) {
    left = left.minus(waited);
    SigningAuthority authority = current;
    boolean due =
        authority == null
            || left.isZero()
            || left.isNegative()
            || AuthorityTerm.of(authority.certificate(), trust.root().validity())
                .isDue(clock.instant());
    if (!due) {
      schedule(left);
      return;
    }
    try {
      replace(authority);
      schedule(left);
    } catch (RefusedException e) {
      failed(e);
    } catch (StartRefusedException | RuntimeException e) {
      failed(new RefusedException(RefusalReason.AUTHORITY_UNAVAILABLE, "a defect: " + e, e));
    }
  }

  /** One that an earlier try made, whose answer was lost, is taken as it is. */
  private void replace(@Nullable SigningAuthority authority)
      throws StartRefusedException, RefusedException {
    Optional<SigningAuthority> found =
        authorities
            .find(trust)
            .filter(one ->
                authority == null || !one.signer().keyId().equals(authority.signer().keyId()));
    activate(found.isPresent() ? found.get() : authorities.make(trust, lifetime));
  }

  private void failed(RefusedException cause) {
    log.error("no issuing authority could be made, trying again: {}", cause.getMessage());
    observer.replacementFailed(cause);
    schedule(RETRY);
  }

  /** Ends the replacing. */
  @Override
  public void close() {
    closed = true;
    ScheduledFuture<?> scheduled = next;
    if (scheduled != null) {
      scheduled.cancel(false);
    }
  }
}
