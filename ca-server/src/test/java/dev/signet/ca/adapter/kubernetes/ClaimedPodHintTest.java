package dev.signet.ca.adapter.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.attestation.PodName;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.issuance.RefusedException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClaimedPodHintTest {
  private final ClaimedPodHint hint = new ClaimedPodHint();

  @Test
  void boundToken_itsPod() throws Exception {
    assertThat(
            of(
                """
                {"aud":["x"],"kubernetes.io":{"namespace":"cart","pod":{"name":"cart-1","uid":"p1"}}}
                """))
        .contains(new PodName("cart", "cart-1"));
  }

  /** What is read early goes into a URL. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "null",
        "[]",
        "1",
        "x",
        "{\"kubernetes.io\":null}",
        "{\"kubernetes.io\":{}}",
        "{\"kubernetes.io\":{\"namespace\":\"cart\"}}",
        "{\"kubernetes.io\":{\"namespace\":\"cart\",\"pod\":{}}}",
        "{\"kubernetes.io\":{\"namespace\":\"..\",\"pod\":{\"name\":\"a\"}}}",
        "{\"kubernetes.io\":{\"namespace\":\"a/b\",\"pod\":{\"name\":\"a\"}}}",
        "{\"kubernetes.io\":{\"namespace\":\"a\",\"pod\":{\"name\":\"../secrets\"}}}",
        "{\"kubernetes.io\":{\"namespace\":\"a\",\"pod\":{\"name\":[1]}}}",
        "{\"kubernetes.io\":\"a\"}"
      })
  void anythingElse_noHint(String claims) throws Exception {
    assertThat(of(claims)).isEmpty();
  }

  @Test
  void deepNesting_noHint() throws Exception {
    assertThat(of("{\"a\":" + "[".repeat(5_000))).isEmpty();
  }

  @Property(tries = 300)
  void anyBytes_neverThrows(@ForAll @Size(max = 60) byte[] bytes) throws RefusedException {
    String part = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);

    assertThat(hint.of(ServiceAccountToken.parse("a." + (part.isEmpty() ? "b" : part) + ".c")))
        .isEmpty();
  }

  private Optional<PodName> of(String claims) throws RefusedException {
    String payload =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    return hint.of(ServiceAccountToken.parse("a." + payload + ".c"));
  }
}
