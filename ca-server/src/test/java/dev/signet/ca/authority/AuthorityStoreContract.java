package dev.signet.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.authority.AuthorityRow.State;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What every {@link AuthorityStore} does. */
public abstract class AuthorityStoreContract {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private static final KeyId ONE = new KeyId("authority-1");
  private static final KeyId TWO = new KeyId("authority-2");
  private static final String HASH = "ab".repeat(32);
  private static final byte[] CERTIFICATE = {1, 2, 3};

  protected abstract AuthorityStore store();

  @Test
  void newStore_isEmpty() throws RefusedException {
    assertThat(store().authorities()).isEmpty();
    assertThat(store().bundleRevision()).isZero();
  }

  @Test
  void prepared_hasNoCertificate() throws RefusedException {
    store().prepare(ONE, Role.ISSUING, NOW);
    AuthorityRow row = store().authorities().getFirst();

    assertThat(row.keyId()).isEqualTo(ONE);
    assertThat(row.role()).isEqualTo(Role.ISSUING);
    assertThat(row.state()).isEqualTo(State.PREPARED);
    assertThat(row.createdAt()).isEqualTo(NOW);
    assertThat(row.keySha256()).isEmpty();
    assertThat(row.certificate()).isEmpty();
  }

  @Test
  void preparedTwice_isRefused() throws RefusedException {
    store().prepare(ONE, Role.ISSUING, NOW);

    assertThatThrownBy(() -> store().prepare(ONE, Role.ISSUING, NOW))
        .isInstanceOf(RefusedException.class);
    assertThat(store().authorities()).hasSize(1);
  }

  @Test
  void activated_isComplete() throws RefusedException {
    store().prepare(ONE, Role.ISSUING, NOW);
    store().activate(ONE, HASH, CERTIFICATE);
    AuthorityRow row = store().authorities().getFirst();

    assertThat(row.state()).isEqualTo(State.ACTIVE);
    assertThat(row.keySha256()).contains(HASH);
    assertThat(row.certificate().orElseThrow()).isEqualTo(CERTIFICATE);
    assertThat(store().bundleRevision()).isZero();
  }

  @Test
  void activatedWithoutPreparation_isADefect() throws RefusedException {
    assertThatThrownBy(() -> store().activate(ONE, HASH, CERTIFICATE))
        .isInstanceOf(IllegalStateException.class);
    store().prepare(ONE, Role.ISSUING, NOW);
    store().activate(ONE, HASH, CERTIFICATE);

    assertThatThrownBy(() -> store().activate(ONE, HASH, CERTIFICATE))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void nextOfARole_retiresTheOneBefore() throws RefusedException {
    activate(new KeyId("root-1"), Role.ROOT);
    activate(ONE, Role.ISSUING);
    store().prepare(TWO, Role.ISSUING, NOW.plusSeconds(1));
    assertThat(store().authorities())
        .extracting(AuthorityRow::state)
        .containsExactly(State.ACTIVE, State.ACTIVE, State.PREPARED);
    store().activate(TWO, HASH, CERTIFICATE);

    assertThat(store().authorities())
        .extracting(row -> row.keyId() + " " + row.state())
        .containsExactly("authority-1 RETIRED", "root-1 ACTIVE", "authority-2 ACTIVE");
  }

  @Test
  void root_raisesTheRevision() throws RefusedException {
    activate(new KeyId("root-1"), Role.ROOT);
    assertThat(store().bundleRevision()).isEqualTo(1);
    activate(ONE, Role.ISSUING);
    assertThat(store().bundleRevision()).isEqualTo(1);
    activate(new KeyId("root-2"), Role.ROOT);
    assertThat(store().bundleRevision()).isEqualTo(2);
  }

  @Test
  void prepared_canBeForgottenAndNothingElse() throws RefusedException {
    activate(ONE, Role.ISSUING);
    store().prepare(TWO, Role.ISSUING, NOW);
    store().remove(TWO);
    store().remove(ONE);

    assertThat(store().authorities()).extracting(AuthorityRow::keyId).containsExactly(ONE);
  }

  private void activate(KeyId keyId, Role role) throws RefusedException {
    store().prepare(keyId, role, NOW);
    store().activate(keyId, HASH, CERTIFICATE);
  }
}
