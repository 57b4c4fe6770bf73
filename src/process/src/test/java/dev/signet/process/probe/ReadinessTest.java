package dev.signet.process.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  private final Readiness readiness = new Readiness();

  @Test
  void noCondition_isNotReady() {
    assertThat(readiness.ready()).isFalse();
  }

  @Test
  void allConditions_mustHold() {
    Readiness.Condition store = readiness.condition("store", "opening");
    Readiness.Condition root = readiness.condition("root", "loading");
    store.ready();
    assertThat(readiness.ready()).isFalse();
    root.ready();
    assertThat(readiness.ready()).isTrue();
    store.notReady("disk full");
    assertThat(readiness.ready()).isFalse();
    assertThat(readiness.states())
        .containsExactly(
            new Readiness.State("store", Optional.of("disk full")),
            new Readiness.State("root", Optional.empty()));
  }
}
