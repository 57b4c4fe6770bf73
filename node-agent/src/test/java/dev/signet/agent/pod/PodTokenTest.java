package dev.signet.agent.pod;

import static dev.signet.agent.testing.Fixtures.AUDIENCE;
import static dev.signet.agent.testing.Fixtures.UID;
import static dev.signet.agent.testing.TestTokens.END;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.signet.agent.testing.TestTokens;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodTokenTest {

  @Test
  void token_knowsThePodItIsBoundTo_andPrintsNothing() {
    PodToken token = TestTokens.token(UID.value(), "a");

    assertThat(token.boundTo()).isEqualTo(UID);
    assertThat(token.reveal()).isEqualTo(TestTokens.compact(UID.value(), "a"));
    assertThat(token).hasToString("PodToken[redacted]");
    assertThat(token).isEqualTo(TestTokens.token(UID.value(), "a"));
    assertThat(token).isNotEqualTo(TestTokens.token(UID.value(), "b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a.b",
        "a.b.c.d",
        ".b.c",
        "a..c",
        "a.b.",
        "a.b.c\n",
        " a.b.c",
        "a+.b.c",
        "{\"payload\":1}"
      })
  void textThatIsNoCompactJwt_isRefused(String text) {
    assertThatThrownBy(() -> PodToken.parse(text, END))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"kubernetes.io\":{}}",
        "{\"kubernetes.io\":{\"pod\":{\"name\":\"x\"}}}",
        "{\"kubernetes.io\":{\"pod\":{\"uid\":7}}}",
        "{\"kubernetes.io\":{\"pod\":{\"uid\":\"NOT-A-UID\"}}}",
        "{\"kubernetes.io\":{\"pod\":{\"uid\":\"6c5d6b0e-8a4e-4c8e-9a55-0d6f0a1b2c3d\"},"
            + "\"pod\":{\"uid\":\"aaaaaaaa-8a4e-4c8e-9a55-0d6f0a1b2c3d\"}}}",
        "{\"kubernetes.io\":{\"pod\":{\"uid\":\"6c5d6b0e-8a4e-4c8e-9a55-0d6f0a1b2c3d\"}}} x"
      })
  void payloadThatNamesNoPod_isRefused_andNotQuoted(String payload) {
    String token = "h." + encoded(payload.getBytes(StandardCharsets.UTF_8)) + ".s";

    Throwable refusal = catchThrowable(() -> PodToken.parse(token, END));

    assertThat(refusal).isInstanceOf(IllegalArgumentException.class);
    assertThat(refusal.getMessage()).doesNotContain("NOT-A-UID").doesNotContain(token);
  }

  @Test
  void payloadThatIsNoUtf8_isRefused() {
    assertThatThrownBy(
            () -> PodToken.parse("h." + encoded(new byte[] {(byte) 0xC3, 0x28}) + ".s", END))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oversizedToken_isRefusedBeforeItIsRead() {
    assertThatThrownBy(() -> PodToken.parse("a".repeat(1 << 20), END))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16384");
  }

  @Test
  void deeplyNestedPayload_isRefusedWithoutExhaustingTheStack() {
    String deep = "[".repeat(11_000);
    assertThatThrownBy(
            () -> PodToken.parse("h." + encoded(deep.getBytes(StandardCharsets.UTF_8)) + ".s", END))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("levels");
  }

  @Test
  void token_endsWhenKubeletWasToldSo() {
    PodToken token =
        TokenRequests.token(
                TestTokens.requests(AUDIENCE, TestTokens.compact(UID.value(), "a")), AUDIENCE)
            .orElseThrow();

    assertThat(token.hasEnded(END.minusSeconds(1))).isFalse();
    assertThat(token.hasEnded(END)).isTrue();
  }

  @Test
  void tokenRequests_giveTheTokenOfOneAudience() {
    String text = TestTokens.requests(AUDIENCE, TestTokens.compact(UID.value(), "a"));

    assertThat(TokenRequests.token(text, AUDIENCE)).isPresent();
    assertThat(TokenRequests.token(text, AUDIENCE + "x")).isEmpty();
    assertThat(TokenRequests.token("{}", AUDIENCE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "\"x\"",
        "{\"signet://shop.example/workload\":\"t\"}",
        "{\"signet://shop.example/workload\":{}}",
        "{\"signet://shop.example/workload\":{\"token\":\"a.b.c\"}}",
        "{\"signet://shop.example/workload\":{\"token\":\"a.b.c\",\"expirationTimestamp\":1}}",
        "{\"signet://shop.example/workload\":{\"token\":\"a.b.c\",\"expirationTimestamp\":\"tomorrow\"}}",
        "{\"signet://shop.example/workload\":{\"token\":null}}",
        "{\"signet://shop.example/workload\":{\"token\":\"\"}}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":tru}",
        "{\"a\":1,}"
      })
  void tokenRequestsOfAnotherForm_areRefused(String text) {
    assertThatThrownBy(() -> TokenRequests.token(text, AUDIENCE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Property(tries = 2_000)
  void anyText_isATokenOrAnIllegalArgument(@ForAll @StringLength(max = 200) String text) {
    Throwable thrown = catchThrowable(() -> TokenRequests.token(text, AUDIENCE));

    assertThat(thrown == null || thrown instanceof IllegalArgumentException).isTrue();
  }

  @Property(tries = 1_000)
  void anyPayload_isAnIllegalArgument(@ForAll byte[] payload) {
    Throwable thrown = catchThrowable(() -> PodToken.parse("h." + encoded(payload) + ".s", END));

    assertThat(thrown).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\" : [ 1 , -0.5e+10, true,false ,null, \"\\u00e4\\n\\\"\\\\\\/\\b\\f\\r\\t\" ] }",
        "[]",
        "\"\"",
        "0",
        " {} "
      })
  void legalJson_isRead(String text) {
    assertThat(Json.parse(text)).isNotNull();
  }

  @Test
  void escapes_areUndone() {
    assertThat(Json.parse("\"\\u0041\\n\\ud83d\\ude00\"")).isEqualTo(new Json.Text("A\n😀"));
  }

  private static String encoded(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
