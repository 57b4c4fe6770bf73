package dev.signet.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.ca.adapter.keys.KeyEncryptionKey;
import dev.signet.ca.authority.AuthorityLife;
import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.KillDrill;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole, on a real disk: set up once, found again, and refused when a part is not whole. */
class IssuingCaTest {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");

  @TempDir private Path folder;
  private final ManualClock clock = new ManualClock(NOW);
  private final List<AuthorityLife> lives = new ArrayList<>();

  private TrustBundle init() throws StartRefusedException {
    return IssuingCa.init(KillDrill.settings(folder), clock, IssuanceSteps.NONE);
  }

  private IssuingCa open() throws StartRefusedException {
    return open(KillDrill.settings(folder));
  }

  private IssuingCa open(IssuingCaSettings settings) throws StartRefusedException {
    AuthorityObserver observer =
        new AuthorityObserver() {
          @Override
          public void changed(AuthorityLife life) {
            lives.add(life);
          }

          @Override
          public void replacementFailed(RefusedException cause) {
            throw new AssertionError(cause);
          }
        };
    return IssuingCa.open(settings, clock, IssuanceSteps.NONE, observer, _ -> {});
  }

  private StartRefusedException refusal() {
    StartRefusedException refused =
        catchThrowableOfType(
            StartRefusedException.class,
            () -> {
              try (IssuingCa ca = open()) {
                throw new AssertionError("started: " + ca.trust().root().bundle());
              }
            });
    assertThat(refused).isNotNull();
    return refused;
  }

  @Test
  void issuedSvid_verifiesAgainstTheBundle() throws Exception {
    TrustBundle bundle = init();
    try (IssuingCa ca = open()) {
      IssuedSvid svid = ca.issuer().issue(KillDrill.granted(NOW)).get(30, TimeUnit.SECONDS);

      assertThat(ca.trust().root().bundle()).isEqualTo(bundle);
      assertThat(ca.cryptoProvider()).startsWith("ACCP");
      assertThat(
              X509SvidVerifier.verify(
                      PresentedX509Chain.of(svid.chain()), X509BundleSet.of(bundle.x509()), NOW)
                  .id())
          .isEqualTo(svid.id());
      assertThat(lives)
          .singleElement()
          .satisfies(life -> {
            assertThat(life.authorityNotAfter()).isEqualTo(NOW.plus(Duration.ofHours(24)));
            assertThat(life.rootNotAfter()).isEqualTo(NOW.plus(Duration.ofDays(365)));
          });
    }
  }

  private IssuingCa.FirstStart initOnce(IssuingCa.Witness witness) throws Exception {
    return IssuingCa.initOnce(KillDrill.settings(folder), clock, IssuanceSteps.NONE, witness);
  }

  /** ADR 14: what an installer may run before each start. */
  @Test
  void initOnce_makesTheRootOnce_andAsksNobodyOnceItIsThere() throws Exception {
    IssuingCa.FirstStart first = initOnce(Optional::empty);
    IssuingCa.FirstStart second =
        initOnce(() -> {
          throw new AssertionError("asked the witness although the root is there");
        });

    assertThat(first).isInstanceOf(IssuingCa.FirstStart.Made.class);
    assertThat(second).isInstanceOf(IssuingCa.FirstStart.Present.class);
    assertThat(second.bundle()).isEqualTo(first.bundle());
    try (IssuingCa ca = open()) {
      assertThat(ca.trust().root().bundle()).isEqualTo(first.bundle());
    }
  }

  /** FAULTS F20: a volume that was lost or is not mounted looks like a first start. */
  @Test
  void initOnce_whereTheWitnessKnowsARoot_refused_andNothingIsMade() throws Exception {
    assertThatThrownBy(() -> initOnce(() -> Optional.of("there was one")))
        .isInstanceOf(StartRefusedException.class)
        .hasMessage("there was one");
    assertThatThrownBy(() ->
            initOnce(() -> {
              throw new StartRefusedException("nobody knows");
            }))
        .isInstanceOf(StartRefusedException.class)
        .hasMessage("nobody knows");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void initOnce_whereAnInitWasCutOff_goesOnIfTheWitnessAgrees() throws Exception {
    Throwable cut =
        catchThrowable(() ->
            IssuingCa.init(
                KillDrill.settings(folder),
                clock,
                step -> {
                  if (step == IssuanceStep.AUTHORITY_PREPARED) {
                    throw new IllegalStateException("cut off");
                  }
                }));
    assertThat(cut).hasMessage("cut off");

    assertThatThrownBy(() -> initOnce(() -> Optional.of("there was one")))
        .hasMessage("there was one");
    assertThat(initOnce(Optional::empty)).isInstanceOf(IssuingCa.FirstStart.Made.class);
  }

  /** A part that is missing is named, and never made anew. */
  @Test
  void initOnce_whereTheKeyIsLost_refused() throws Exception {
    init();
    try (Stream<Path> keys = Files.list(folder.resolve("keys"))) {
      for (Path key : keys.toList()) {
        Files.delete(key);
      }
    }

    assertThatThrownBy(() -> initOnce(Optional::empty)).isInstanceOf(StartRefusedException.class);
  }

  @Test
  void restart_findsTheSameRootAndAuthority() throws Exception {
    init();
    try (IssuingCa first = open()) {
      assertThat(first.trust().root().bundle().revision()).isEqualTo(1);
    }
    try (IssuingCa second = open()) {
      assertThat(lives).hasSize(2);
      assertThat(lives.getFirst()).isEqualTo(lives.getLast());
      assertThat(second.trust().root().bundle().x509().authorities()).hasSize(1);
    }
  }

  @Test
  void secondProcess_isRefused() throws Exception {
    init();
    try (IssuingCa _ = open()) {
      assertThat(refusal()).hasMessageContaining("another CA process");
      assertThatThrownBy(this::init).hasMessageContaining("another CA process");
    }
  }

  @Test
  void secondInit_isRefused() throws Exception {
    init();

    assertThatThrownBy(this::init)
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("this CA is set up");
  }

  /** R21, Dapr issue 9563: an empty volume is a lost volume. */
  @Test
  void emptyFolder_isRefusedAndStaysEmpty() {
    assertThat(refusal()).hasMessageContaining("is missing").hasMessageContaining("init");
    assertThat(folder).isEmptyDirectory();
  }

  /** F20: delete. */
  @Test
  void deletedRootKey_isRefusedAndNotMadeAgain() throws Exception {
    init();
    Path key = rootKey();
    Files.delete(key);

    assertThat(refusal())
        .hasMessageContaining(key + " is missing")
        .hasMessageContaining("put it back from a backup")
        .hasMessageContaining("No other key is made in its place");
    assertThat(key).doesNotExist();
  }

  /** F20: truncate. */
  @Test
  void truncatedRootKey_isRefused() throws Exception {
    init();
    Path key = rootKey();
    String content = Files.readString(key);
    Files.writeString(key, content.substring(0, content.length() / 2));

    assertThat(refusal())
        .hasMessageContaining(key + " is damaged")
        .hasMessageContaining("cut off")
        .hasMessageContaining("put it back from a backup");
  }

  /** F20: swap key, by a file of the same folder and by one of another CA. */
  @Test
  void swappedRootKey_isRefused() throws Exception {
    init();
    open().close();
    Path key = rootKey();
    byte[] own = Files.readAllBytes(key);
    Files.copy(keyFile("authority-"), key, StandardCopyOption.REPLACE_EXISTING);
    assertThat(refusal()).hasMessageContaining("holds the key authority-");

    Files.write(key, own);
    open().close();
  }

  /** F20: swap certificate. */
  @Test
  void swappedRootCertificate_isRefused() throws Exception {
    init();
    open().close();
    execute(
        "UPDATE authority SET certificate = (SELECT certificate FROM authority WHERE role ="
            + " 'ISSUING') WHERE role = 'ROOT'");

    assertThat(refusal())
        .hasMessageContaining("the certificate was swapped")
        .hasMessageContaining("Restore the store");
  }

  @Test
  void lostStoreBesideItsKeys_isRefusedByBothVerbs() throws Exception {
    init();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files.filter(f -> f.getFileName().toString().startsWith("signet.db")).toList()) {
        Files.delete(file);
      }
    }

    assertThat(refusal()).hasMessageContaining("signet.db is missing");
    assertThatThrownBy(this::init).hasMessageContaining("do not belong together");
  }

  @Test
  void otherKeyEncryptionKey_isRefused() throws Exception {
    init();
    byte[] other =
        "BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".getBytes(StandardCharsets.US_ASCII);
    IssuingCaSettings good = KillDrill.settings(folder);
    IssuingCaSettings settings =
        new IssuingCaSettings(
            good.trustDomain(),
            "replica-1",
            folder,
            good.store(),
            KeyEncryptionKey.parse(other),
            good.longestLeaf(),
            good.rootLifetime());

    assertThatThrownBy(() -> open(settings))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("key_encryption_key_file");
  }

  @Test
  void otherTrustDomain_isRefused() throws Exception {
    init();
    IssuingCaSettings good = KillDrill.settings(folder);
    IssuingCaSettings settings =
        new IssuingCaSettings(
            TrustDomain.parse("other.example"),
            "replica-1",
            folder,
            good.store(),
            good.keyEncryptionKey(),
            good.longestLeaf(),
            good.rootLifetime());

    assertThatThrownBy(() -> open(settings))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("not of the trust domain other.example");
  }

  @Test
  void lifetimesThatDoNotFit_areRefused() {
    IssuingCaSettings good = KillDrill.settings(folder);

    assertThatThrownBy(() ->
            new IssuingCaSettings(
                good.trustDomain(),
                "replica-1",
                folder,
                good.store(),
                good.keyEncryptionKey(),
                good.longestLeaf(),
                Duration.ofHours(24)))
        .hasMessageContaining("2 days");
    assertThatThrownBy(() ->
            new IssuingCaSettings(
                good.trustDomain(),
                "replica-1",
                folder,
                good.store(),
                good.keyEncryptionKey(),
                Duration.ofHours(24),
                Duration.ofDays(3)))
        .hasMessageContaining("too long");
  }

  private Path rootKey() throws IOException {
    return keyFile("root-");
  }

  private Path keyFile(String prefix) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("keys"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .findFirst()
          .orElseThrow();
    }
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("signet.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
