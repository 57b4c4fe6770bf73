package dev.signet.ca.svid;

import dev.signet.ca.issuance.Decision;
import dev.signet.ca.issuance.Decisions;
import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.Granted;
import dev.signet.ca.issuance.IssuancePolicy;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.Refused;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidIssuer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The last two steps of every use case: decide, then have it issued. Thread-safe. */
public final class Issuance {
  // The issuer ends by itself long before; this only keeps a caller from waiting for ever.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final IssuancePolicy policy;
  private final SvidIssuer issuer;
  private final InstantSource clock;

  public Issuance(IssuancePolicy policy, SvidIssuer issuer, InstantSource clock) {
    this.policy = policy;
    this.issuer = issuer;
    this.clock = clock;
  }

  /** What was granted, and what came of it. */
  record Outcome(Granted granted, IssuedSvid svid) {}

  Outcome issue(Facts facts) throws RefusedException, InterruptedException {
    Decision decision = Decisions.decide(facts, policy, clock.instant());
    return switch (decision) {
      case Refused refused -> throw new RefusedException(refused.refusal());
      case Granted granted -> new Outcome(granted, redeem(granted));
    };
  }

  private IssuedSvid redeem(Granted granted) throws RefusedException, InterruptedException {
    try {
      return issuer.issue(granted).get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RefusedException refused) {
        throw refused;
      }
      throw new IllegalStateException("the issuer failed", e.getCause());
    } catch (TimeoutException e) {
      throw new RefusedException(
          RefusalReason.STORE_UNAVAILABLE, "no SVID within " + LONGEST.toSeconds() + " s", e);
    }
  }
}
