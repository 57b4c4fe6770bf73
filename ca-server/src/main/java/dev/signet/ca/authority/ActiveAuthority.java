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

  private final TrustRoot root;
  private final IssuingAuthorities authorities;
  private final Duration lifetime;
  private final InstantSource clock;
  private final ScheduledExecutorService scheduler;
  private final AuthorityObserver observer;

  private volatile @Nullable SigningAuthority current;
  private volatile @Nullable ScheduledFuture<?> next;
  private volatile boolean closed;

  /** How much of the term is left by the scheduler's count; touched by one thread at a time. */
  private Duration left = Duration.ZERO;

  /**
   * Makes one that has no authority yet.
   *
   * @param scheduler runs what blocks on store and keys, one at a time; closed by its owner
   */
  public ActiveAuthority(
      TrustRoot root,
      IssuingAuthorities authorities,
      Duration longestLeaf,
      InstantSource clock,
      ScheduledExecutorService scheduler,
      AuthorityObserver observer) {
    this.root = root;
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
      Optional<SigningAuthority> found = authorities.find(root);
      if (found.isPresent()) {
        activate(found.get());
      } else {
        activate(authorities.make(root, lifetime));
      }
      schedule(left);
    } catch (RefusedException e) {
      failed(e);
    }
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
    AuthorityTerm term = AuthorityTerm.of(authority.certificate(), root.validity());
    left = Duration.between(clock.instant(), term.replaceAt());
    Instant end = authority.certificate().getNotAfter().toInstant();
    log.info(
        "issuing authority {} signs until {} and is replaced at {}",
        authority.signer().keyId(),
        end,
        term.replaceAt());
    observer.changed(
        new AuthorityLife(
            root.signer().keyId(), root.validity().notAfter(), authority.signer().keyId(), end));
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
            || AuthorityTerm.of(authority.certificate(), root.validity()).isDue(clock.instant());
    if (!due) {
      schedule(left);
      return;
    }
    try {
      activate(authorities.make(root, lifetime));
      schedule(left);
    } catch (RefusedException e) {
      failed(e);
    } catch (RuntimeException e) {
      failed(new RefusedException(RefusalReason.AUTHORITY_UNAVAILABLE, "a defect: " + e, e));
    }
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
