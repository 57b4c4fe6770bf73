package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.signet.agent.testing.CapturedLog;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestTokens;
import dev.signet.proto.spiffe.X509SVIDResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nothing secret reaches a log, whatever its level (THREATS.md T35). */
class NodeAgentSecretsTest extends AgentFixture {
  @Test
  void everythingAtTrace_showsNoTokenAndNoKey() throws Exception {
    try (CapturedLog log = CapturedLog.atTrace()) {
      ca.decide(token ->
          token.equals(TOKEN)
              ? new FakeCa.Decision.Grant(CART, Duration.ofSeconds(2))
              : FakeCa.refuse("TOKEN_REFUSED", false));
      node.csi().nodePublishVolume(node.publish(POD, "identity", TOKEN).build());
      Collector<X509SVIDResponse> stream = fetch(POD, "identity");
      byte[] key = stream.next().getSvids(0).getX509SvidKey().toByteArray();
      byte[] renewed = stream.next().getSvids(0).getX509SvidKey().toByteArray();
      String other = OTHER_UID.value();
      String refused = TestTokens.compact(other, "refused");
      node.csi().nodePublishVolume(node.publish(other, "identity", refused).build());
      fetch(other, "identity").end();
      var bad = node.publish(POD, "second", TOKEN).putVolumeContext("x", "y").build();
      assertThat(catchThrowable(() -> node.csi().nodePublishVolume(bad))).isNotNull();

      assertThat(log.lines()).anyMatch(line -> line.contains("SVID ready"));
      for (String line : log.lines()) {
        assertNoPart(line, TOKEN);
        assertNoPart(line, refused);
        for (byte[] secret : List.of(key, renewed)) {
          // The scalar starts at byte 36 of a P-256 key in PKCS#8.
          byte[] scalar = Arrays.copyOfRange(secret, 36, 68);
          assertThat(line).doesNotContain(HexFormat.of().formatHex(scalar, 0, 8));
          assertThat(line)
              .doesNotContain(Base64.getEncoder().encodeToString(scalar).substring(0, 12));
        }
      }
    }
  }

  private static void assertNoPart(String line, String token) {
    for (String part : token.split("\\.", -1)) {
      assertThat(line).doesNotContain(part);
    }
    // A hex dump of a frame, as gRPC's transport would print it.
    byte[] payload = token.substring(token.indexOf('.')).getBytes(StandardCharsets.US_ASCII);
    assertThat(line).doesNotContain(HexFormat.of().formatHex(payload, 0, 12));
  }
}
