package dev.signet.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Changes;
import dev.signet.ca.rotation.Since;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustChange;
import dev.signet.ca.rotation.TrustStateStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What every {@link AuthorityStore} does. */
public abstract class AuthorityStoreContract {
  protected static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  protected static final KeyId ROOT = new KeyId("root-1");
  protected static final KeyId NEXT_ROOT = new KeyId("root-2");
  protected static final KeyId ONE = new KeyId("authority-1");
  protected static final KeyId TWO = new KeyId("authority-2");
  protected static final String HASH = "ab".repeat(32);
  protected static final byte[] CERTIFICATE = {1, 2, 3};

  protected abstract AuthorityStore store();

  /** That of the same store. */
  protected abstract TrustStateStore trustStates();

  @Test
  void newStore_isEmpty() throws RefusedException {
    assertThat(store().authorities()).isEmpty();
    assertThat(store().trustVersion()).isEqualTo(new TrustVersion(0, 0));
  }

  @Test
  void prepared_hasItsRootAndReplicaAndNoCertificate() throws RefusedException {
    makeRoot();
    store().prepare(ONE, issuing("replica-7"), NOW);
    AuthorityRow row = row(ONE);

    assertThat(row.role()).isEqualTo(Role.ISSUING);
    assertThat(row.state()).isEqualTo(AuthorityState.PREPARED);
    assertThat(row.root()).contains(ROOT);
    assertThat(row.replica()).isEqualTo("replica-7");
    assertThat(row.since()).isEqualTo(new Since(1, 1, NOW));
    assertThat(row.forced()).isFalse();
    assertThat(row.createdAt()).isEqualTo(NOW);
    assertThat(row.keySha256()).isEmpty();
    assertThat(row.certificate()).isEmpty();
  }

  @Test
  void preparedTwice_isRefused() throws RefusedException {
    store().prepare(ONE, issuing("replica-1"), NOW);

    assertThatThrownBy(() -> store().prepare(ONE, issuing("replica-1"), NOW))
        .isInstanceOf(RefusedException.class);
    assertThat(store().authorities()).hasSize(1);
  }

  /** Of two processes that set up a CA at once, one does. */
  @Test
  void firstRootBesideAnother_isRefused() throws RefusedException {
    store().prepare(ROOT, new NewAuthority.FirstRoot(), NOW);

    assertThatThrownBy(() -> store().prepare(NEXT_ROOT, new NewAuthority.FirstRoot(), NOW))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("root");
    assertThat(store().authorities()).hasSize(1);
  }

  @Test
  void firstRoot_isActiveWithVersionAndRevisionOne() throws RefusedException {
    makeRoot();
    AuthorityRow row = row(ROOT);

    assertThat(row.role()).isEqualTo(Role.ROOT);
    assertThat(row.state()).isEqualTo(AuthorityState.ACTIVE);
    assertThat(row.root()).isEmpty();
    assertThat(row.replica()).isEmpty();
    assertThat(row.since()).isEqualTo(new Since(1, 1, NOW));
    assertThat(row.keySha256()).contains(HASH);
    assertThat(row.certificate().orElseThrow()).isEqualTo(CERTIFICATE);
    assertThat(store().trustVersion()).isEqualTo(new TrustVersion(1, 1));
  }

  @Test
  void firstRootCompletedTwice_isRefused() throws RefusedException {
    makeRoot();

    assertThat(refusal(() -> store().complete(ROOT, HASH, new byte[] {9})))
        .isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE);
    assertThat(row(ROOT).certificate().orElseThrow()).isEqualTo(CERTIFICATE);
    assertThat(store().trustVersion()).isEqualTo(new TrustVersion(1, 1));
  }

  @Test
  void completed_isActiveAndRaisesNothing() throws RefusedException {
    makeRoot();
    activate(ONE, "replica-1");

    assertThat(row(ONE).state()).isEqualTo(AuthorityState.ACTIVE);
    assertThat(row(ONE).keySha256()).contains(HASH);
    assertThat(row(ONE).certificate().orElseThrow()).isEqualTo(CERTIFICATE);
    assertThat(store().trustVersion()).isEqualTo(new TrustVersion(1, 1));
  }

  @Test
  void completedWithoutPreparation_isADefect() throws RefusedException {
    makeRoot();
    assertThatThrownBy(() -> store().complete(ONE, HASH, CERTIFICATE))
        .isInstanceOf(IllegalStateException.class);
    activate(ONE, "replica-1");

    assertThatThrownBy(() -> store().complete(ONE, HASH, CERTIFICATE))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void next_retiresTheOneOfItsReplicaAlone() throws RefusedException {
    makeRoot();
    activate(ONE, "replica-1");
    KeyId other = new KeyId("authority-9");
    activate(other, "replica-2");
    Instant later = NOW.plusSeconds(1);
    store().prepare(TWO, issuing("replica-1"), later);
    assertThat(row(ONE).state()).isEqualTo(AuthorityState.ACTIVE);
    store().complete(TWO, HASH, CERTIFICATE);

    assertThat(store().authorities())
        .extracting(row -> row.keyId() + " " + row.state())
        .containsExactly(
            "authority-1 RETIRED", "authority-9 ACTIVE", "root-1 ACTIVE", "authority-2 ACTIVE");
    assertThat(row(ONE).since()).isEqualTo(new Since(1, 1, later));
  }

  @Test
  void issuingBelowARootThatIsNotActive_isRefusedAndTheOneBeforeGoesOn() throws RefusedException {
    makeRoot();
    activate(ONE, "replica-1");
    store().prepare(TWO, issuing("replica-1"), NOW);
    makeNextRootActive();

    assertThat(refusal(() -> store().complete(TWO, HASH, CERTIFICATE)))
        .isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE);
    assertThat(row(TWO).state()).isEqualTo(AuthorityState.PREPARED);
    assertThat(row(ONE).state()).isEqualTo(AuthorityState.ACTIVE);
    KeyId three = new KeyId("authority-3");
    store().prepare(three, new NewAuthority.Issuing(NEXT_ROOT, "replica-1"), NOW);
    store().complete(three, HASH, CERTIFICATE);
    assertThat(row(three).since().version()).isEqualTo(4);
    assertThat(row(ONE).state()).isEqualTo(AuthorityState.RETIRED);
  }

  @Test
  void laterRoot_staysPreparedAndKeepsItsFirstCertificate() throws RefusedException {
    makeRoot();
    assertThat(trustStates().step(prepareNext())).isTrue();
    assertThat(row(NEXT_ROOT).certificate()).isEmpty();
    store().complete(NEXT_ROOT, HASH, CERTIFICATE);
    store().complete(NEXT_ROOT, "cd".repeat(32), new byte[] {7});

    AuthorityRow row = row(NEXT_ROOT);
    assertThat(row.state()).isEqualTo(AuthorityState.PREPARED);
    assertThat(row.since()).isEqualTo(new Since(2, 1, Changes.AT));
    assertThat(row.keySha256()).contains(HASH);
    assertThat(row.certificate().orElseThrow()).isEqualTo(CERTIFICATE);
    assertThat(row(ROOT).state()).isEqualTo(AuthorityState.ACTIVE);
    assertThat(store().trustVersion()).isEqualTo(new TrustVersion(2, 1));
  }

  @Test
  void laterRootThatWasGivenUp_isRefused() throws RefusedException {
    makeRoot();
    assertThat(trustStates().step(prepareNext())).isTrue();
    assertThat(
            trustStates()
                .step(
                    Changes.of(
                        2, 1, Step.Kind.ABORT, Changes.to(NEXT_ROOT, AuthorityState.RETIRED))))
        .isTrue();

    assertThat(refusal(() -> store().complete(NEXT_ROOT, HASH, CERTIFICATE)))
        .isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE);
    assertThat(row(NEXT_ROOT).certificate()).isEmpty();
  }

  @Test
  void prepared_canBeForgottenAndNothingElse() throws RefusedException {
    makeRoot();
    activate(ONE, "replica-1");
    store().prepare(TWO, issuing("replica-1"), NOW);
    store().remove(TWO);
    store().remove(ONE);

    assertThat(store().authorities())
        .extracting(AuthorityRow::keyId)
        .containsExactlyInAnyOrder(ROOT, ONE);
  }

  protected final AuthorityRow row(KeyId keyId) throws RefusedException {
    List<AuthorityRow> rows = store().authorities();
    Optional<AuthorityRow> found =
        rows.stream().filter(row -> row.keyId().equals(keyId)).findFirst();
    return found.orElseThrow();
  }

  protected static NewAuthority issuing(String replica) {
    return new NewAuthority.Issuing(ROOT, replica);
  }

  protected final void makeRoot() throws RefusedException {
    store().prepare(ROOT, new NewAuthority.FirstRoot(), NOW);
    store().complete(ROOT, HASH, CERTIFICATE);
  }

  private void activate(KeyId keyId, String replica) throws RefusedException {
    store().prepare(keyId, issuing(replica), NOW);
    store().complete(keyId, HASH, CERTIFICATE);
  }

  private static TrustChange prepareNext() {
    return Changes.of(1, 1, Step.Kind.PREPARE, Changes.to(NEXT_ROOT, AuthorityState.PREPARED));
  }

  protected final void makeNextRootActive() throws RefusedException {
    assertThat(trustStates().step(prepareNext())).isTrue();
    store().complete(NEXT_ROOT, HASH, CERTIFICATE);
    assertThat(
            trustStates()
                .step(
                    Changes.of(
                        2, 2, Step.Kind.PUBLISH, Changes.to(NEXT_ROOT, AuthorityState.PUBLISHED))))
        .isTrue();
    // The one that becomes active first: the store has to see to the order.
    assertThat(
            trustStates()
                .step(
                    Changes.of(
                        3,
                        2,
                        Step.Kind.ACTIVATE,
                        Changes.to(NEXT_ROOT, AuthorityState.ACTIVE),
                        Changes.to(ROOT, AuthorityState.RETIRING))))
        .isTrue();
  }

  protected static RefusalReason refusal(ThrowingCallable call) {
    return catchThrowableOfType(RefusedException.class, call).refusal().reason();
  }
}
