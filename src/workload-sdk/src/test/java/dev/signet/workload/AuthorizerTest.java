package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import org.junit.jupiter.api.Test;

class AuthorizerTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final VerifiedX509Svid CART =
      X509SvidVerifier.verify(
          PresentedX509Chain.of(SHOP.svid("/ns/shop/sa/cart").chain()),
          X509BundleSet.of(SHOP.bundle),
          TestWorkload.NOW);

  private static SpiffeId id(String text) {
    return SpiffeId.parse(text);
  }

  @Test
  void id_letsInThatOneAlone() {
    assertThat(Authorizer.id(CART.id()).permits(CART)).isTrue();
    assertThat(Authorizer.id(id("spiffe://shop.example/ns/shop/sa/Cart")).permits(CART)).isFalse();
    assertThat(Authorizer.id(id("spiffe://other.example/ns/shop/sa/cart")).permits(CART)).isFalse();
    assertThat(Authorizer.id(id("spiffe://shop.example/ns/shop")).permits(CART)).isFalse();
  }

  @Test
  void anyOf_letsInEachOfThem() {
    SpiffeId other = id("spiffe://shop.example/ns/shop/sa/other");

    assertThat(Authorizer.anyOf(other, CART.id()).permits(CART)).isTrue();
    assertThat(Authorizer.anyOf(CART.id()).permits(CART)).isTrue();
    assertThat(Authorizer.anyOf(other).permits(CART)).isFalse();
    assertThat(Authorizer.anyOf(other, CART.id())).hasToString(other + " or " + CART.id());
  }

  @Test
  void memberOf_letsInTheTrustDomain() {
    assertThat(Authorizer.memberOf(SHOP.domain).permits(CART)).isTrue();
    assertThat(Authorizer.memberOf(TrustDomain.parse("example")).permits(CART)).isFalse();
    assertThat(Authorizer.memberOf(SHOP.domain)).hasToString("members of shop.example");
  }

  @Test
  void matching_asksTheRule_andIsNamedByItsDescription() {
    Authorizer shop =
        Authorizer.matching(
            "workloads of the namespace shop", peer -> peer.id().path().startsWith("/ns/shop/"));

    assertThat(shop.permits(CART)).isTrue();
    assertThat(shop).hasToString("workloads of the namespace shop");
    assertThatThrownBy(() -> Authorizer.matching(" ", peer -> true))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
