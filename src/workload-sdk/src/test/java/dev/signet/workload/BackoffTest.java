package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private static final RandomGenerator HIGHEST = () -> -1L;
  private static final RandomGenerator LOWEST = () -> 0L;

  private final SettableClock clock = new SettableClock(Instant.parse("2026-01-01T00:00:00Z"));

  private Backoff backoff(RandomGenerator random) {
    return new Backoff(Backoff.Bounds.DEFAULT, clock, random);
  }

  @Test
  void firstFailure_isRetriedAtOnce() {
    assertThat(backoff(HIGHEST).next()).isZero();
  }

  @Test
  void bounds_doubleUpToTheCap_andStayThere() {
    Backoff backoff = backoff(HIGHEST);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      waits.add(backoff.next().plusNanos(1_000_000 - 1).toMillis());
    }

    assertThat(waits.subList(0, 9))
        .containsExactly(0L, 100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L);
    assertThat(waits.subList(9, 60)).containsOnly(10_000L);
  }

  @Test
  void jitter_isFull() {
    Backoff lowest = backoff(LOWEST);
    assertThat(lowest.next()).isZero();
    assertThat(lowest.next()).isZero();

    Backoff backoff = backoff(new SplittableRandom(7));
    for (int i = 0; i < 9; i++) {
      backoff.next();
    }
    List<Duration> waits = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      waits.add(backoff.next());
    }

    double mean = waits.stream().mapToLong(Duration::toMillis).average().orElseThrow();
    assertThat(mean).isBetween(4_600.0, 5_400.0);
    assertThat(waits).allMatch(wait -> wait.compareTo(Duration.ofSeconds(10)) <= 0);
    assertThat(waits).anyMatch(wait -> wait.toMillis() < 500).anyMatch(w -> w.toMillis() > 9_500);
  }

  @Test
  void somethingThatWorked_isRetriedAtOnceAgain_onceTheCapHasPassed() {
    Backoff backoff = backoff(HIGHEST);
    backoff.next();
    clock.advance(Duration.ofSeconds(10));
    backoff.worked();

    assertThat(backoff.next()).isZero();
    assertThat(backoff.next()).isPositive();
  }

  @Test
  void serverThatHangsUpAfterEachGoodMessage_getsNoBusyLoop() {
    Backoff backoff = backoff(HIGHEST);
    int atOnce = 0;
    for (int i = 0; i < 100; i++) {
      backoff.worked();
      if (backoff.next().isZero()) {
        atOnce++;
      }
    }

    assertThat(atOnce).isEqualTo(1);
  }

  @Test
  void answerNotToBeRetried_isRetriedSeldom() {
    assertThat(backoff(LOWEST).seldom()).isEqualTo(Duration.ofSeconds(30));
    assertThat(backoff(HIGHEST).seldom()).isBetween(Duration.ofSeconds(59), Duration.ofSeconds(60));
  }

  @Test
  void clockThatGoesBack_stillGivesABoundedWait() {
    Backoff backoff = backoff(HIGHEST);
    backoff.next();
    clock.advance(Duration.ofDays(-1));
    backoff.worked();

    assertThat(backoff.next()).isBetween(Duration.ofMillis(1), Duration.ofSeconds(10));
  }
}
