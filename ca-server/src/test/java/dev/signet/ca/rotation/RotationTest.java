package dev.signet.ca.rotation;

import static dev.signet.ca.rotation.RotationFixture.ANN;
import static dev.signet.ca.rotation.RotationFixture.LIFETIMES;
import static dev.signet.ca.rotation.RotationFixture.NEW;
import static dev.signet.ca.rotation.RotationFixture.NOW;
import static dev.signet.ca.rotation.RotationFixture.OLD;
import static dev.signet.ca.rotation.RotationFixture.blocked;
import static dev.signet.ca.rotation.RotationFixture.open;
import static dev.signet.ca.rotation.RotationFixture.root;
import static dev.signet.ca.rotation.RotationFixture.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RotationTest {
  private static final NodeRef NODE = new NodeRef("c1", "node-1");
  private static final Operator MUTE = new Operator("ann", " ");

  private final TrustState calm = state(root(OLD, AuthorityState.ACTIVE));
  private final TrustState prepared =
      state(root(OLD, AuthorityState.ACTIVE), root(NEW, AuthorityState.PREPARED));
  private final TrustState published =
      state(root(OLD, AuthorityState.ACTIVE), root(NEW, AuthorityState.PUBLISHED));
  private final TrustState retiring =
      state(root(OLD, AuthorityState.RETIRING), root(NEW, AuthorityState.ACTIVE));
  private final TrustState tainted =
      state(root(OLD, AuthorityState.TAINTED), root(NEW, AuthorityState.ACTIVE));
  private final TrustState taintedAndSigns = state(root(OLD, AuthorityState.TAINTED));

  @Test
  void wholeRotation_eachStepOnce_revisionRisesWithTheSetOnly() throws Exception {
    TrustState one = after(calm, Rotation.prepare(calm, NEW, true, LIFETIMES, ANN, NOW));
    assertThat(one.revision()).isEqualTo(calm.revision());
    TrustState two = complete(one);
    TrustState three = after(two, Rotation.publish(two, NEW, LIFETIMES, ANN, NOW));
    assertThat(three.revision()).isEqualTo(calm.revision() + 1);
    assertThat(three.root(NEW).orElseThrow().forced()).isTrue();
    TrustState four =
        after(
            three,
            Rotation.activate(
                three, NEW, open(Step.Kind.ACTIVATE, NEW), LIFETIMES, ANN, false, NOW));
    assertThat(four.revision()).isEqualTo(three.revision());
    assertThat(four.signer().orElseThrow().id()).isEqualTo(NEW);
    assertThat(four.root(NEW).orElseThrow().forced()).isFalse();
    assertThat(four.root(OLD).orElseThrow())
        .isEqualTo(
            new TrustState.Root(
                OLD,
                AuthorityState.RETIRING,
                calm.root(OLD).orElseThrow().validity(),
                new Since(four.version(), four.revision(), NOW),
                true));
    TrustState five =
        after(four, Rotation.retire(four, OLD, open(Step.Kind.RETIRE, OLD), ANN, false, NOW));
    assertThat(TrustInvariants.bundle(five)).containsExactly(NEW);
    assertThat(five.revision()).isEqualTo(four.revision() + 1);
    assertThat(five.version()).isEqualTo(calm.version() + 4);
    assertThat(five.issuer(new KeyId("authority-root-old")).orElseThrow().state())
        .isEqualTo(AuthorityState.RETIRED);
  }

  /** RR13: two operators rotate at once. */
  @Test
  void twoAtOnce_oneWins_theOtherIsTold() throws Exception {
    TrustChange first = Rotation.prepare(calm, NEW, false, LIFETIMES, ANN, NOW);
    TrustChange second =
        Rotation.prepare(calm, new KeyId("root-other"), false, LIFETIMES, ANN, NOW);
    TrustState won = after(calm, first);

    assertThat(second.from()).isEqualTo(first.from());
    assertThatIllegalArgumentException().isThrownBy(() -> TrustInvariants.after(won, second));
    assertThat(
            refusal(
                () -> Rotation.prepare(won, new KeyId("root-other"), false, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.ROTATION_UNDER_WAY);
  }

  @Test
  void startWhileTheOldRootRetires_isRefused_unlessTheNewOneIsTainted() throws Exception {
    KeyId third = new KeyId("root-third");
    assertThat(refusal(() -> Rotation.prepare(retiring, third, false, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.ROTATION_UNDER_WAY);

    TrustState emergency =
        after(retiring, Rotation.taint(retiring, NEW, List.of(), LIFETIMES, ANN, NOW));

    assertThat(Rotation.prepare(emergency, third, true, LIFETIMES, ANN, NOW).authorities())
        .containsExactly(new TrustChange.AuthorityChange(third, AuthorityState.PREPARED, true));
  }

  @Test
  void startWithARootTooShortForItsLeaves_isRefused() {
    Lifetimes tooShort = new Lifetimes(Duration.ofHours(2), Duration.ofHours(1));

    assertThat(refusal(() -> Rotation.prepare(calm, NEW, false, tooShort, ANN, NOW)))
        .isEqualTo(RotationRefusal.NOT_LONG_ENOUGH);
    assertThat(refusal(() -> Rotation.prepare(calm, OLD, false, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.WRONG_STATE);
    assertThat(refusal(() -> Rotation.prepare(state(), NEW, false, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.WRONG_STATE);
  }

  @Test
  void publish_onlyWhatIsComplete_andLivesLongEnough_andOnce() {
    TrustState unmade = after(calm, new Prepared(calm).change());

    assertThat(refusal(() -> Rotation.publish(unmade, NEW, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.KEY_NOT_MADE);
    assertThat(
            refusal(() ->
                Rotation.publish(prepared, NEW, LIFETIMES, ANN, NOW.plus(Duration.ofDays(999)))))
        .isEqualTo(RotationRefusal.NOT_LONG_ENOUGH);
    assertThat(refusal(() -> Rotation.publish(published, NEW, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.ALREADY_DONE);
    assertThat(refusal(() -> Rotation.publish(retiring, OLD, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.WRONG_STATE);
    assertThat(refusal(() -> Rotation.publish(calm, new KeyId("nobody"), LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.NO_SUCH_AUTHORITY);
  }

  @Test
  void activateTwice_orBeforeItIsPublished_isRefused() {
    Gate gate = open(Step.Kind.ACTIVATE, NEW);

    assertThat(refusal(() -> activate(retiring, gate, ANN, false)))
        .isEqualTo(RotationRefusal.ALREADY_DONE);
    assertThat(refusal(() -> activate(prepared, gate, ANN, false)))
        .isEqualTo(RotationRefusal.WRONG_STATE);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> activate(published, open(Step.Kind.RETIRE, NEW), ANN, false));
  }

  @Test
  void activateAgainstItsGate_needsAnOverrideWithAReason_andSaysWhomItPassedOver()
      throws Exception {
    Gate gate = blocked(Step.Kind.ACTIVATE, NEW, 7);

    assertThat(refusal(() -> activate(published, gate, ANN, false)))
        .isEqualTo(RotationRefusal.STILL_NEEDED);
    assertThat(refusal(() -> activate(published, gate, MUTE, true)))
        .isEqualTo(RotationRefusal.REASON_MISSING);
    Step step = activate(published, gate, ANN, true).step();
    assertThat(step.overrides())
        .startsWith("7 were passed over: shop/pod-0 on c1/node-1 (holds revision 3, not 4), ")
        .endsWith(" and 2 more")
        .contains("shop/pod-4")
        .doesNotContain("shop/pod-5");
    assertThat(step.why()).isEqualTo("drill");
    assertThat(step.who()).isEqualTo("ann");
    assertThat(activate(published, open(Step.Kind.ACTIVATE, NEW), ANN, true).step().overrides())
        .isEmpty();
  }

  @Test
  void activateARootThatEndsBeforeItsLeaves_isRefused_evenWithAnOverride() {
    assertThat(
            refusal(() ->
                Rotation.activate(
                    published,
                    NEW,
                    open(Step.Kind.ACTIVATE, NEW),
                    LIFETIMES,
                    ANN,
                    true,
                    NOW.plus(Duration.ofDays(999)))))
        .isEqualTo(RotationRefusal.NOT_LONG_ENOUGH);
  }

  @Test
  void retireWithLiveLeaves_isRefused_andOverriddenItForcesTheirReplacement() throws Exception {
    Gate gate = blocked(Step.Kind.RETIRE, OLD, 1);

    assertThat(refusal(() -> Rotation.retire(retiring, OLD, gate, ANN, false, NOW)))
        .isEqualTo(RotationRefusal.STILL_NEEDED);
    TrustState done = after(retiring, Rotation.retire(retiring, OLD, gate, ANN, true, NOW));
    assertThat(RotationSchedule.reissue(done, NOW)).contains(new KeyId("authority-root-old"));
  }

  @Test
  void retireWhatSigns_orIsGone_orIsTainted_isRefused() {
    Gate gate = open(Step.Kind.RETIRE, OLD);

    assertThat(refusal(() -> Rotation.retire(calm, OLD, gate, ANN, true, NOW)))
        .isEqualTo(RotationRefusal.STILL_SIGNS);
    assertThat(refusal(() -> Rotation.retire(tainted, OLD, gate, ANN, true, NOW)))
        .isEqualTo(RotationRefusal.WRONG_STATE);
    TrustState gone = state(root(OLD, AuthorityState.RETIRED), root(NEW, AuthorityState.ACTIVE));
    assertThat(refusal(() -> Rotation.retire(gone, OLD, gate, ANN, true, NOW)))
        .isEqualTo(RotationRefusal.ALREADY_DONE);
  }

  @Test
  void abort_beforeItSigns_only() throws Exception {
    assertThat(after(prepared, Rotation.abort(prepared, ANN, NOW)).revision())
        .isEqualTo(prepared.revision());
    TrustState given = after(published, Rotation.abort(published, ANN, NOW));
    assertThat(given.revision()).isEqualTo(published.revision() + 1);
    assertThat(given.root(NEW).orElseThrow().state()).isEqualTo(AuthorityState.RETIRED);
    assertThat(refusal(() -> Rotation.abort(retiring, ANN, NOW)))
        .isEqualTo(RotationRefusal.TOO_LATE_TO_ABORT);
    assertThat(refusal(() -> Rotation.abort(calm, ANN, NOW)))
        .isEqualTo(RotationRefusal.NO_ROTATION);
  }

  @Test
  void pauseAndResume_once() throws Exception {
    TrustState paused = after(published, Rotation.pause(published, ANN, NOW));

    assertThat(paused.paused()).isTrue();
    assertThat(refusal(() -> Rotation.pause(paused, ANN, NOW)))
        .isEqualTo(RotationRefusal.ALREADY_DONE);
    assertThat(after(paused, Rotation.resume(paused, ANN, NOW)).paused()).isFalse();
    assertThat(refusal(() -> Rotation.resume(published, ANN, NOW)))
        .isEqualTo(RotationRefusal.ALREADY_DONE);
  }

  @Test
  void overrideOfWhatIsDue_needsSomethingThatIs() {
    Consumers nobody = new Consumers(List.of(), List.of(), List.of());

    assertThat(refusal(() -> Rotation.override(calm, nobody, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.NO_ROTATION);
    assertThat(refusal(() -> Rotation.override(prepared, nobody, LIFETIMES, ANN, NOW)))
        .isEqualTo(RotationRefusal.KEY_NOT_MADE);
    assertThat(refusal(() -> Rotation.override(published, nobody, LIFETIMES, MUTE, NOW)))
        .isEqualTo(RotationRefusal.REASON_MISSING);
    assertThat(refusal(() -> Rotation.override(retiring, nobody, LIFETIMES, MUTE, NOW)))
        .isEqualTo(RotationRefusal.REASON_MISSING);
  }

  /** RR14: taint and revoke in one breath. */
  @Test
  void taintAndRevokeOfTheActiveRootInOneBreath_revokeIsRefused_evenWithAnOverride()
      throws Exception {
    assertThat(refusal(() -> revoke(calm, OLD, true))).isEqualTo(RotationRefusal.STILL_SIGNS);

    TrustState breath = after(calm, Rotation.taint(calm, OLD, List.of(), LIFETIMES, ANN, NOW));

    assertThat(breath.signer().orElseThrow().id()).isEqualTo(OLD);
    assertThat(refusal(() -> revoke(breath, OLD, true))).isEqualTo(RotationRefusal.STILL_SIGNS);
    assertThat(RotationSchedule.reissue(breath, NOW)).isEmpty();
    assertThat(RotationSchedule.due(breath, List.of(), LIFETIMES, NOW).orElseThrow())
        .extracting(NextStep::kind, NextStep::forced)
        .containsExactly(Step.Kind.PREPARE, true);
  }

  /** RR14: with a root that everybody holds, tainting the active one activates it. */
  @Test
  void taintOfTheActiveRootWithAGatedOne_bothInOneStep() throws Exception {
    TrustChange change =
        Rotation.taint(published, OLD, List.of(open(Step.Kind.ACTIVATE, NEW)), LIFETIMES, ANN, NOW);
    TrustState next = after(published, change);

    assertThat(next.root(OLD).orElseThrow().state()).isEqualTo(AuthorityState.TAINTED);
    assertThat(next.signer().orElseThrow().id()).isEqualTo(NEW);
    assertThat(next.revision()).isEqualTo(published.revision());
    assertThat(RotationSchedule.reissue(next, NOW))
        .containsExactly(new KeyId("authority-root-old"));
    assertThat(refusal(() -> revokeBlocked(next))).isEqualTo(RotationRefusal.STILL_NEEDED);
    TrustState without =
        after(
            published,
            Rotation.taint(
                published, OLD, List.of(blocked(Step.Kind.ACTIVATE, NEW, 1)), LIFETIMES, ANN, NOW));
    assertThat(without.root(NEW).orElseThrow().state()).isEqualTo(AuthorityState.PUBLISHED);
  }

  @Test
  void taint_ofWhatHasSignedNothing_orIsGone_orTwice_isRefused() {
    assertThat(refusal(() -> taint(published, NEW))).isEqualTo(RotationRefusal.WRONG_STATE);
    assertThat(refusal(() -> taint(tainted, OLD))).isEqualTo(RotationRefusal.ALREADY_DONE);
    TrustState gone = state(root(OLD, AuthorityState.REVOKED), root(NEW, AuthorityState.ACTIVE));
    assertThat(refusal(() -> taint(gone, OLD))).isEqualTo(RotationRefusal.WRONG_STATE);
    assertThat(refusal(() -> taint(gone, new KeyId("authority-root-old"))))
        .isEqualTo(RotationRefusal.WRONG_STATE);
    assertThat(refusal(() -> taint(calm, new KeyId("nobody"))))
        .isEqualTo(RotationRefusal.NO_SUCH_AUTHORITY);
  }

  @Test
  void taintOfAnIssuingAuthority_itsLeavesAreReplaced_andItCannotBeRevoked() throws Exception {
    KeyId authority = new KeyId("authority-root-old");
    TrustState next = after(calm, Rotation.taint(calm, authority, List.of(), LIFETIMES, ANN, NOW));

    assertThat(next.revision()).isEqualTo(calm.revision());
    assertThat(next.root(OLD).orElseThrow().state()).isEqualTo(AuthorityState.ACTIVE);
    assertThat(RotationSchedule.reissue(next, NOW)).containsExactly(authority);
    assertThat(refusal(() -> taint(next, authority))).isEqualTo(RotationRefusal.ALREADY_DONE);
    RotationRefusedException refused =
        catchThrowableOfType(RotationRefusedException.class, () -> revoke(next, authority, true));
    assertThat(refused.reason()).isEqualTo(RotationRefusal.WRONG_STATE);
    assertThat(refused).hasMessageContaining("not revoked apart from its root");
  }

  @Test
  void revoke_takesItsAuthoritiesWithIt_andOnlyATaintedOneGoes() throws Exception {
    TrustState next = after(tainted, revoke(tainted, OLD, false));

    assertThat(TrustInvariants.bundle(next)).containsExactly(NEW);
    assertThat(next.issuer(new KeyId("authority-root-old")).orElseThrow().state())
        .isEqualTo(AuthorityState.REVOKED);
    assertThat(refusal(() -> revoke(next, OLD, false))).isEqualTo(RotationRefusal.ALREADY_DONE);
    assertThat(refusal(() -> revoke(retiring, OLD, true))).isEqualTo(RotationRefusal.WRONG_STATE);
    assertThat(refusal(() -> revoke(retiring, NEW, true))).isEqualTo(RotationRefusal.STILL_SIGNS);
    assertThat(refusal(() -> revoke(taintedAndSigns, OLD, true)))
        .isEqualTo(RotationRefusal.STILL_SIGNS);
    assertThat(refusal(() -> revoke(published, NEW, true))).isEqualTo(RotationRefusal.WRONG_STATE);
  }

  @Test
  void banAndUnban() throws Exception {
    TrustState banned = after(calm, Rotation.ban(calm, NODE, true, ANN, NOW));

    assertThat(banned.bans()).containsExactly(new Ban("c1", "node-1", "ann", "drill", NOW));
    assertThat(banned.revision()).isEqualTo(calm.revision());
    assertThat(refusal(() -> Rotation.ban(banned, NODE, true, ANN, NOW)))
        .isEqualTo(RotationRefusal.ALREADY_DONE);
    assertThat(refusal(() -> Rotation.ban(calm, NODE, false, ANN, NOW)))
        .isEqualTo(RotationRefusal.NO_SUCH_NODE);
    assertThat(after(banned, Rotation.unban(banned, NODE, ANN, NOW)).bans()).isEmpty();
    assertThat(refusal(() -> Rotation.unban(calm, NODE, ANN, NOW)))
        .isEqualTo(RotationRefusal.ALREADY_DONE);
  }

  private static TrustChange activate(TrustState state, Gate gate, Operator by, boolean override)
      throws RotationRefusedException {
    return Rotation.activate(state, NEW, gate, LIFETIMES, by, override, NOW);
  }

  private static TrustChange taint(TrustState state, KeyId id) throws RotationRefusedException {
    return Rotation.taint(state, id, List.of(), LIFETIMES, ANN, NOW);
  }

  private static TrustChange revoke(TrustState state, KeyId id, boolean override)
      throws RotationRefusedException {
    return Rotation.revoke(state, id, open(Step.Kind.REVOKE, id), ANN, override, NOW);
  }

  private static TrustChange revokeBlocked(TrustState state) throws RotationRefusedException {
    return Rotation.revoke(state, OLD, blocked(Step.Kind.REVOKE, OLD, 1), ANN, false, NOW);
  }

  private static TrustState after(TrustState state, TrustChange change) {
    TrustState next = TrustInvariants.after(state, change);
    assertThat(TrustInvariants.broken(state, next)).isEmpty();
    return next;
  }

  private static TrustState complete(TrustState state) {
    List<TrustState.Root> roots =
        state.roots().stream()
            .map(root ->
                new TrustState.Root(
                    root.id(),
                    root.state(),
                    root.validity()
                        .or(() -> Optional.of(new Validity(NOW, NOW.plus(LIFETIMES.root())))),
                    root.since(),
                    root.forced()))
            .toList();
    return new TrustState(
        state.version(), state.revision(), state.paused(), roots, state.issuers(), state.bans());
  }

  private static RotationRefusal refusal(ThrowingCallable call) {
    RotationRefusedException refused = catchThrowableOfType(RotationRefusedException.class, call);
    assertThat(refused).as("a refusal").isNotNull();
    return refused.reason();
  }

  /** A root that is named and not made. */
  private record Prepared(TrustState state) {
    TrustChange change() {
      try {
        return Rotation.prepare(state, NEW, false, LIFETIMES, ANN, NOW);
      } catch (RotationRefusedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
