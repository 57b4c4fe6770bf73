package dev.signet.clustertest.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Output;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Predicate;

/** Waits for what controllers and caches of the cluster do a moment later. */
final class Wait {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Wait() {}

  /** A command of the lab. */
  @FunctionalInterface
  interface Look {
    Output look() throws Exception;
  }

  static void until(String what, Look look, Predicate<Output> right) throws InterruptedException {
    assertThat(Eventually.await(LIMIT, () -> Optional.of(look.look()).filter(right)))
        .as("%s, within %s", what, LIMIT)
        .isPresent();
  }
}
