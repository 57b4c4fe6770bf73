package dev.signet.ca.authority;

import dev.signet.ca.ManualClock;
import dev.signet.ca.ManualScheduler;
import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.adapter.keys.MemoryKeyManager;
import dev.signet.ca.adapter.x509.BouncyCastleTbsWriter;
import dev.signet.ca.issuance.CertificateSigner;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.MemoryIssuanceLog;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TbsWriter;
import dev.signet.ca.keys.KeyManager;
import dev.signet.spiffe.TrustDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A CA on fakes for store and keys; what issues is the real thing. */
public final class CaWorld implements AutoCloseable {
  public static final Instant START = Instant.parse("2026-11-01T12:00:00Z");
  public static final TrustDomain SHOP = TrustDomain.parse("shop.example");
  public static final Duration ROOT_LIFETIME = Duration.ofDays(365);
  public static final Duration LONGEST_LEAF = Duration.ofHours(1);

  public final ManualClock clock = new ManualClock(START);
  public final ManualScheduler scheduler = new ManualScheduler();
  public final CryptoProvider crypto = CryptoProvider.choose();
  public final MemoryAuthorityStore store = new MemoryAuthorityStore();
  public final MemoryIssuanceLog log = new MemoryIssuanceLog().fencedBy(store::version);
  public final List<AuthorityLife> lives = new ArrayList<>();
  public final List<RefusedException> failures = new ArrayList<>();
  public final ExecutorService executor = Executors.newFixedThreadPool(2);
  public final TbsWriter writer = new BouncyCastleTbsWriter();
  public KeyManager keys = new MemoryKeyManager(crypto);

  public CertificateSigner signer() {
    return new CertificateSigner(log, keys, executor, crypto.ec(), clock, IssuanceSteps.NONE);
  }

  public TrustRoots roots() {
    return roots(SHOP, IssuanceSteps.NONE);
  }

  public TrustRoots roots(TrustDomain trustDomain, IssuanceSteps steps) {
    return new TrustRoots(
        trustDomain, store, store, log, keys, maker(trustDomain, steps), clock, steps);
  }

  public TrustRoot createRoot() {
    try {
      return roots().create(ROOT_LIFETIME).root();
    } catch (StartRefusedException e) {
      throw new AssertionError(e);
    }
  }

  /** As a process that starts: nothing is remembered but what is stored. */
  public ActiveAuthority start(TrustRoot root) throws StartRefusedException {
    return start(root, LONGEST_LEAF);
  }

  public ActiveAuthority start(TrustRoot root, Duration longestLeaf) throws StartRefusedException {
    IssuingAuthorities authorities =
        new IssuingAuthorities(
            SHOP,
            "replica-1",
            store,
            log,
            keys,
            maker(SHOP, IssuanceSteps.NONE),
            clock,
            IssuanceSteps.NONE);
    ActiveAuthority active =
        new ActiveAuthority(trust(root), authorities, longestLeaf, clock, scheduler, observer());
    active.start();
    return active;
  }

  private Trust trust(TrustRoot root) {
    try {
      return new Trust(store.state(), root, Map.of());
    } catch (RefusedException e) {
      throw new AssertionError(e);
    }
  }

  private AuthorityMaker maker(TrustDomain trustDomain, IssuanceSteps steps) {
    return new AuthorityMaker(trustDomain, store, writer, signer(), clock, steps);
  }

  private AuthorityObserver observer() {
    return new AuthorityObserver() {
      @Override
      public void changed(AuthorityLife life) {
        lives.add(life);
      }

      @Override
      public void replacementFailed(RefusedException cause) {
        failures.add(cause);
      }
    };
  }

  /** Both clocks. */
  public void pass(Duration duration) {
    Duration step = Duration.ofMinutes(10);
    for (Duration left = duration; left.isPositive(); left = left.minus(step)) {
      Duration now = left.compareTo(step) < 0 ? left : step;
      clock.advance(now);
      scheduler.advance(now);
    }
  }

  @Override
  public void close() {
    executor.close();
    log.close();
    scheduler.close();
  }
}
