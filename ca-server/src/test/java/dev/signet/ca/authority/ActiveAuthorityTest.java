package dev.signet.ca.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.issuance.CertificateKind;
import dev.signet.ca.issuance.IssuanceRecord;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SigningAuthority;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ActiveAuthorityTest {
  private final CaWorld world = new CaWorld();
  private TrustRoot root;

  @BeforeEach
  void makeRoot() {
    root = world.createRoot();
  }

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void authority_isWhatASpiffeAuthorityIs() throws Exception {
    X509Certificate authority = world.start(root).current().certificate();

    assertThat(authority.getSubjectX500Principal().getName())
        .matches("CN=Signet authority [0-9a-f]{16},O=Signet");
    assertThat(authority.getIssuerX500Principal())
        .isEqualTo(root.certificate().getSubjectX500Principal());
    assertThat(authority.getBasicConstraints()).isZero();
    assertThat(authority.getSubjectAlternativeNames())
        .containsExactly(List.of(6, "spiffe://shop.example"));
    assertThat(authority.getKeyUsage())
        .containsExactly(false, false, false, false, false, true, true, false, false);
    assertThat(authority.getNotAfter().toInstant())
        .isEqualTo(CaWorld.START.plus(Duration.ofHours(24)));
    authority.verify(root.certificate().getPublicKey());
  }

  @Test
  void authority_isRecordedUnderTheRootsKey() throws Exception {
    X509Certificate authority = world.start(root).current().certificate();
    IssuanceRecord record = world.log.records().getLast();

    assertThat(record.kind()).isEqualTo(CertificateKind.AUTHORITY);
    assertThat(record.serial()).isEqualTo(authority.getSerialNumber().toString(16));
    assertThat(record.authorityKeyId()).isEqualTo(root.signer().keyId().value());
    assertThat(world.log.outcome(record.serial())).isPresent();
  }

  @Test
  void beginning_isBackdatedAnHourAndNeverBeforeTheRoot() throws Exception {
    world.clock.advance(Duration.ofMinutes(20));
    X509Certificate first = world.start(root).current().certificate();
    assertThat(first.getNotBefore().toInstant())
        .isEqualTo(world.clock.instant().minus(Duration.ofHours(1)));

    world.pass(Duration.ofHours(12));
    assertThat(root.validity().notBefore()).isBefore(first.getNotBefore().toInstant());
  }

  @Test
  void life_isThreeTimesTheLongestLeaf() throws Exception {
    X509Certificate authority = world.start(root, Duration.ofHours(24)).current().certificate();

    assertThat(authority.getNotAfter().toInstant())
        .isEqualTo(CaWorld.START.plus(Duration.ofDays(3)));
  }

  @Test
  void restart_findsItWhileMoreThanHalfIsLeft() throws Exception {
    X509Certificate first = world.start(root).current().certificate();
    world.clock.advance(Duration.ofHours(12).minusSeconds(1));

    assertThat(world.start(root).current().certificate()).isEqualTo(first);
    world.clock.advance(Duration.ofSeconds(1));
    assertThat(world.start(root).current().certificate()).isNotEqualTo(first);
  }

  @Test
  void runningOne_isReplacedAtHalfLife() throws Exception {
    ActiveAuthority active = world.start(root);
    X509Certificate first = active.current().certificate();
    world.pass(Duration.ofHours(12).minusMinutes(1));
    assertThat(active.current().certificate()).isEqualTo(first);
    world.pass(Duration.ofMinutes(1));
    X509Certificate second = active.current().certificate();

    assertThat(second).isNotEqualTo(first);
    assertThat(second.getPublicKey()).isNotEqualTo(first.getPublicKey());
    assertThat(states()).containsExactly(AuthorityState.RETIRED, AuthorityState.ACTIVE);
    assertThat(world.lives)
        .extracting(AuthorityLife::authorityNotAfter)
        .containsExactly(first.getNotAfter().toInstant(), second.getNotAfter().toInstant());
  }

  /** T47: monotonic timers. */
  @Test
  void clockPushedBack_doesNotPutOffTheReplacement() throws Exception {
    ActiveAuthority active = world.start(root);
    X509Certificate first = active.current().certificate();
    world.clock.set(CaWorld.START.minus(Duration.ofMinutes(4)));
    world.scheduler.advance(Duration.ofHours(12));

    assertThat(active.current().certificate()).isNotEqualTo(first);
  }

  @Test
  void sleepingMachine_replacesWithinTheHourThatItWakes() throws Exception {
    ActiveAuthority active = world.start(root);
    X509Certificate first = active.current().certificate();
    world.clock.advance(Duration.ofHours(20));
    world.scheduler.advance(Duration.ofHours(1));

    assertThat(active.current().certificate()).isNotEqualTo(first);
  }

  @Test
  void oldKeys_liveOneReplacementLonger() throws Exception {
    ActiveAuthority active = world.start(root);
    KeyId first = active.current().signer().keyId();
    world.pass(Duration.ofHours(12));
    assertThat(world.keys.list()).hasSize(3).contains(first);
    world.pass(Duration.ofHours(12));

    assertThat(world.keys.list()).hasSize(3).doesNotContain(first);
  }

  @Test
  void failedReplacement_isTriedAgainAndTheOldOneSigns() throws Exception {
    ActiveAuthority active = world.start(root);
    X509Certificate first = active.current().certificate();
    world.log.refuse(RefusalReason.STORE_UNAVAILABLE);
    world.pass(Duration.ofHours(13));
    assertThat(active.current().certificate()).isEqualTo(first);
    assertThat(world.failures)
        .isNotEmpty()
        .allMatch(failure -> failure.refusal().reason() == RefusalReason.STORE_UNAVAILABLE);
    world.log.heal();
    world.pass(Duration.ofMinutes(1));

    assertThat(active.current().certificate()).isNotEqualTo(first);
    assertThat(world.keys.list()).as("leftovers of the failed tries").hasSizeLessThanOrEqualTo(3);
  }

  @Test
  void expired_isUnavailable() throws Exception {
    ActiveAuthority active = world.start(root);
    world.log.refuse(RefusalReason.STORE_UNAVAILABLE);
    world.pass(Duration.ofHours(25));

    assertUnavailable(active);
  }

  @Test
  void clockBeforeItsBeginning_isUnavailable() throws Exception {
    ActiveAuthority active = world.start(root);
    world.clock.set(CaWorld.START.minus(Duration.ofHours(2)));

    assertUnavailable(active);
  }

  /** F21: never past the issuer, and no replacing without end where nothing is gained. */
  @Test
  void nearTheRootsEnd_authorityEndsWithIt() throws Exception {
    world.clock.set(root.validity().notAfter().minus(Duration.ofHours(10)));
    ActiveAuthority active = world.start(root);
    X509Certificate last = active.current().certificate();
    assertThat(last.getNotAfter().toInstant()).isEqualTo(root.validity().notAfter());
    world.pass(Duration.ofHours(9));

    assertThat(active.current().certificate()).isEqualTo(last);
    assertThat(world.lives).hasSize(1);
  }

  @Test
  void afterTheRootsEnd_nothingSigns() throws Exception {
    world.clock.set(root.validity().notAfter().plusSeconds(1));
    ActiveAuthority active = world.start(root);

    assertUnavailable(active);
    assertThat(world.log.records()).hasSize(1);
  }

  /** F25: the root itself does not sign earlier than it did. */
  @Test
  void clockBehindTheRootsLastSigning_makesNoAuthority() throws Exception {
    world.start(root);
    world.clock.set(CaWorld.START.plus(Duration.ofHours(20)));
    world.start(root);
    world.clock.set(CaWorld.START.plus(Duration.ofHours(1)));
    discardActive();
    ActiveAuthority active = world.start(root);

    assertUnavailable(active);
    assertThat(world.failures.getLast().refusal().reason())
        .isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
  }

  /** T47: a new key does not make a wrong clock right. */
  @Test
  void clockBehindTheLastLeaf_makesNoNewAuthority() throws Exception {
    ActiveAuthority active = world.start(root);
    SigningAuthority first = active.current();
    IssuanceRecord any = world.log.records().getLast();
    world
        .log
        .record(
            new IssuanceRecord(
                "abcdef",
                CertificateKind.SERVER,
                any.id(),
                any.tbsSha256(),
                first.signer().keyId().value(),
                any.validity(),
                CaWorld.START.plus(Duration.ofHours(11)),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.of(first.version())))
        .get();
    world.clock.set(CaWorld.START.plus(Duration.ofHours(1)));
    world.scheduler.advance(Duration.ofHours(12));

    assertThat(active.current()).isEqualTo(first);
    assertThat(world.failures.getLast().refusal().reason())
        .isEqualTo(RefusalReason.CLOCK_BEHIND_RECORDS);
    world.clock.set(CaWorld.START.plus(Duration.ofHours(12)));
    world.scheduler.advance(Duration.ofMinutes(10));
    assertThat(active.current()).isNotEqualTo(first);
  }

  @Test
  void storeDownAtStart_healsByItself() throws Exception {
    world.log.refuse(RefusalReason.STORE_UNAVAILABLE);
    ActiveAuthority active = world.start(root);
    assertUnavailable(active);
    world.log.heal();
    world.pass(Duration.ofMinutes(1));

    assertThat(active.current()).isNotNull();
  }

  @Test
  void missingKey_stopsTheStart() throws Exception {
    KeyId keyId = world.start(root).current().signer().keyId();
    world.keys.delete(keyId);

    assertThatThrownBy(() -> world.start(root))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("the key of the issuing authority cannot be used")
        .hasMessageContaining(keyId.value())
        .hasMessageContaining("replaced at " + CaWorld.START.plus(Duration.ofHours(12)));
    world.clock.advance(Duration.ofHours(12));
    assertThat(world.start(root).current()).isNotNull();
  }

  @Test
  void authorityOfAnotherRoot_stopsTheStart() throws Exception {
    KeyId keyId = world.start(root).current().signer().keyId();
    try (CaWorld other = new CaWorld()) {
      TrustRoot otherRoot = other.createRoot();
      AuthorityMaker maker =
          new AuthorityMaker(
              CaWorld.SHOP,
              other.store,
              other.writer,
              other.signer(),
              other.clock,
              IssuanceSteps.NONE);
      other.store.prepare(
          keyId, new NewAuthority.Issuing(otherRoot.signer().keyId(), "replica-1"), CaWorld.START);
      X509Certificate foreign =
          maker.issuing(keyId, world.keys.publicKey(keyId), otherRoot, Duration.ofHours(24));
      AuthorityRow row = row(keyId);
      world.store.tamper(row.with(Optional.of(foreign.getEncoded())));
    }

    assertThatThrownBy(() -> world.start(root))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("is not signed by the trust root");
  }

  @Test
  void leftoverOfACutOffReplacement_isRemoved() throws Exception {
    KeyId half = new KeyId("authority-0000000000000000");
    world.store.prepare(half, issuing(), CaWorld.START);
    world.keys.create(half);
    world.start(root);

    assertThat(world.keys.list()).doesNotContain(half).hasSize(2);
    assertThat(world.store.authorities()).extracting(AuthorityRow::keyId).doesNotContain(half);
  }

  @Test
  void closed_schedulesNothing() throws Exception {
    ActiveAuthority active = world.start(root);
    active.close();

    assertThat(world.scheduler.waiting()).isZero();
  }

  private void assertUnavailable(ActiveAuthority active) {
    assertThatThrownBy(active::current)
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.AUTHORITY_UNAVAILABLE));
  }

  private NewAuthority issuing() {
    return new NewAuthority.Issuing(root.signer().keyId(), "replica-1");
  }

  private void discardActive() throws RefusedException {
    for (AuthorityRow row : world.store.authorities()) {
      if (row.role() == Role.ISSUING) {
        world.store.tamper(row.in(AuthorityState.RETIRED));
      }
    }
  }

  private AuthorityRow row(KeyId keyId) throws RefusedException {
    return world.store.authorities().stream()
        .filter(row -> row.keyId().equals(keyId))
        .findFirst()
        .orElseThrow();
  }

  private List<AuthorityState> states() throws RefusedException {
    return world.store.authorities().stream()
        .filter(row -> row.role() == Role.ISSUING)
        .map(AuthorityRow::state)
        .toList();
  }
}
