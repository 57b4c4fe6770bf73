package dev.signet.sandbox.kubelet;

import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.V1TokenRequestStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pod-bound tokens, cached by pod, audience and lifetime as kubelet's token manager does: a new one
 * once 80% of the lifetime or 24 h has passed (less a jitter of up to 10 s), and the old one while
 * the API server does not answer and it is valid. Thread-safe.
 */
final class PodTokens {
  private static final Logger LOG = LoggerFactory.getLogger(PodTokens.class);
  private static final Duration OLDEST = Duration.ofHours(24);
  private static final int JITTER_MILLIS = 10_000;

  private final NodeApi api;
  private final InstantSource clock;
  private final Supplier<? extends RandomGenerator> random;
  private final Map<Key, PodToken> cache = new ConcurrentHashMap<>();

  PodTokens(NodeApi api, InstantSource clock, Supplier<? extends RandomGenerator> random) {
    this.api = api;
    this.clock = clock;
    this.random = random;
  }

  PodToken token(BoundPod pod, String audience, long seconds) throws MountException {
    Key key = new Key(pod.uid(), audience, seconds);
    PodToken cached = cache.get(key);
    if (cached != null && clock.instant().isBefore(cached.refresh())) {
      return cached;
    }
    try {
      PodToken fresh = fresh(api.requestToken(pod, audience, seconds), seconds);
      cache.put(key, fresh);
      return fresh;
    } catch (ApiException e) {
      if (cached != null && clock.instant().isBefore(cached.expires())) {
        LOG.warn("The old token of {} for {} serves on: {}", pod, audience, NodeApi.reason(e));
        return cached;
      }
      throw new MountException("The API server gave no token of " + pod + " for " + audience, e);
    }
  }

  private PodToken fresh(AuthenticationV1TokenRequest answer, long seconds) throws MountException {
    V1TokenRequestStatus status = answer.getStatus();
    if (status == null || status.getToken() == null || status.getExpirationTimestamp() == null) {
      throw new MountException("The API server answered a TokenRequest without a token");
    }
    Instant expires = status.getExpirationTimestamp().toInstant();
    Instant issued = expires.minusSeconds(seconds);
    Instant due = issued.plusMillis(seconds * 800);
    Instant oldest = issued.plus(OLDEST);
    Instant refresh =
        (due.isBefore(oldest) ? due : oldest).minusMillis(random.get().nextInt(JITTER_MILLIS));
    return new PodToken(status.getToken(), expires, refresh);
  }

  /** Drops the tokens of a pod that is gone. */
  void forget(String podUid) {
    cache.keySet().removeIf(key -> key.podUid().equals(podUid));
  }

  private record Key(String podUid, String audience, long seconds) {}

  /** A token and until when it serves. */
  record PodToken(String token, Instant expires, Instant refresh) {
    @Override
    public String toString() {
      return "PodToken[until " + expires + "]";
    }
  }
}
