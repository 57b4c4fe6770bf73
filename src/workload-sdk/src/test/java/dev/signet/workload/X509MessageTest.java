package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.proto.spiffe.X509SVID;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Svid;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** SPIFFE_Workload_API.md sections 4.4, 4.5, 5 and 8. */
class X509MessageTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final TestCa PARTNER = new TestCa("partner.example", TestWorkload.NOW);
  private static final X509Svid CART = SHOP.svid("/ns/shop/sa/cart");
  private static final X509Svid PAYMENTS = SHOP.svid("/ns/shop/sa/payments");

  private static X509Message parse(X509SVIDResponse message) {
    return X509Message.parse(message, TestWorkload.NOW);
  }

  private static X509SVIDResponse with(UnaryOperator<X509SVID.Builder> change) {
    return X509SVIDResponse.newBuilder()
        .addSvids(change.apply(TestCa.wire(CART, SHOP.bundle).toBuilder()))
        .build();
  }

  private static ByteString garbage() {
    return ByteString.copyFrom(new byte[] {0x30, 0x03, 1, 2, 3});
  }

  @Test
  void goodMessage_becomesTheContext() {
    X509Context context = parse(SHOP.message(CART)).context();

    assertThat(context.svid().id()).isEqualTo(CART.id());
    assertThat(context.svid().leaf()).isEqualTo(CART.leaf());
    assertThat(context.bundles().bundle(SHOP.domain)).contains(SHOP.bundle);
    assertThat(context.bundles().bundles()).hasSize(1);
  }

  @Test
  void w42SeveralSvids_firstIsTheIdentity() {
    X509SVIDResponse message =
        X509SVIDResponse.newBuilder()
            .addSvids(TestCa.wire(PAYMENTS, SHOP.bundle))
            .addSvids(TestCa.wire(CART, SHOP.bundle))
            .build();

    assertThat(parse(message).context().svid().id()).isEqualTo(PAYMENTS.id());
  }

  static Stream<Arguments> discarded() {
    return Stream.of(
        Arguments.of("W-30: no SVID", X509SVIDResponse.getDefaultInstance()),
        Arguments.of("W-27: no spiffe_id", with(X509SVID.Builder::clearSpiffeId)),
        Arguments.of("W-27: no x509_svid", with(X509SVID.Builder::clearX509Svid)),
        Arguments.of("W-27: no x509_svid_key", with(X509SVID.Builder::clearX509SvidKey)),
        Arguments.of("W-27: no bundle", with(X509SVID.Builder::clearBundle)),
        Arguments.of(
            "W-27: no key in the second SVID",
            X509SVIDResponse.newBuilder()
                .addSvids(TestCa.wire(CART, SHOP.bundle))
                .addSvids(TestCa.wire(PAYMENTS, SHOP.bundle).toBuilder().clearX509SvidKey())
                .build()),
        Arguments.of("W-29: chain is not DER", with(b -> b.setX509Svid(garbage()))),
        Arguments.of(
            "W-29: chain is PEM",
            with(b -> b.setX509Svid(ByteString.copyFromUtf8(SHOP.bundle.pem())))),
        Arguments.of("W-29: key is not PKCS#8", with(b -> b.setX509SvidKey(garbage()))),
        Arguments.of("bundle is not DER", with(b -> b.setBundle(garbage()))),
        Arguments.of(
            "key of another leaf",
            with(b -> b.setX509SvidKey(ByteString.copyFrom(PAYMENTS.privateKey().getEncoded())))),
        Arguments.of(
            "C-8: spiffe_id of another workload",
            with(b -> b.setSpiffeId(PAYMENTS.id().toString()))),
        Arguments.of("spiffe_id is no SPIFFE ID", with(b -> b.setSpiffeId("https://shop"))),
        Arguments.of(
            "leaf in the bundle", with(b -> b.setBundle(ByteString.copyFrom(PAYMENTS.chainDer())))),
        Arguments.of(
            "the root as identity",
            with(b -> b.setX509Svid(ByteString.copyFrom(SHOP.bundle.encoded())))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("discarded")
  void messageThatBreaksARule_isDiscarded(String rule, X509SVIDResponse message) {
    assertThatThrownBy(() -> parse(message))
        .as(rule)
        .isInstanceOf(DiscardedMessageException.class)
        .satisfies(e -> assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(700));
  }

  @Test
  void svidThatHasEnded_isDiscarded() {
    X509SVIDResponse message = SHOP.message(CART);

    assertThat(X509Message.parse(message, CART.notAfter().minusMillis(1))).isNotNull();
    assertThatThrownBy(() -> X509Message.parse(message, CART.notAfter()))
        .isInstanceOf(DiscardedMessageException.class)
        .hasMessageContaining("has ended");
  }

  @Test
  void federatedBundles_areKeptByTrustDomain_byIdOrBareName() {
    for (String key : new String[] {"spiffe://partner.example", "partner.example"}) {
      X509SVIDResponse message =
          SHOP.message(CART).toBuilder()
              .putFederatedBundles(key, ByteString.copyFrom(PARTNER.bundle.encoded()))
              .build();

      X509Message parsed = parse(message);

      assertThat(parsed.context().bundles().bundle(PARTNER.domain)).contains(PARTNER.bundle);
      assertThat(parsed.leftOut()).isEmpty();
    }
  }

  @Test
  void federatedBundleThatDoesNotParse_isLeftOutAlone() {
    X509SVIDResponse message =
        SHOP.message(CART).toBuilder()
            .putFederatedBundles(
                "spiffe://partner.example", ByteString.copyFrom(PARTNER.bundle.encoded()))
            .putFederatedBundles("spiffe://broken.example", garbage())
            .putFederatedBundles("spiffe://UPPER", garbage())
            .build();

    X509Message parsed = parse(message);

    assertThat(parsed.context().bundles().bundle(PARTNER.domain)).isPresent();
    assertThat(parsed.context().bundles().bundles()).hasSize(2);
    assertThat(parsed.leftOut())
        .hasSize(2)
        .anyMatch(why -> why.contains("spiffe://broken.example"))
        .anyMatch(why -> why.contains("spiffe://UPPER"));
  }

  @Test
  void c5FederatedBundleWithoutAuthority_isNoBundle() {
    X509SVIDResponse message =
        SHOP.message(CART).toBuilder()
            .putFederatedBundles("spiffe://partner.example", ByteString.EMPTY)
            .build();

    X509Message parsed = parse(message);

    assertThat(parsed.context().bundles().bundle(TrustDomain.parse("partner.example"))).isEmpty();
    assertThat(parsed.leftOut()).isEmpty();
  }

  @Test
  void federatedEntryOfOnesOwnTrustDomain_doesNotWidenTheBundle() {
    TestCa impostor = new TestCa("shop.example", TestWorkload.NOW);
    X509SVIDResponse message =
        SHOP.message(CART).toBuilder()
            .putFederatedBundles(
                "spiffe://shop.example", ByteString.copyFrom(impostor.bundle.encoded()))
            .build();

    assertThat(parse(message).context().bundles().bundle(SHOP.domain)).contains(SHOP.bundle);
  }

  @Test
  void contextInALaterMessage_isTheSame_onlyWithTheSameLeafAndAuthorities() {
    X509Context first = parse(SHOP.message(CART)).context();

    assertThat(first.sameAs(parse(SHOP.message(CART)).context())).isTrue();
    assertThat(first.sameAs(parse(SHOP.message("/ns/shop/sa/cart")).context())).isFalse();
    assertThat(
            first.sameAs(
                parse(
                        SHOP.message(CART).toBuilder()
                            .putFederatedBundles(
                                "partner.example", ByteString.copyFrom(PARTNER.bundle.encoded()))
                            .build())
                    .context()))
        .isFalse();
  }

  /** The only legal refusal of foreign bytes is to discard the message. */
  @Test
  void damagedMessage_isUsedOrDiscarded_andNothingElse() {
    SplittableRandom random = new SplittableRandom(27);
    X509SVID good = TestCa.wire(CART, SHOP.bundle);
    int discarded = 0;
    for (int i = 0; i < 1500; i++) {
      X509SVID.Builder damaged = good.toBuilder();
      switch (i % 3) {
        case 0 -> damaged.setX509Svid(damaged(good.getX509Svid(), random));
        case 1 -> damaged.setX509SvidKey(damaged(good.getX509SvidKey(), random));
        default -> damaged.setBundle(damaged(good.getBundle(), random));
      }
      try {
        parse(X509SVIDResponse.newBuilder().addSvids(damaged).build());
      } catch (DiscardedMessageException e) {
        discarded++;
      }
    }
    assertThat(discarded).isGreaterThan(500);
  }

  private static ByteString damaged(ByteString from, SplittableRandom random) {
    byte[] bytes = from.toByteArray();
    for (int n = random.nextInt(3); n >= 0; n--) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
    }
    return ByteString.copyFrom(
        bytes, 0, random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length);
  }

  @Test
  void refusalsOfKeys_neverShowTheKey() {
    byte[] key = CART.privateKey().getEncoded();
    byte[] shortened = Arrays.copyOf(key, key.length - 4);

    assertThatThrownBy(() -> parse(with(b -> b.setX509SvidKey(ByteString.copyFrom(shortened)))))
        .isInstanceOf(DiscardedMessageException.class)
        .satisfies(
            e -> assertThat(e.getMessage()).doesNotContain(HexFormat.of().formatHex(key, 20, 36)));
  }
}
