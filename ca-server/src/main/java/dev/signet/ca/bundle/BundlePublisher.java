package dev.signet.ca.bundle;

import dev.signet.ca.issuance.RefusedException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the bundle published: at start, at each change, and again where others changed or removed
 * it, which a slow look finds. Nothing waits for it: identities are issued whether it succeeds or
 * not. One thread of its own does all of it, one step after the other, so that an older bundle
 * never replaces a newer one. Thread-safe.
 */
public final class BundlePublisher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BundlePublisher.class);
  private static final int MOST_CONFLICTS = 5;

  /**
   * How often it looks.
   *
   * @param recheck while all is well
   * @param retry after a failure
   */
  public record Pace(Duration recheck, Duration retry) {
    /** An agent dials with what it has mounted; kubelet itself takes a minute to bring a change. */
    public static final Pace DEFAULT = new Pace(Duration.ofSeconds(60), Duration.ofSeconds(5));
  }

  private final PublishedBundle place;
  private final CurrentBundle bundles;
  private final KnownRoots known;
  private final PublicationObserver observer;
  private final Pace pace;
  private final RandomGenerator jitter;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread = Thread.ofVirtual().name("trust-bundle").unstarted(this::run);

  // Of the thread that looks: first the caller of first(), then this one's own.
  private boolean recognised;
  private long published;
  private String failure = "";

  public BundlePublisher(
      PublishedBundle place,
      CurrentBundle bundles,
      KnownRoots known,
      PublicationObserver observer,
      Pace pace,
      RandomGenerator jitter) {
    this.place = place;
    this.bundles = bundles;
    this.known = known;
    this.observer = observer;
    this.pace = pace;
    this.jitter = jitter;
  }

  /**
   * Publishes for the first time. To be called once, before {@link #start}.
   *
   * @throws ForeignRootException if another root is published there; it is left as it is
   * @throws PublicationException if it cannot be published now
   */
  public void first() throws ForeignRootException, PublicationException, InterruptedException {
    try {
      publish();
    } catch (PublicationException e) {
      failed(String.valueOf(e.getMessage()));
      throw e;
    }
  }

  /** Begins to follow changes and to look after what is published. To be called once. */
  public void start() {
    bundles.follow(_ -> wake.release());
    thread.start();
  }

  private void run() {
    try {
      while (true) {
        var _ = wake.tryAcquire(pause().toNanos(), TimeUnit.NANOSECONDS);
        wake.drainPermits();
        if (!round()) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Spread by a fifth. */
  private Duration pause() {
    long nanos = (failure.isEmpty() ? pace.recheck() : pace.retry()).toNanos();
    return Duration.ofNanos(nanos - nanos / 10 + jitter.nextLong(nanos / 5 + 1));
  }

  /** False if there is no more to do. */
  private boolean round() throws InterruptedException {
    try {
      publish();
    } catch (ForeignRootException e) {
      observer.refused(String.valueOf(e.getMessage()));
      return false;
    } catch (PublicationException | RuntimeException e) {
      failed(String.valueOf(e.getMessage()));
    }
    return true;
  }

  private void failed(String why) {
    if (!why.equals(failure)) {
      log.error("the trust bundle is not known to be published: {}; tried again soon", why);
    }
    failure = why;
    observer.failed(why);
  }

  private void publish() throws ForeignRootException, PublicationException, InterruptedException {
    for (int conflicts = 0; ; conflicts++) {
      try {
        lookAndWrite();
        return;
      } catch (PublicationException e) {
        if (!e.isChangedMeanwhile() || conflicts == MOST_CONFLICTS) {
          throw e;
        }
      }
    }
  }

  private void lookAndWrite()
      throws ForeignRootException, PublicationException, InterruptedException {
    PublishedBundle.Look look = place.look();
    TrustBundle bundle = bundles.get();
    PublishedRoots found = PublishedRoots.parse(bundle.x509().trustDomain(), look.text());
    boolean wasWritten = published == bundle.revision();
    switch (TrustPath.next(found, bundle.x509(), known.all(), place, recognised)) {
      case TrustPath.Next.Keep() -> {}
      case TrustPath.Next.Write() -> {
        requireNewest(bundle);
        look.replace(bundle.x509().pem());
        if (wasWritten) {
          log.warn("others had changed or removed {}; it is published again", place.name());
          observer.repaired();
        } else {
          log.info("trust bundle revision {} is in {}", bundle.revision(), place.name());
        }
      }
      case TrustPath.Next.Refuse(String why) -> throw new ForeignRootException(why);
    }
    recognised = true;
    if (!failure.isEmpty()) {
      log.info("{} holds the trust bundle", place.name());
    }
    failure = "";
    published = bundle.revision();
    observer.published(published);
  }

  private void requireNewest(TrustBundle bundle) throws PublicationException {
    long revision;
    try {
      revision = known.newestRevision();
    } catch (RefusedException e) {
      throw new PublicationException(
          "whether revision "
              + bundle.revision()
              + " is the newest is not known: "
              + e.refusal().detail(),
          e);
    }
    if (revision != bundle.revision()) {
      throw new PublicationException(
          "the store has revision "
              + revision
              + " of the bundle, this replica revision "
              + bundle.revision());
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
