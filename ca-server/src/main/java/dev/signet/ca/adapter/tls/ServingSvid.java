package dev.signet.ca.adapter.tls;

import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.svid.ServerSvids;
import dev.signet.process.StartRefusedException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's own SVID and key: made at start, replaced at half of its life with a new key, and
 * kept while that fails. Thread-safe. Its timer is the caller's to stop.
 */
public final class ServingSvid {
  private static final Logger log = LoggerFactory.getLogger(ServingSvid.class);
  private static final Duration RETRY = Duration.ofSeconds(10);

  private final ServerSvids svids;
  private final InstantSource clock;
  private final ScheduledExecutorService timers;
  private volatile Pair identities;

  /** The current one, and the one before it for handshakes that are under way. */
  private record Pair(Identity current, Optional<Identity> previous) {}

  /** A chain and its key. */
  static final class Identity {
    private final IssuedSvid svid;
    private final PrivateKey key;

    Identity(IssuedSvid svid, PrivateKey key) {
      this.svid = svid;
      this.key = key;
    }

    String alias() {
      return svid.serial();
    }

    List<X509Certificate> chain() {
      return svid.chain();
    }

    PrivateKey key() {
      return key;
    }

    @Override
    public String toString() {
      return svid.id() + " (serial " + svid.serial() + ")";
    }
  }

  private ServingSvid(
      ServerSvids svids, InstantSource clock, ScheduledExecutorService timers, Identity first) {
    this.svids = svids;
    this.clock = clock;
    this.timers = timers;
    this.identities = new Pair(first, Optional.empty());
  }

  /**
   * Issues the first one, and plans its renewal.
   *
   * @throws StartRefusedException if none is issued: without one nobody could connect
   */
  public static ServingSvid start(
      ServerSvids svids, InstantSource clock, ScheduledExecutorService timers)
      throws StartRefusedException, InterruptedException {
    try {
      ServingSvid serving = new ServingSvid(svids, clock, timers, issue(svids));
      serving.planRenewal();
      return serving;
    } catch (RefusedException e) {
      RefusalReason reason = e.refusal().reason();
      throw new StartRefusedException(
          "no serving certificate: " + e.getMessage() + ". " + reason.hint(), e);
    }
  }

  Identity current() {
    return identities.current();
  }

  Optional<Identity> byAlias(String alias) {
    Pair pair = identities;
    if (pair.current().alias().equals(alias)) {
      return Optional.of(pair.current());
    }
    return pair.previous().filter(identity -> identity.alias().equals(alias));
  }

  /** End of the SVID that is shown now. */
  public Instant notAfter() {
    return current().svid.notAfter();
  }

  private void planRenewal() {
    Duration half = Duration.between(clock.instant(), notAfter()).dividedBy(2);
    plan(half.compareTo(RETRY) > 0 ? half : RETRY);
  }

  private void plan(Duration delay) {
    Runnable apart = () -> Thread.ofVirtual().name("serving-svid").start(this::renew);
    var _ = timers.schedule(apart, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Replaces it now, by whatever authority signs now.
   *
   * @throws RefusedException if none is issued; the present one is kept
   */
  public synchronized void replace() throws RefusedException, InterruptedException {
    identities = new Pair(issue(svids), Optional.of(current()));
  }

  private void renew() {
    try {
      replace();
      planRenewal();
    } catch (RefusedException | RuntimeException e) {
      log.warn(
          "the serving certificate is not renewed ({}); the present one lasts until {}",
          e.getMessage(),
          notAfter());
      plan(RETRY);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Identity issue(ServerSvids svids) throws RefusedException, InterruptedException {
    KeyPair pair = ServingKeys.generate();
    return new Identity(svids.issue(ServingKeys.csr(pair)), pair.getPrivate());
  }
}
