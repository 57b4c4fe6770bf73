package dev.signet.agent.bundle;

import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.bundle.ConsumerLedger.Consumer;
import dev.signet.agent.bundle.ConsumerLedger.Count;
import dev.signet.agent.bundle.ConsumerLedger.Shown;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class ConsumerLedgerTest {
  private final ConsumerLedger ledger = new ConsumerLedger();

  private static void send(Consumer consumer, long revision, String serial) {
    consumer.sent(revision, consumer.handing(revision, serial));
  }

  @Test
  void noConsumer_isNoClass() {
    assertThat(ledger.summary(1).counts()).isEmpty();
    assertThat(ledger.summary(1).laggards()).isEmpty();
    assertThat(ledger.shown(UID, 1, "a1")).isEmpty();
  }

  @Test
  void classes_areCountedApart_andLaggardsNamed() {
    send(ledger.open(UID), 2, "a1");
    ledger.open(UID).acknowledged(2, "a1");
    send(ledger.open(OTHER_UID), 1, "b1");

    assertThat(ledger.summary(2).counts())
        .containsExactly(new Count(Evidence.ACKNOWLEDGED, 1, 1), new Count(Evidence.SENT, 1, 2));
    assertThat(ledger.summary(2).laggards()).containsExactly(OTHER_UID);
    assertThat(ledger.shown(UID, 2, "a1"))
        .containsExactly(
            new Shown(Evidence.ACKNOWLEDGED, 1, 2, "a1"), new Shown(Evidence.SENT, 1, 2, "a1"));
  }

  @Test
  void consumerThatAcknowledges_isNotBelievedByWhatWasSent() {
    Consumer consumer = ledger.open(UID);
    send(consumer, 1, "a1");
    consumer.acknowledged(1, "a1");
    send(consumer, 2, "a2");

    assertThat(ledger.summary(2).counts()).containsExactly(new Count(Evidence.ACKNOWLEDGED, 0, 1));
    assertThat(ledger.shown(UID, 2, "a2"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 1, 1, "a1"));
    consumer.acknowledged(2, "a2");
    assertThat(ledger.summary(2).counts()).containsExactly(new Count(Evidence.ACKNOWLEDGED, 1, 1));
    assertThat(ledger.shown(UID, 2, "a2"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 1, 2, "a2"));
  }

  /**
   * Each is the lowest of its class: the oldest leaf may be another consumer's than the oldest
   * bundle.
   */
  @Test
  void ofSeveralConsumers_theLowestRevisionAndTheOldestLeafAreShown() {
    Consumer one = ledger.open(UID);
    Consumer two = ledger.open(UID);
    // Serials are drawn by lot: the older one is the greater here.
    send(one, 1, "ff");
    send(two, 1, "ff");
    send(one, 3, "ff");
    send(two, 2, "0a");

    assertThat(ledger.shown(UID, 3, "0a")).containsExactly(new Shown(Evidence.SENT, 2, 2, "ff"));
    send(one, 3, "0a");
    assertThat(ledger.shown(UID, 3, "0a")).containsExactly(new Shown(Evidence.SENT, 2, 2, "0a"));
  }

  @Test
  void acknowledgedLeafThatWasNeverHandedOut_isUnknown_andTheOldestOfAll() {
    Consumer honest = ledger.open(UID);
    send(honest, 1, "a1");
    honest.acknowledged(1, "a1");
    Consumer other = ledger.open(OTHER_UID);
    send(other, 1, "b1");
    Consumer odd = ledger.open(UID);
    send(odd, 1, "a1");

    // Of another pod: handed out, but not to this one.
    odd.acknowledged(1, "b1");

    assertThat(ledger.shown(UID, 1, "a1"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 2, 1, HandedLeaf.UNKNOWN.serial()));
    odd.acknowledged(1, "a1");
    assertThat(ledger.shown(UID, 1, "a1"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 2, 1, "a1"));
  }

  @Test
  void acknowledgementWithoutALeaf_ofWhoWasSentOne_isUnknown_andNoneOtherwise() {
    Consumer sent = ledger.open(UID);
    send(sent, 1, "a1");
    sent.acknowledged(1, "");
    Consumer bundleAlone = ledger.open(OTHER_UID);
    send(bundleAlone, 1, "");
    bundleAlone.acknowledged(1, "");

    assertThat(ledger.shown(UID, 1, "a1"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 1, 1, HandedLeaf.UNKNOWN.serial()));
    assertThat(ledger.shown(OTHER_UID, 1, "b1"))
        .containsExactly(
            new Shown(Evidence.ACKNOWLEDGED, 1, 1, ""), new Shown(Evidence.HELD, 1, 1, "b1"));
  }

  /** The client may answer before the I/O thread has said that the message left. */
  @Test
  void leafThatIsBeingWritten_mayBeAcknowledged() {
    Consumer consumer = ledger.open(UID);
    HandedLeaf leaf = consumer.handing(1, "a1");
    consumer.acknowledged(1, "a1");
    consumer.sent(1, leaf);

    assertThat(ledger.shown(UID, 1, "a1"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 1, 1, "a1"));
  }

  @Test
  void pod_isHeldUntilALeafIsHandedOut_andUnseenWhenTheLastStreamOfOneIsGone() {
    ledger.published(UID);
    assertThat(ledger.shown(UID, 3, "")).containsExactly(new Shown(Evidence.HELD, 1, 3, ""));
    assertThat(ledger.shown(UID, 4, "a1")).containsExactly(new Shown(Evidence.HELD, 1, 4, "a1"));
    Consumer one = ledger.open(UID);
    Consumer two = ledger.open(UID);
    send(one, 4, "a1");
    send(two, 4, "a1");
    send(two, 5, "a2");
    one.close();
    assertThat(ledger.shown(UID, 5, "a2")).containsExactly(new Shown(Evidence.SENT, 1, 5, "a2"));

    two.close();

    assertThat(ledger.shown(UID, 6, "a3")).containsExactly(new Shown(Evidence.UNSEEN, 1, 5, "a2"));
  }

  /** What a client got before it was cut off is not known: the first leaf counts as handed out. */
  @Test
  void leafThatNeverLeft_countsAsHandedOut() {
    ledger.published(UID);
    Consumer consumer = ledger.open(UID);
    consumer.handing(2, "a1");
    consumer.close();

    assertThat(ledger.shown(UID, 3, "a2")).containsExactly(new Shown(Evidence.UNSEEN, 1, 2, "a1"));
  }

  @Test
  void bundleAlone_countsForTheRevision_andNotForTheLeaf() {
    ledger.published(UID);
    Consumer bundle = ledger.open(UID);
    send(bundle, 2, "");
    assertThat(ledger.shown(UID, 2, "a1"))
        .containsExactly(new Shown(Evidence.SENT, 1, 2, ""), new Shown(Evidence.HELD, 1, 2, "a1"));
    Consumer leaf = ledger.open(UID);
    send(leaf, 2, "a1");
    assertThat(ledger.shown(UID, 2, "a1")).containsExactly(new Shown(Evidence.SENT, 2, 2, "a1"));

    leaf.close();

    assertThat(ledger.shown(UID, 2, "a1"))
        .containsExactly(
            new Shown(Evidence.SENT, 1, 2, ""), new Shown(Evidence.UNSEEN, 1, 2, "a1"));
  }

  @Test
  void recoveredPod_countsAsHandedOut_withWhatWasKept() {
    ledger.recovered(UID, 7, "a1");
    ledger.recovered(OTHER_UID, 7, "");

    assertThat(ledger.shown(UID, 8, "a2")).containsExactly(new Shown(Evidence.UNSEEN, 1, 7, "a1"));
    assertThat(ledger.shown(OTHER_UID, 8, "b1"))
        .containsExactly(new Shown(Evidence.UNSEEN, 1, 7, ""));
  }

  @Test
  void renumberedBundles_areHeldByNobody() {
    Consumer consumer = ledger.open(UID);
    send(consumer, 7, "a1");
    ledger.recovered(OTHER_UID, 7, "b1");

    ledger.forget();

    assertThat(ledger.shown(UID, 3, "a1")).containsExactly(new Shown(Evidence.SENT, 1, 0, "a1"));
    assertThat(ledger.shown(OTHER_UID, 3, "b1"))
        .containsExactly(new Shown(Evidence.UNSEEN, 1, 0, "b1"));
  }

  @Test
  void podThatEnded_isForgotten_alsoWhereItsStreamsEndLater() {
    ledger.published(UID);
    Consumer consumer = ledger.open(UID);
    send(consumer, 1, "a1");
    ledger.ended(UID);
    consumer.close();
    ledger.published(OTHER_UID);
    ledger.ended(OTHER_UID);
    // A connection that was accepted just before its socket went.
    ledger.open(OTHER_UID).close();

    assertThat(ledger.size()).isZero();
  }

  /** A pod that lives for months has had thousands of leaves. */
  @Test
  void leaves_areNotRememberedForEver_andAForgottenOneIsUnknown() {
    Consumer slow = ledger.open(UID);
    send(slow, 1, "1");
    Consumer consumer = ledger.open(UID);
    for (int i = 2; i <= 66; i++) {
      send(consumer, 1, Integer.toHexString(i));
    }
    slow.acknowledged(1, "1");
    consumer.acknowledged(1, "42");

    assertThat(ledger.shown(UID, 1, "42"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 2, 1, HandedLeaf.UNKNOWN.serial()));
    slow.close();
    assertThat(ledger.shown(UID, 1, "42"))
        .containsExactly(new Shown(Evidence.ACKNOWLEDGED, 1, 1, "42"));
  }

  @Test
  void listeners_areToldOfChangesOnly() {
    var told = new ArrayList<String>();
    ledger.onChange(() -> told.add("changed"));

    Consumer consumer = ledger.open(UID);
    send(consumer, 1, "");
    send(consumer, 1, "");
    consumer.close();
    consumer.close();

    assertThat(told).hasSize(3);
    assertThat(ledger.summary(1).counts()).isEmpty();
  }

  @Test
  void listeners_areToldOfAnotherLeaf() {
    Consumer consumer = ledger.open(UID);
    send(consumer, 1, "a1");
    var told = new ArrayList<String>();
    ledger.onChange(() -> told.add("changed"));

    send(consumer, 1, "a2");
    consumer.acknowledged(1, "a2");
    consumer.acknowledged(1, "a2");

    assertThat(told).hasSize(2);
  }
}
