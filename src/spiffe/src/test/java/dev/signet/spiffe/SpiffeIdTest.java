package dev.signet.spiffe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {

  private static final TrustDomain TD = TrustDomain.parse("td");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://td/a",
        "spiffe:/td/a",
        "Spiffe://td/a",
        "SPIFFE://td/a",
        "",
        "spiffe",
        "spiffe:",
        "spiffe:/",
        " spiffe://td/a",
        "td/a",
        "//td/a",
        "spiffe:\\\\td\\a"
      })
  void id1_otherScheme_isRefused(String id) {
    assertRefused("ID-1", id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spiffe:///a", "spiffe://", "spiffe:///", "spiffe:////"})
  void id2_emptyTrustDomain_isRefused(String id) {
    assertRefused("ID-2", id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://td/a?x=1",
        "spiffe://td/a#f",
        "spiffe://td/a?",
        "spiffe://td/a#",
        "spiffe://td?x",
        "spiffe://td#f"
      })
  void id3_queryOrFragment_isRefused(String id) {
    assertRefused("ID-3", id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spiffe://u@td/a", "spiffe://td:443/a", "spiffe://td:/a", "spiffe://u:p@td/a"})
  void id4_userOrPort_isRefused(String id) {
    assertRefused("ID-4", id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spiffe://TD/a", "spiffe://tD/a", "spiffe://td.Example/a"})
  void id5_upperCaseTrustDomain_isRefused(String id) {
    assertRefused("ID-5", id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spiffe://a_b.c-1/a", "spiffe://0/a", "spiffe://_/a", "spiffe://-/a"})
  void id6_legalTrustDomainCharacters_areAccepted(String id) {
    assertThat(SpiffeId.parse(id)).hasToString(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://td~x/a", "spiffe://[::1]/a", "spiffe://td\u00e9/a", "spiffe://td td/a",
        "spiffe://t\u0430/a", "spiffe://td\\a", "spiffe://t\u0000d/a", "spiffe://td\n/a"
      })
  void id6_otherTrustDomainCharacters_areRefused(String id) {
    assertRefused("ID-6", id);
  }

  @Test
  void id7_percentEncodedTrustDomain_isRefused() {
    assertRefused("ID-7", "spiffe://t%64/a");
    assertRefused("ID-7", "spiffe://%2e%2e/a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://10.0.0.1/a", "spiffe://-x./a", "spiffe://a..b/x", "spiffe://./a",
        "spiffe://../a", "spiffe://.td/a", "spiffe://999.999/a", "spiffe://xn--a/b"
      })
  void id8_namesThatLookLikeAddresses_getNoSpecialTreatment(String id) {
    assertThat(SpiffeId.parse(id)).hasToString(id);
  }

  @Test
  void id8_trailingDot_isAnotherTrustDomain() {
    assertThat(TrustDomain.parse("td.")).isNotEqualTo(TrustDomain.parse("td"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a%2fb", "/%61", "/%2e%2e", "/a%"})
  void id9_percentEncodedPath_isRefused(String path) {
    assertRefused("ID-9", "spiffe://td" + path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a b",
        "/a:b",
        "/a~",
        "/\u00e4",
        "/a\\b",
        "/a@b",
        "/a\u0000",
        "/a\n",
        "/\uff41",
        "/a+b",
        "/\ud83d\ude00",
        "/a;b",
        "/a*"
      })
  void id10_otherSegmentCharacters_areRefused(String path) {
    assertRefused("ID-10", "spiffe://td" + path);
  }

  @Test
  void id10_allSegmentCharacters_areAccepted() {
    String id = "spiffe://td/abcdefghijklmnopqrstuvwxyz/ABCDEFGHIJKLMNOPQRSTUVWXYZ/0123456789/.-_";

    assertThat(SpiffeId.parse(id).segments())
        .containsExactly(
            "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789", ".-_");
  }

  @ParameterizedTest
  @ValueSource(strings = {"//a", "/a//b", "/./a", "/a/..", "/.", "/..", "/../a", "//", "/a/./b"})
  void id11_emptyAndDotSegments_areRefused(String path) {
    assertRefused("ID-11", "spiffe://td" + path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/...", "/.a", "/a..b", "/..a", "/a.", "/...."})
  void id11_segmentsThatOnlyContainDots_areAccepted(String path) {
    assertThat(SpiffeId.parse("spiffe://td" + path).path()).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"spiffe://td/a/", "spiffe://td/", "spiffe://td/a/b/"})
  void id12_trailingSlash_isRefused(String id) {
    assertRefused("ID-12", id);
  }

  @Test
  void id13_2048Bytes_areAccepted() {
    String id = "spiffe://td/" + "a".repeat(2048 - "spiffe://td/".length());

    assertThat(SpiffeId.parse(id)).hasToString(id);
    assertThat(SpiffeId.of(TD, id.substring("spiffe://td/".length()))).hasToString(id);
  }

  @Test
  void id13_2049Bytes_areRefused() {
    String segment = "a".repeat(2049 - "spiffe://td/".length());

    assertRefused("ID-13", "spiffe://td/" + segment);
    assertRefusedBy("ID-13", () -> SpiffeId.of(TD, segment));
  }

  @Test
  void id14_trustDomainOf255Bytes_isAccepted() {
    String name = "a".repeat(255);

    assertThat(SpiffeId.parse("spiffe://" + name + "/a").trustDomain().name()).isEqualTo(name);
  }

  @Test
  void id14_trustDomainOf256Bytes_isRefused() {
    assertRefused("ID-14", "spiffe://" + "a".repeat(256) + "/a");
  }

  @Test
  void id15_paths_compareCaseSensitively() {
    assertThat(SpiffeId.parse("spiffe://td/ns/A")).isNotEqualTo(SpiffeId.parse("spiffe://td/ns/a"));
  }

  @Test
  void parsedId_showsItsParts() {
    SpiffeId id = SpiffeId.parse("spiffe://td/ns/cart/sa/cart");

    assertThat(id.trustDomain()).isEqualTo(TD);
    assertThat(id.path()).isEqualTo("/ns/cart/sa/cart");
    assertThat(id.segments()).containsExactly("ns", "cart", "sa", "cart");
    assertThat(id.isTrustDomainId()).isFalse();
    assertThat(id)
        .isEqualTo(SpiffeId.of(TD, "ns", "cart", "sa", "cart"))
        .hasSameHashCodeAs(SpiffeId.of(TD, "ns", "cart", "sa", "cart"));
  }

  @Test
  void trustDomainId_hasNoPath() {
    SpiffeId id = SpiffeId.parse("spiffe://td");

    assertThat(id).isEqualTo(SpiffeId.of(TD)).isEqualTo(TD.id());
    assertThat(id.path()).isEmpty();
    assertThat(id.segments()).isEmpty();
    assertThat(id.isTrustDomainId()).isTrue();
  }

  @Test
  void segmentOfSeveralParts_isRefusedAndNotSplit() {
    assertRefusedBy("ID-10", () -> SpiffeId.of(TD, "a/b"));
    assertRefusedBy("ID-11", () -> SpiffeId.of(TD, "ns", ""));
    assertRefusedBy("ID-11", () -> SpiffeId.of(TD, "ns", ".."));
    assertRefusedBy("ID-11", () -> SpiffeId.of(TD, "."));
    assertRefusedBy("ID-10", () -> SpiffeId.of(TD, "a\u0000"));
  }

  @Test
  void refusal_showsForeignTextEscapedAndCutShort() {
    assertThatThrownBy(() -> SpiffeId.parse("spiffe://td/\u001b[31m" + "x".repeat(500)))
        .hasMessageStartingWith("\"spiffe://td/\\u001b[31mxxx")
        .hasMessageContaining("(517 characters)")
        .hasMessageEndingWith("(ID-10)")
        .extracting(Throwable::getMessage)
        .satisfies(message -> assertThat(message).isPrintable().hasSizeLessThan(300));
  }

  private static void assertRefused(String rule, String id) {
    assertRefusedBy(rule, () -> SpiffeId.parse(id));
  }

  private static void assertRefusedBy(
      String rule, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .asInstanceOf(type(InvalidSpiffeIdException.class))
        .extracting(InvalidSpiffeIdException::rule)
        .isEqualTo(rule);
  }
}
