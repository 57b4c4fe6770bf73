package dev.signet.spiffe;

import static dev.signet.spiffe.CertificateSpec.NOW;
import static dev.signet.spiffe.Refusals.assertSvidRefused;
import static dev.signet.spiffe.TestAuthority.present;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Threat row I9: a stranger's chain and a crowded bundle cost a bounded amount of work. */
class BoundedWorkTest {

  private static final String ID = "spiffe://td/a";
  private static final PathSearch.Check NOTHING_PASSES =
      path -> {
        throw new BrokenRuleException("X-16", "no");
      };

  /** FAULTS.md RR17. */
  @Test
  void i9_64RootsOfOneSubject_areAllTried() {
    List<TestAuthority> roots = sameNamedRoots(false);
    X509BundleSet bundles = bundleOf(roots);

    for (TestAuthority root : List.of(roots.get(0), roots.get(31), roots.get(63))) {
      TestAuthority authority = root.intermediate(spec -> spec.keyIdentifiers = false);
      assertThat(
              X509SvidVerifier.verify(present(authority.leaf(ID), authority), bundles, NOW)
                  .authority())
          .isEqualTo(root.certificate());
    }
  }

  @Test
  void i9_64RootsOfOneSubject_stillRefuseAForger() {
    X509BundleSet bundles = bundleOf(sameNamedRoots(false));
    TestAuthority forger = TestAuthority.root("td");
    TestAuthority authority = forger.intermediate();

    assertSvidRefused(
        "X-16",
        () -> X509SvidVerifier.verify(present(authority.leaf(ID), authority), bundles, NOW));
  }

  @Test
  void i9_matchingKeyIdentifier_isTriedFirst() {
    List<TestAuthority> roots = sameNamedRoots(true);
    TestAuthority root = roots.get(40);
    List<X509Certificate> tried = new ArrayList<>();
    PathSearch search =
        search(
            present(root.leaf(ID)),
            roots,
            path -> {
              tried.add(path.get(path.size() - 1));
              throw new BrokenRuleException("X-16", "no");
            });

    assertThatThrownBy(search::find).isInstanceOf(BrokenRuleException.class);
    assertThat(tried).startsWith(root.certificate()).hasSize(64).doesNotHaveDuplicates();
  }

  @Test
  void i9_lyingKeyIdentifier_onlyDelaysTheRightRoot() {
    List<TestAuthority> roots = sameNamedRoots(true);
    TestAuthority root = roots.get(7);
    TestAuthority.Issued leaf =
        root.leaf(
            ID,
            spec -> {
              spec.keyIdentifiers = false;
              spec.foreignAuthorityKeyId = new byte[] {1, 2, 3};
            });

    assertThat(X509SvidVerifier.verify(present(leaf), bundleOf(roots), NOW).authority())
        .isEqualTo(root.certificate());
  }

  @Test
  void i9_intermediatesOfOneNameBelowACrowdedBundle_areTriedAtMost72Ways() {
    List<TestAuthority> roots = sameNamedRoots(false);
    TestAuthority[] crowd =
        Stream.generate(() -> selfNamed("CN=root of td", "CN=root of td"))
            .limit(7)
            .toArray(TestAuthority[]::new);
    PathSearch search = search(present(crowd[0].leaf(ID), crowd), roots, NOTHING_PASSES);

    assertThatThrownBy(search::find).isInstanceOf(BrokenRuleException.class);
    assertThat(search.pathsTried()).isEqualTo(PathSearch.MAX_PATHS).isEqualTo(72);
  }

  @Test
  void i9_loopOfIntermediates_ends() {
    TestAuthority a = selfNamed("CN=a", "CN=b");
    TestAuthority b = selfNamed("CN=b", "CN=a");
    TestAuthority self = selfNamed("CN=a", "CN=a");
    TestAuthority root = TestAuthority.root("td");
    PathSearch search = search(present(a.leaf(ID), a, b, self, a, b), List.of(root), path -> {});

    assertThatThrownBy(search::find).hasMessageContaining("no path leads to an authority");
    assertThat(search.pathsTried()).isZero();
  }

  @Test
  void i9_loopBesideAGoodPath_doesNotHinderIt() {
    TestAuthority root = TestAuthority.root("td");
    TestAuthority authority = root.intermediate(spec -> spec.subject = "CN=a");
    TestAuthority a = selfNamed("CN=a", "CN=b");
    TestAuthority b = selfNamed("CN=b", "CN=a");

    assertThat(
            X509SvidVerifier.verify(
                    present(authority.leaf(ID), a, b, authority),
                    X509BundleSet.of(root.bundle()),
                    NOW)
                .path())
        .hasSize(3);
  }

  @Test
  void i9_chainOf100Certificates_isRefusedUnread() {
    X509Certificate certificate = TestAuthority.root("td").leaf(ID).certificate();
    List<X509Certificate> chain = Collections.nCopies(100, certificate);

    assertSvidRefused("X-16", () -> PresentedX509Chain.of(chain))
        .hasMessageContaining("more than 8");
    assertSvidRefused("X-16", () -> PresentedX509Chain.parse(Certificates.concatenated(chain)))
        .hasMessageContaining("more than 8");
  }

  private static List<TestAuthority> sameNamedRoots(boolean keyIdentifiers) {
    return Stream.generate(
            () -> TestAuthority.root("td", spec -> spec.keyIdentifiers = keyIdentifiers))
        .limit(64)
        .toList();
  }

  /** A certificate of the given names that nobody vouches for. */
  private static TestAuthority selfNamed(String subject, String issuer) {
    KeyPair key = TestKeys.next();
    return TestAuthority.root(
        "td",
        spec -> {
          spec.key = key;
          spec.subject = subject;
          spec.issuer = issuer;
          spec.keyIdentifiers = false;
        });
  }

  private static X509BundleSet bundleOf(List<TestAuthority> roots) {
    return X509BundleSet.of(
        X509Bundle.of(
            TrustDomain.parse("td"), roots.stream().map(TestAuthority::certificate).toList()));
  }

  private static PathSearch search(
      PresentedX509Chain chain, List<TestAuthority> roots, PathSearch.Check check) {
    return new PathSearch(
        chain.certificates(),
        roots.stream().map(TestAuthority::certificate).map(Issuer::of).toList(),
        check);
  }
}
