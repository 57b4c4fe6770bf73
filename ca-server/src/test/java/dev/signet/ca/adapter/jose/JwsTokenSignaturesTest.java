package dev.signet.ca.adapter.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.jwk.Curve;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenClaims;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I10, and the JWT rows of I6. */
class JwsTokenSignaturesTest {
  private static ClusterKey rsa;
  private static ClusterKey ec;
  private static JwsTokenSignatures signatures;

  @BeforeAll
  static void keys() throws Exception {
    rsa = ClusterKey.rsa("rsa-1", 2048);
    ec = ClusterKey.ec("ec-1", Curve.P_256);
    TokenKeys known = TokenKeys.parse(ClusterKey.set(rsa.published(), ec.published()));
    signatures = new JwsTokenSignatures(() -> known);
  }

  private static JWSHeader.Builder rs256() {
    return new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa-1");
  }

  @Test
  void tokenOfEitherKind_itsClaims() throws Exception {
    TokenClaims claims =
        signatures.verify(rsa.sign(rs256().type(JOSEObjectType.JWT).build(), ClusterKey.claims()));

    assertThat(claims.issuer()).isEqualTo("https://kubernetes.default.svc");
    assertThat(claims.subject()).isEqualTo("system:serviceaccount:cart:cart");
    assertThat(claims.audiences()).containsExactly("signet://shop.example/workload");
    assertThat(claims.times().issuedAt()).isEqualTo(Instant.ofEpochSecond(1_800_000_000));
    assertThat(claims.times().expiresAt()).isEqualTo(Instant.ofEpochSecond(1_800_003_600));
    assertThat(claims.id()).isEqualTo("1");
    assertThat(claims.namespace()).isEqualTo("cart");
    assertThat(claims.bindings())
        .isEqualTo(
            new TokenClaims.Bindings(
                new TokenClaims.Reference("cart", "account-uid-1"),
                new TokenClaims.Reference("cart-1", "pod-uid-1"),
                new TokenClaims.Reference("node-1", "node-uid-1")));
    assertThat(
            signatures.verify(
                ec.sign(
                    new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("ec-1").build(),
                    ClusterKey.claims())))
        .isEqualTo(claims);
  }

  @Test
  void keyOfAnotherCluster_isUnknownAndNoRefusalForGood() throws Exception {
    ClusterKey other = ClusterKey.rsa("rsa-2", 2048);

    assertReason(
        other.sign(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("rsa-2").build(), ClusterKey.claims()),
        RefusalReason.TOKEN_KEY_UNKNOWN);
    assertThat(RefusalReason.TOKEN_KEY_UNKNOWN.retryable()).isTrue();
  }

  @Test
  void foreignKeyUnderAKnownName_rejected() throws Exception {
    assertReason(
        ClusterKey.rsa("rsa-1", 2048).sign(rs256().build(), ClusterKey.claims()),
        RefusalReason.TOKEN_REJECTED);
  }

  @Test
  void anyOtherHeader_rejected() throws Exception {
    List<JWSHeader> headers =
        List.of(
            new JWSHeader.Builder(JWSAlgorithm.RS256).build(),
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("").build(),
            new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("rsa-1").build(),
            new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("rsa-1").build(),
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("ec-1").build(),
            rs256().jwkURL(URI.create("https://attacker.example")).build(),
            rs256().x509CertURL(URI.create("https://attacker.example")).build(),
            rs256().criticalParams(Set.of("exp")).customParam("exp", 1).build(),
            rs256().customParam("x", "y").build());
    for (JWSHeader header : headers) {
      assertReason(rsa.sign(header, ClusterKey.claims()), RefusalReason.TOKEN_REJECTED);
    }
  }

  @Test
  void unsigned_orSignedWithThePublicKeyAsASecret_orOtherwiseForged_refused() throws Exception {
    String claims = new Payload(ClusterKey.claims()).toBase64URL().toString();

    assertReason(
        forged("{\"alg\":\"none\",\"kid\":\"rsa-1\"}", claims, "AA"),
        RefusalReason.TOKEN_MALFORMED);
    assertReason(
        forged("{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", claims, "A".repeat(43)),
        RefusalReason.TOKEN_REJECTED);
    assertReason(forged("[]", claims, "AA"), RefusalReason.TOKEN_MALFORMED);
    assertReason(
        forged("{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", claims, "A".repeat(342)),
        RefusalReason.TOKEN_REJECTED);
  }

  /** R19, CVE-2022-21449. */
  @Test
  void allZeroSignature_rejected() throws Exception {
    String claims = new Payload(ClusterKey.claims()).toBase64URL().toString();

    assertReason(
        forged("{\"alg\":\"ES256\",\"kid\":\"ec-1\"}", claims, "A".repeat(86)),
        RefusalReason.TOKEN_REJECTED);
  }

  @Test
  void changedClaims_rejected() throws Exception {
    String[] parts = rsa.sign(rs256().build(), ClusterKey.claims()).reveal().split("\\.", -1);
    Map<String, Object> claims = ClusterKey.claims();
    claims.put("sub", "system:serviceaccount:payments:payments");

    assertReason(
        ServiceAccountToken.parse(
            parts[0] + "." + new Payload(claims).toBase64URL() + "." + parts[2]),
        RefusalReason.TOKEN_REJECTED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.5",
        "1e300",
        "\"1800000000\"",
        "null",
        "-1",
        "true",
        "[]",
        "99999999999999",
        "1e3"
      })
  void timeThatIsNone_rejected(String time) throws Exception {
    String json =
        new Payload(ClusterKey.claims())
            .toString()
            .replace("\"exp\":1800003600", "\"exp\":" + time);
    assertThat(json).contains("\"exp\":" + time);

    assertReason(rsa.sign(rs256().build(), new Payload(json)), RefusalReason.TOKEN_REJECTED);
  }

  @Test
  void claimsThatAreNoObject_rejected() throws Exception {
    for (String payload : List.of("[]", "text", "\"x\"", "{\"a\":1")) {
      assertReason(rsa.sign(rs256().build(), new Payload(payload)), RefusalReason.TOKEN_REJECTED);
    }
  }

  @Test
  void missingOrOddClaims_areEmptyAndNeverGuessed() throws Exception {
    Map<String, Object> claims = ClusterKey.claims();
    claims.put("aud", List.of("signet://shop.example/workload", 7));
    claims.put("sub", 7);
    claims.put("kubernetes.io", Map.of("pod", "cart-1", "node", Map.of("name", List.of("x"))));

    TokenClaims read = signatures.verify(rsa.sign(rs256().build(), claims));

    assertThat(read.audiences()).isEmpty();
    assertThat(read.subject()).isEmpty();
    assertThat(read.bindings())
        .isEqualTo(
            new TokenClaims.Bindings(
                TokenClaims.Reference.NONE,
                TokenClaims.Reference.NONE,
                TokenClaims.Reference.NONE));
  }

  private static ServiceAccountToken forged(String header, String claims, String signature)
      throws RefusedException {
    String first =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(header.getBytes(StandardCharsets.UTF_8));
    return ServiceAccountToken.parse(first + "." + claims + "." + signature);
  }

  private static void assertReason(ServiceAccountToken token, RefusalReason reason) {
    assertThatThrownBy(() -> signatures.verify(token))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.refusal().reason()).isEqualTo(reason);
              assertThat(e.getMessage()).doesNotContain(token.reveal());
            });
  }
}
