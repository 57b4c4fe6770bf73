package dev.signet.agent.bundle;

import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.bundle.ConsumerLedger.Count;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

class ConsumerLedgerTest {
  private final ConsumerLedger ledger = new ConsumerLedger();

  @Test
  void noConsumer_isNoClass() {
    assertThat(ledger.summary(1).counts()).isEmpty();
    assertThat(ledger.summary(1).laggards()).isEmpty();
  }

  @Test
  void classes_areCountedApart_andLaggardsNamed() {
    ledger.open(UID).sent(2);
    ledger.open(UID).acknowledged(2);
    ledger.open(OTHER_UID).sent(1);

    assertThat(ledger.summary(2).counts())
        .containsExactly(new Count(Evidence.ACKNOWLEDGED, 1, 1), new Count(Evidence.SENT, 1, 2));
    assertThat(ledger.summary(2).laggards()).containsExactly(OTHER_UID);
  }

  @Test
  void consumerThatAcknowledges_isNotBelievedByWhatWasSent() {
    var consumer = ledger.open(UID);
    consumer.sent(1);
    consumer.acknowledged(1);
    consumer.sent(2);

    assertThat(ledger.summary(2).counts()).containsExactly(new Count(Evidence.ACKNOWLEDGED, 0, 1));
    consumer.acknowledged(2);
    assertThat(ledger.summary(2).counts()).containsExactly(new Count(Evidence.ACKNOWLEDGED, 1, 1));
  }

  @Test
  void listeners_areToldOfChangesOnly() {
    var told = new ArrayList<String>();
    ledger.onChange(() -> told.add("changed"));

    var consumer = ledger.open(UID);
    consumer.sent(1);
    consumer.sent(1);
    consumer.close();
    consumer.close();

    assertThat(told).hasSize(3);
    assertThat(ledger.summary(1).counts()).isEmpty();
  }
}
