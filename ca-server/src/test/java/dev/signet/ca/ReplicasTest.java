package dev.signet.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.adapter.postgresql.PostgresServer;
import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.KillDrill;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several CAs on one database, each with a data folder of its own in which nothing was before. */
class ReplicasTest {
  @TempDir private Path folder;
  private String url = "";

  @BeforeEach
  void database() throws SQLException {
    url = PostgresServer.shared().newDatabase();
  }

  private IssuingCaSettings replica(String name) {
    IssuingCaSettings any = KillDrill.settings(folder.resolve(name), KillDrill.postgres(url));
    return new IssuingCaSettings(
        any.trustDomain(),
        name,
        any.dataFolder(),
        any.store(),
        any.keyEncryptionKey(),
        any.longestLeaf(),
        any.rootLifetime());
  }

  private IssuingCa open(String name) throws StartRefusedException {
    return IssuingCa.open(
        replica(name), InstantSource.system(), IssuanceSteps.NONE, AuthorityObserver.NONE, _ -> {});
  }

  /** Adding or losing a replica never changes the bundle; no replica takes another's authority. */
  @Test
  void replicas_signBelowOneRootWithAuthoritiesOfTheirOwn() throws Exception {
    IssuingCa.init(replica("replica-1"), InstantSource.system(), IssuanceSteps.NONE);
    X509Certificate firstIssuer;
    try (IssuingCa one = open("replica-1");
        IssuingCa two = open("replica-2")) {
      firstIssuer = issuer(one, two);
      X509Certificate secondIssuer = issuer(two, one);

      assertThat(two.trust().root().bundle()).isEqualTo(one.trust().root().bundle());
      assertThat(secondIssuer).isNotEqualTo(firstIssuer);
    }
    // In another folder as well: all that it had is in the database.
    try (IssuingCa again =
        IssuingCa.open(
            new IssuingCaSettings(
                replica("replica-1").trustDomain(),
                "replica-1",
                folder.resolve("elsewhere"),
                replica("replica-1").store(),
                replica("replica-1").keyEncryptionKey(),
                replica("replica-1").longestLeaf(),
                replica("replica-1").rootLifetime()),
            InstantSource.system(),
            IssuanceSteps.NONE,
            AuthorityObserver.NONE,
            _ -> {})) {
      assertThat(issuer(again, again)).isEqualTo(firstIssuer);
    }
  }

  @Test
  void secondInit_isRefused() throws Exception {
    IssuingCa.init(replica("replica-1"), InstantSource.system(), IssuanceSteps.NONE);

    assertThatThrownBy(
            () -> IssuingCa.init(replica("replica-2"), InstantSource.system(), IssuanceSteps.NONE))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("this CA is set up");
  }

  /** Who issued a leaf of {@code by} that verifies against what {@code other} vouches for. */
  private static X509Certificate issuer(IssuingCa by, IssuingCa other) throws Exception {
    IssuedSvid svid =
        by.issuer()
            .issue(KillDrill.granted(InstantSource.system().instant()))
            .get(30, TimeUnit.SECONDS);
    assertThat(
            X509SvidVerifier.verify(
                    PresentedX509Chain.of(svid.chain()),
                    X509BundleSet.of(other.trust().root().bundle().x509()),
                    InstantSource.system().instant())
                .id())
        .isEqualTo(svid.id());
    return svid.chain().getLast();
  }
}
