package dev.signet.ca.attestation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceAccountTokenTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "a.b",
        "a..c",
        ".b.c",
        "a.b.",
        "a.b.c.d",
        "a.b.c ",
        " a.b.c",
        "a.b.c\n",
        "a.b.c=",
        "a.b/.c",
        "ä.b.c",
        "Bearer a.b.c",
        "a.b.c\0"
      })
  void noCompactJwt_malformed(String text) {
    assertThatThrownBy(() -> ServiceAccountToken.parse(text))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> assertThat(e.refusal().reason()).isEqualTo(RefusalReason.TOKEN_MALFORMED));
  }

  @Test
  void longerThan16KiB_malformed() throws RefusedException {
    String longest = "a.b." + "c".repeat(ServiceAccountToken.MAX_LENGTH - 4);

    assertThat(ServiceAccountToken.parse(longest).reveal()).isEqualTo(longest);
    assertThatThrownBy(() -> ServiceAccountToken.parse(longest + "c"))
        .isInstanceOf(RefusedException.class);
  }

  /** THREATS T35. */
  @Test
  void text_holdsNothingOfTheToken() throws RefusedException {
    ServiceAccountToken token = ServiceAccountToken.parse("aaaa.secret.cccc");

    assertThat(token.toString()).doesNotContain("secret", "aaaa", "cccc");
    assertThat(token.sha256())
        .hasSize(64)
        .isEqualTo(ServiceAccountToken.fingerprint("aaaa.secret.cccc"));
  }
}
