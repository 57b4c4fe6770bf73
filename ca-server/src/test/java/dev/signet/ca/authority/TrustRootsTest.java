package dev.signet.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.issuance.CertificateKind;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.spiffe.TrustDomain;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrustRootsTest {
  private final CaWorld world = new CaWorld();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void root_isWhatASpiffeRootIs() throws Exception {
    X509Certificate root = world.createRoot().certificate();

    assertThat(root.getSubjectX500Principal()).isEqualTo(root.getIssuerX500Principal());
    assertThat(root.getSubjectX500Principal().getName())
        .matches("CN=Signet root [0-9a-f]{16},O=Signet");
    assertThat(root.getBasicConstraints()).isEqualTo(Integer.MAX_VALUE);
    assertThat(root.getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spiffe://shop.example"));
    assertThat(root.getKeyUsage())
        .containsExactly(false, false, false, false, false, true, true, false, false);
    assertThat(root.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    assertThat(root.getExtensionValue("2.5.29.14")).isNotNull();
    assertThat(root.getNotBefore().toInstant()).isEqualTo(CaWorld.START.minus(Duration.ofHours(1)));
    assertThat(root.getNotAfter().toInstant()).isEqualTo(CaWorld.START.plus(Duration.ofDays(365)));
    root.verify(root.getPublicKey());
  }

  @Test
  void root_isRecordedBeforeItIsSigned() {
    TrustRoot root = world.createRoot();

    assertThat(world.log.records())
        .singleElement()
        .satisfies(record -> {
          assertThat(record.kind()).isEqualTo(CertificateKind.ROOT);
          assertThat(record.serial()).isEqualTo(root.certificate().getSerialNumber().toString(16));
          assertThat(record.authorityKeyId()).isEqualTo(root.signer().keyId().value());
        });
  }

  /** SPIRE issue 4415: roots of one subject make path building explode. */
  @Test
  void roots_haveUniqueSubjects() {
    try (CaWorld other = new CaWorld()) {
      assertThat(world.createRoot().certificate().getSubjectX500Principal())
          .isNotEqualTo(other.createRoot().certificate().getSubjectX500Principal());
    }
  }

  @Test
  void created_isFoundAgain() throws Exception {
    TrustRoot created = world.createRoot();
    TrustRoot found = world.roots().open().root();

    assertThat(found.certificate()).isEqualTo(created.certificate());
    assertThat(found.bundle().revision()).isEqualTo(1);
    assertThat(found.bundle().x509().authorities()).containsExactly(created.certificate());
  }

  @Test
  void second_isRefused() {
    world.createRoot();

    assertThatThrownBy(() -> world.roots().create(CaWorld.ROOT_LIFETIME))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("this CA is set up")
        .hasMessageContaining("serve");
    assertThat(world.log.records()).hasSize(1);
  }

  @Test
  void nothingThere_startIsRefusedAndNothingIsMade() throws Exception {
    assertThatThrownBy(() -> world.roots().open())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("has no trust root")
        .hasMessageContaining("init");
    assertThat(world.keys.list()).isEmpty();
    assertThat(world.store.authorities()).isEmpty();
  }

  /** R21: an empty store beside a full key folder is a lost store, not a new CA. */
  @Test
  void keysWithoutAStore_areNeverOverwritten() throws Exception {
    world.keys.create(new KeyId("root-0011223344556677"));

    for (Exception refused :
        List.of(
            refusal(() -> world.roots().open()),
            refusal(() -> world.roots().create(CaWorld.ROOT_LIFETIME)))) {
      assertThat(refused)
          .hasMessageContaining("do not belong together")
          .hasMessageContaining("root-0011223344556677")
          .hasMessageContaining("one backup");
    }
    assertThat(world.keys.list()).hasSize(1);
  }

  /** F20: delete. */
  @Test
  void missingKey_isRefusedAndNotReplaced() throws Exception {
    TrustRoot root = world.createRoot();
    world.keys.delete(root.signer().keyId());

    assertThat(refusal(() -> world.roots().open()))
        .hasMessageContaining("the key of the trust root cannot be used")
        .hasMessageContaining(root.signer().keyId().value())
        .hasMessageContaining("No other key is made in its place");
    assertThat(world.keys.list()).isEmpty();
    assertThat(refusal(() -> world.roots().create(CaWorld.ROOT_LIFETIME)))
        .hasMessageContaining("this CA is set up");
  }

  /** F20: swap key. */
  @Test
  void otherKey_isNamedAsSwapped() throws Exception {
    KeyId keyId = world.createRoot().signer().keyId();
    world.keys.delete(keyId);
    world.keys.create(keyId);

    assertThat(refusal(() -> world.roots().open()))
        .hasMessageContaining("the key was swapped")
        .hasMessageContaining(keyId.value());
  }

  /** F20: swap certificate. */
  @Test
  void otherCertificate_isNamedAsSwapped() throws Exception {
    world.createRoot();
    try (CaWorld other = new CaWorld()) {
      other.createRoot();
      tamper(other.store.authorities().getFirst().certificate());
    }

    assertThat(refusal(() -> world.roots().open()))
        .hasMessageContaining("the certificate was swapped")
        .hasMessageContaining("Restore the store");
  }

  @Test
  void damagedCertificate_isRefused() throws Exception {
    world.createRoot();
    byte[] certificate = world.store.authorities().getFirst().certificate().orElseThrow();

    tamper(Optional.of(new byte[] {1, 2, 3}));
    assertThat(refusal(() -> world.roots().open())).hasMessageContaining("missing or damaged");
    tamper(Optional.empty());
    assertThat(refusal(() -> world.roots().open())).hasMessageContaining("missing or damaged");
    for (int i = 0; i < certificate.length; i++) {
      byte[] altered = certificate.clone();
      altered[i] ^= 1;
      tamper(Optional.of(altered));
      assertThat(refusal(() -> world.roots().open()))
          .as("byte %d", i)
          .hasMessageContaining("Restore");
    }
  }

  @Test
  void otherTrustDomain_isRefused() {
    world.createRoot();

    assertThat(
            refusal(
                () -> world.roots(TrustDomain.parse("other.example"), IssuanceSteps.NONE).open()))
        .hasMessageContaining("not of the trust domain other.example")
        .hasMessageContaining("trust_domain");
  }

  /** Whatever step it ends at, making the root goes on with the same key, and makes one root. */
  @ParameterizedTest
  @EnumSource(
      value = IssuanceStep.class,
      names = {"AUTHORITY_PREPARED", "BUILT", "LINTED", "RECORDED", "SIGNED", "VALIDATED"})
  void cutOffMaking_goesOn(IssuanceStep last) throws Exception {
    IssuanceSteps cut =
        step -> {
          if (step == last) {
            throw new IllegalStateException("cut off after " + step);
          }
        };
    try {
      // The signer has its own steps; those it reaches are cut in the drill that kills processes.
      world.roots(CaWorld.SHOP, cut).create(CaWorld.ROOT_LIFETIME);
    } catch (IllegalStateException e) {
      assertThat(refusal(() -> world.roots().open())).hasMessageContaining("run init again");
      world.createRoot();
    }

    assertThat(world.store.authorities())
        .singleElement()
        .satisfies(row -> {
          assertThat(row.role()).isEqualTo(Role.ROOT);
          assertThat(row.state()).isEqualTo(AuthorityState.ACTIVE);
        });
    assertThat(world.keys.list()).hasSize(1);
    assertThat(world.log.records())
        .extracting(IssuanceRecord::kind)
        .containsOnly(CertificateKind.ROOT);
    assertThat(world.roots().open().root().bundle().revision()).isEqualTo(1);
  }

  @Test
  void storeThatDoesNotAnswer_isRefused() {
    world.createRoot();
    world.store.fail(true);

    assertThat(refusal(() -> world.roots().open())).hasMessageContaining("STORE_UNAVAILABLE");
  }

  private void tamper(Optional<byte[]> certificate) throws Exception {
    AuthorityRow row = world.store.authorities().getFirst();
    world.store.tamper(row.with(certificate));
  }

  private static Exception refusal(ThrowingCallable call) {
    return catchThrowableOfType(StartRefusedException.class, call);
  }
}
