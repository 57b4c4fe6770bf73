package dev.signet.ca.attestation;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.TokenReview;
import dev.signet.spiffe.TrustDomain;
import java.time.Duration;
import java.util.concurrent.Future;

/**
 * One review at a time for one token and audience: who asks while it is under way gets the same
 * answer. Nothing is kept once it is there, since the API server has a cache of its own (10 s) and
 * ours would make an ended token live longer. Thread-safe.
 */
final class InFlightReviews {
  // A request that joins late must not get an answer much older than itself.
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final int MOST = 65_536;

  private final TokenReviewer reviewer;
  private final ApiCalls calls;
  private final TrustDomain trustDomain;
  private final Cache<Key, Future<TokenReview>> inFlight =
      Caffeine.newBuilder().expireAfterWrite(LONGEST).maximumSize(MOST).build();

  InFlightReviews(TokenReviewer reviewer, ApiCalls calls, TrustDomain trustDomain) {
    this.reviewer = reviewer;
    this.calls = calls;
    this.trustDomain = trustDomain;
  }

  private record Key(String tokenSha256, TokenAudience audience) {}

  /** A review of the token, new or under way. It is shared: not to be cancelled. */
  Future<TokenReview> of(ServiceAccountToken token, TokenAudience audience) {
    return inFlight.get(
        new Key(token.sha256(), audience),
        key ->
            calls.start(
                () -> reviewer.review(token, audience.in(trustDomain)),
                () -> inFlight.invalidate(key)));
  }
}
