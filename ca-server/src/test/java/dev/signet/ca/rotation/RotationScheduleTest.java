package dev.signet.ca.rotation;

import static dev.signet.ca.rotation.RotationFixture.LIFETIMES;
import static dev.signet.ca.rotation.RotationFixture.NEW;
import static dev.signet.ca.rotation.RotationFixture.NOW;
import static dev.signet.ca.rotation.RotationFixture.OLD;
import static dev.signet.ca.rotation.RotationFixture.blocked;
import static dev.signet.ca.rotation.RotationFixture.open;
import static dev.signet.ca.rotation.RotationFixture.root;
import static dev.signet.ca.rotation.RotationFixture.state;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RotationScheduleTest {
  /** Of 300 days a third is left from here on. */
  private static final Instant DUE = NOW.plus(Duration.ofDays(100));

  private final TrustState calm = state(root(OLD, AuthorityState.ACTIVE));
  private final TrustState prepared =
      state(root(OLD, AuthorityState.ACTIVE), root(NEW, AuthorityState.PREPARED));
  private final TrustState published =
      state(root(OLD, AuthorityState.ACTIVE), root(NEW, AuthorityState.PUBLISHED));
  private final TrustState retiring =
      state(root(OLD, AuthorityState.RETIRING), root(NEW, AuthorityState.ACTIVE));
  private final TrustState taintedAndSigns = state(root(OLD, AuthorityState.TAINTED));

  @Test
  void aThirdOfTheRootsLifeIsLeft_aRotationBegins_unforced() {
    assertThat(RotationSchedule.due(calm, List.of(), LIFETIMES, DUE.minusSeconds(1))).isEmpty();
    assertThat(due(calm, DUE))
        .contains(
            new NextStep(
                Step.Kind.PREPARE,
                Optional.empty(),
                false,
                "root-old ends at " + NOW.plus(Duration.ofDays(200))));
    assertThat(due(retiring, DUE)).isEmpty();
    assertThat(due(paused(calm), DUE)).isEmpty();
  }

  @Test
  void shortLivedRoots_areReplacedWhileARotationFits_butNotInTheirFirstHalf() {
    Lifetimes hour = new Lifetimes(Duration.ofHours(6), Duration.ofMinutes(55));
    Validity nine = new Validity(NOW, NOW.plus(Duration.ofHours(9)));
    Validity six = new Validity(NOW, NOW.plus(Duration.ofHours(6)));

    assertThat(hour.replaceAt(nine)).isEqualTo(NOW.plus(Duration.ofHours(5)));
    assertThat(hour.replaceAt(six)).isEqualTo(NOW.plus(Duration.ofHours(3)));
  }

  @Test
  void preparedRoot_isPublishedOnceComplete_pausedOrNot() {
    assertThat(due(prepared, NOW)).map(NextStep::kind).contains(Step.Kind.PUBLISH);
    assertThat(due(paused(prepared), NOW)).map(NextStep::kind).contains(Step.Kind.PUBLISH);
    TrustState unmade =
        state(
            root(OLD, AuthorityState.ACTIVE),
            new TrustState.Root(
                NEW,
                AuthorityState.PREPARED,
                Optional.empty(),
                calm.roots().getFirst().since(),
                false));
    assertThat(due(unmade, NOW)).isEmpty();
  }

  @Test
  void openGate_isGoneThrough_unlessPaused() {
    Gate gate = open(Step.Kind.ACTIVATE, NEW);
    assertThat(due(published, NOW, gate))
        .contains(new NextStep(Step.Kind.ACTIVATE, Optional.of(NEW), false, "everybody holds it"));
    assertThat(due(published, NOW, blocked(Step.Kind.ACTIVATE, NEW, 1))).isEmpty();
    assertThat(due(paused(published), NOW, gate)).isEmpty();
    assertThat(due(published, NOW)).isEmpty();

    Gate removal = open(Step.Kind.RETIRE, OLD);
    assertThat(due(retiring, NOW, removal)).map(NextStep::kind).contains(Step.Kind.RETIRE);
    assertThat(due(paused(retiring), NOW, removal)).isEmpty();
    assertThat(due(retiring, NOW, blocked(Step.Kind.RETIRE, OLD, 1))).isEmpty();
  }

  /**
   * RR14: an emergency goes on by itself up to the gate, also while paused; revoking never does.
   */
  @Test
  void taintedRootThatSigns_isReplacedAtOnce_andNobodyRevokesByHimself() {
    assertThat(due(taintedAndSigns, NOW))
        .contains(
            new NextStep(
                Step.Kind.PREPARE, Optional.empty(), true, "root-old is tainted and signs"));
    assertThat(due(paused(taintedAndSigns), NOW)).isPresent();
    TrustState replaced =
        state(root(OLD, AuthorityState.TAINTED), root(NEW, AuthorityState.ACTIVE));
    assertThat(due(replaced, NOW, open(Step.Kind.REVOKE, OLD))).isEmpty();
  }

  @Test
  void emergencyDuringARetirement_doesNotWaitForIt() {
    KeyId third = new KeyId("root-third");
    TrustState both = state(root(OLD, AuthorityState.RETIRING), root(NEW, AuthorityState.TAINTED));
    assertThat(due(both, NOW, open(Step.Kind.RETIRE, OLD)))
        .map(NextStep::kind)
        .contains(Step.Kind.PREPARE);
    TrustState goesOn =
        state(
            root(OLD, AuthorityState.RETIRING),
            root(NEW, AuthorityState.TAINTED),
            root(third, AuthorityState.PUBLISHED));
    assertThat(due(goesOn, NOW, open(Step.Kind.RETIRE, OLD)))
        .map(NextStep::kind)
        .contains(Step.Kind.RETIRE);
  }

  @Test
  void tooLateToFinish_isAnAlarm_andTheGateStands() {
    Instant late = NOW.plus(Duration.ofDays(200)).minus(Duration.ofMinutes(65)).plusSeconds(1);

    assertThat(RotationSchedule.alarm(calm, LIFETIMES, late.minusSeconds(1))).isEmpty();
    assertThat(RotationSchedule.alarm(calm, LIFETIMES, late))
        .hasValueSatisfying(text ->
            assertThat(text)
                .startsWith("root-old signs and ends at ")
                .endsWith("No next root is under way"));
    assertThat(RotationSchedule.alarm(paused(calm), LIFETIMES, late).orElseThrow())
        .contains("signet rotate resume");
    assertThat(RotationSchedule.alarm(published, LIFETIMES, late).orElseThrow())
        .contains("root-new is PUBLISHED");
    assertThat(due(published, late, blocked(Step.Kind.ACTIVATE, NEW, 1))).isEmpty();
    assertThat(due(published, late, open(Step.Kind.ACTIVATE, NEW))).isEmpty();
  }

  @Test
  void reissue_belowForcedRootsThatDoNotSign_untilTheyHaveEnded() {
    assertThat(RotationSchedule.reissue(retiring, NOW)).isEmpty();
    assertThat(RotationSchedule.reissue(taintedAndSigns, NOW)).isEmpty();
    TrustState replaced =
        state(root(OLD, AuthorityState.TAINTED), root(NEW, AuthorityState.ACTIVE));
    assertThat(RotationSchedule.reissue(replaced, NOW))
        .containsExactly(new KeyId("authority-root-old"));
    assertThat(RotationSchedule.reissue(replaced, NOW.plus(Duration.ofHours(25)))).isEmpty();
  }

  private static Optional<NextStep> due(TrustState state, Instant now, Gate... gates) {
    return RotationSchedule.due(state, List.of(gates), LIFETIMES, now);
  }

  private static TrustState paused(TrustState state) {
    return new TrustState(
        state.version(), state.revision(), true, state.roots(), state.issuers(), state.bans());
  }
}
