package dev.signet.ca.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.TestAuthority;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BundlePublisherTest {
  private static final BundlePublisher.Pace NEVER =
      new BundlePublisher.Pace(Duration.ofDays(1), Duration.ofDays(1));
  private static final BundlePublisher.Pace QUICK =
      new BundlePublisher.Pace(Duration.ofMillis(5), Duration.ofMillis(5));

  private final TestAuthority a = new TestAuthority("a");
  private final TestAuthority b = new TestAuthority("b");
  private final CurrentBundle bundles = new CurrentBundle(Bundles.of(1, a));
  private final MemoryPublishedBundle place = new MemoryPublishedBundle();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private final List<X509Certificate> formerRoots = new ArrayList<>();
  private volatile long newest;
  private Optional<BundlePublisher> opened = Optional.empty();

  private BundlePublisher publisher(BundlePublisher.Pace pace) {
    PublicationObserver observer =
        new PublicationObserver() {
          @Override
          public void published(long revision) {
            told.add("published " + revision);
          }

          @Override
          public void repaired() {
            told.add("repaired");
          }

          @Override
          public void failed(String why) {
            told.add("failed: " + why);
          }

          @Override
          public void refused(String why) {
            told.add("refused: " + why);
          }
        };
    KnownRoots known =
        new KnownRoots() {
          @Override
          public List<X509Certificate> all() {
            return Stream.concat(formerRoots.stream(), bundles.get().x509().authorities().stream())
                .toList();
          }

          @Override
          public long newestRevision() {
            return newest == 0 ? bundles.get().revision() : newest;
          }
        };
    BundlePublisher publisher =
        new BundlePublisher(place, bundles, known, observer, pace, new Random(1));
    opened = Optional.of(publisher);
    return publisher;
  }

  @AfterEach
  void close() {
    opened.ifPresent(BundlePublisher::close);
  }

  private void awaitTold(String beginning) throws InterruptedException {
    String next = told.poll(20, TimeUnit.SECONDS);
    while (next != null && !next.startsWith(beginning)) {
      next = told.poll(20, TimeUnit.SECONDS);
    }
    assertThat(next).as("told: %s", beginning).isNotNull();
  }

  private String pem() {
    return bundles.get().x509().pem();
  }

  @Test
  void first_isThereWhenItReturns() throws Exception {
    publisher(NEVER).first();

    assertThat(place.text()).contains(pem());
    assertThat(told).containsExactly("published 1");
  }

  @Test
  void ownThereAlready_nothingIsWritten() throws Exception {
    place.put(Optional.of(pem()));

    publisher(NEVER).first();

    assertThat(place.writes()).isZero();
    assertThat(told).containsExactly("published 1");
  }

  @Test
  void change_isPublishedAtOnce() throws Exception {
    BundlePublisher publisher = publisher(NEVER);
    publisher.first();
    publisher.start();

    bundles.publish(Bundles.of(2, a, b));

    awaitTold("published 2");
    assertThat(place.text()).contains(pem());
    assertThat(told).doesNotContain("repaired");
  }

  @Test
  void changedOrRemovedByOthers_isPublishedAgain() throws Exception {
    BundlePublisher publisher = publisher(QUICK);
    publisher.first();
    publisher.start();

    place.put(Optional.empty());
    awaitTold("repaired");
    assertThat(place.text()).contains(pem());
    place.put(Optional.of(Bundles.of(1, b).x509().pem()));
    awaitTold("repaired");
    assertThat(place.text()).contains(pem());
    place.put(Optional.of("x"));
    awaitTold("repaired");
    assertThat(place.text()).contains(pem());
  }

  @Test
  void conflict_looksAgain_andGivesUpInTheEnd() throws Exception {
    place.conflicts(3);
    publisher(NEVER).first();
    assertThat(place.text()).contains(pem());

    place.put(Optional.empty());
    place.conflicts(1_000);
    assertThatThrownBy(() -> publisher(NEVER).first())
        .isInstanceOf(PublicationException.class)
        .hasMessageContaining("changed by others all the time");
  }

  @Test
  void troubleAtStart_isToldAndThrown_andMendsLater() throws Exception {
    place.trouble(Optional.of("the API is away"));
    BundlePublisher publisher = publisher(QUICK);

    assertThatThrownBy(publisher::first).isInstanceOf(PublicationException.class);
    awaitTold("failed: the API is away");
    publisher.start();
    place.trouble(Optional.empty());

    awaitTold("published 1");
    assertThat(place.text()).contains(pem());
  }

  @Test
  void troubleLater_isTold_andMendsItself() throws Exception {
    BundlePublisher publisher = publisher(QUICK);
    publisher.first();
    publisher.start();

    place.trouble(Optional.of("may not"));
    awaitTold("failed: may not");
    place.trouble(Optional.empty());

    awaitTold("published 1");
  }

  @Test
  void foreignRootAtStart_thrown_andLeftAsItIs() {
    String theirs = Bundles.of(7, b).x509().pem();
    place.put(Optional.of(theirs));

    assertThatThrownBy(() -> publisher(NEVER).first()).isInstanceOf(ForeignRootException.class);
    assertThat(place.text()).contains(theirs);
    assertThat(place.writes()).isZero();
  }

  /** The look that the start could not take decides as the start would have. */
  @Test
  void foreignRootFoundAfterAnOutage_refused_andLeftAsItIs() throws Exception {
    String theirs = Bundles.of(7, b).x509().pem();
    place.put(Optional.of(theirs));
    place.trouble(Optional.of("the API is away"));
    BundlePublisher publisher = publisher(QUICK);
    assertThatThrownBy(publisher::first).isInstanceOf(PublicationException.class);
    publisher.start();

    place.trouble(Optional.empty());

    awaitTold("refused: the place in memory publishes");
    assertThat(place.text()).contains(theirs);
    assertThat(place.writes()).isZero();
  }

  /** A CA that ended between the removal of a root and its publication goes on where it stopped. */
  @Test
  void formerRootStillPublishedAtStart_isWrittenOver() throws Exception {
    place.put(Optional.of(Bundles.of(1, a, b).x509().pem()));
    formerRoots.addAll(Bundles.of(1, b).x509().authorities());

    publisher(NEVER).first();

    assertThat(place.text()).contains(pem());
  }

  /** Another replica published a newer bundle; this one has not heard of it yet. */
  @Test
  void behindTheStore_nothingIsWrittenOver() throws Exception {
    BundlePublisher publisher = publisher(QUICK);
    publisher.first();
    publisher.start();
    String newer = Bundles.of(2, a, b).x509().pem();
    newest = 2;

    place.put(Optional.of(newer));
    awaitTold("failed: the store has revision 2 of the bundle, this replica revision 1");

    assertThat(place.text()).contains(newer);
    bundles.publish(Bundles.of(2, a, b));
    awaitTold("published 2");
  }
}
