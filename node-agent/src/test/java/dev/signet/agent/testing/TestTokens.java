package dev.signet.agent.testing;

import dev.signet.agent.pod.PodToken;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/** Tokens with the claims of Kubernetes and a signature of no meaning. */
public final class TestTokens {
  /** When every token here ends: long after all tests. */
  public static final Instant END = Instant.parse("2100-01-01T00:00:00Z");

  private TestTokens() {}

  /** A token bound to a pod; the mark makes it another token. */
  public static String compact(String podUid, String mark) {
    return part("{\"alg\":\"RS256\",\"kid\":\"k\"}")
        + "."
        + part(
            "{\"aud\":[\"signet://shop.example/workload\"],\"exp\":1764035600,\"jti\":\""
                + mark
                + "\",\"kubernetes.io\":{\"namespace\":\"shop\",\"node\":{\"name\":\"node-1\"},"
                + "\"pod\":{\"name\":\"cart-0\",\"uid\":\""
                + podUid
                + "\"},\"serviceaccount\":{\"name\":\"cart\"}}}")
        + "."
        + part("signature of " + mark);
  }

  public static PodToken token(String podUid, String mark) {
    return PodToken.parse(compact(podUid, mark), END);
  }

  /** Kubelet's form of it. */
  public static String requests(String audience, String compact) {
    return "{\""
        + audience
        + "\":{\"token\":\""
        + compact
        + "\",\"expirationTimestamp\":\"2100-01-01T00:00:00Z\"}}";
  }

  private static String part(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
