package dev.signet.ca.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.issuance.World;
import dev.signet.spiffe.X509Bundle;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustPathTest {
  private final TestAuthority a = new TestAuthority("a");
  private final TestAuthority b = new TestAuthority("b");
  private final X509Bundle own = Bundles.of(1, a).x509();
  private final MemoryPublishedBundle place = new MemoryPublishedBundle();

  private static PublishedRoots found(String text) {
    return PublishedRoots.parse(World.TRUST_DOMAIN, Optional.of(text));
  }

  private static PublishedRoots found(TestAuthority... authorities) {
    return found(Bundles.of(1, authorities).x509().pem());
  }

  private TrustPath.Next next(PublishedRoots found, boolean recognised) {
    return TrustPath.next(found, own, List.copyOf(own.authorities()), place, recognised);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n\t\n"})
  void blank_isNothing(String text) {
    assertThat(found(text)).isInstanceOf(PublishedRoots.None.class);
    assertThat(PublishedRoots.parse(World.TRUST_DOMAIN, Optional.empty()))
        .isInstanceOf(PublishedRoots.None.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "x",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
      })
  void garbage_isUnreadable(String text) {
    assertThat(found(text)).isInstanceOf(PublishedRoots.Unreadable.class);
  }

  @Test
  void firstRoot_whereNothingIsPublished() {
    assertThat(TrustPath.refusesFirstRoot(new PublishedRoots.None(), place)).isEmpty();
  }

  /** A lost volume, told from a first start by what is published. */
  @Test
  void firstRoot_whereOneIsPublished_refusedWithTheMend() {
    assertThat(TrustPath.refusesFirstRoot(found(a, b), place).orElseThrow())
        .contains(
            "the place in memory publishes the root with the key ",
            "and 1 more",
            "The volume was lost, or is not the one that was mounted before",
            "restore the store and the folder keys from one backup",
            "begin anew",
            "forget it");
  }

  @Test
  void firstRoot_whereSomethingUnreadableIsPublished_refused() {
    assertThat(TrustPath.refusesFirstRoot(found("x"), place).orElseThrow())
        .contains("nobody can tell", "restore", "forget it");
  }

  @Test
  void nothingPublished_written() {
    assertThat(next(new PublishedRoots.None(), false)).isEqualTo(new TrustPath.Next.Write());
    assertThat(next(new PublishedRoots.None(), true)).isEqualTo(new TrustPath.Next.Write());
  }

  @Test
  void ownPublished_keptWhateverTheText() {
    assertThat(next(found(a), false)).isEqualTo(new TrustPath.Next.Keep());
    assertThat(next(found("a comment\n" + own.pem() + own.pem()), true))
        .isEqualTo(new TrustPath.Next.Keep());
  }

  @Test
  void fewerThanOwn_written() {
    X509Bundle both = Bundles.of(2, a, b).x509();
    assertThat(TrustPath.next(found(a), both, List.copyOf(both.authorities()), place, false))
        .isEqualTo(new TrustPath.Next.Write());
  }

  /** A CA from an old backup, or with another's volume, must not take the trust path over. */
  @Test
  void foreignRootAtStart_refusedWithTheMend() {
    for (PublishedRoots found : new PublishedRoots[] {found(b), found(a, b)}) {
      assertThat(next(found, false))
          .isInstanceOfSatisfying(
              TrustPath.Next.Refuse.class,
              refusal ->
                  assertThat(refusal.why())
                      .contains(
                          "the place in memory publishes the root with the key ",
                          "which this CA does not know; its own is the root with the key ",
                          "old backup",
                          "restore the store and the folder keys",
                          "forget it")
                      .doesNotContain("more"));
    }
  }

  @Test
  void unreadableAtStart_refused() {
    assertThat(next(found("x"), false)).isInstanceOf(TrustPath.Next.Refuse.class);
  }

  /** Once its own root was found there, what differs is somebody's mistake or attack (T19). */
  @Test
  void foreignOrUnreadableLater_writtenOver() {
    assertThat(next(found(b), true)).isEqualTo(new TrustPath.Next.Write());
    assertThat(next(found(a, b), true)).isEqualTo(new TrustPath.Next.Write());
    assertThat(next(found("x"), true)).isEqualTo(new TrustPath.Next.Write());
  }
}
