package dev.signet.ca.adapter.jose;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import dev.signet.ca.attestation.ServiceAccountToken;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a cluster signs tokens with, and tokens as it writes them. */
final class ClusterKey {
  private final JWK key;

  private ClusterKey(JWK key) {
    this.key = key;
  }

  static ClusterKey rsa(String id, int bits) throws Exception {
    return new ClusterKey(new RSAKeyGenerator(bits, true).keyID(id).generate());
  }

  static ClusterKey ec(String id, Curve curve) throws Exception {
    return new ClusterKey(new ECKeyGenerator(curve).keyID(id).generate());
  }

  /** As the API server publishes it. */
  String published() {
    return key.toPublicJWK().toJSONString();
  }

  String secret() {
    return key.toJSONString();
  }

  static String set(String... entries) {
    return Stream.of(entries).collect(Collectors.joining(",", "{\"keys\":[", "]}"));
  }

  ServiceAccountToken sign(JWSHeader header, Map<String, Object> claims) throws Exception {
    return sign(header, new Payload(claims));
  }

  ServiceAccountToken sign(JWSHeader header, Payload payload) throws Exception {
    JWSObject jws = new JWSObject(header, payload);
    JWSSigner signer =
        key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner((ECKey) key);
    jws.sign(signer);
    return ServiceAccountToken.parse(jws.serialize());
  }

  /** The claims of a pod's token (KEP-1205, KEP-4193). */
  static Map<String, Object> claims() {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("aud", List.of("signet://shop.example/workload"));
    claims.put("exp", 1_800_003_600L);
    claims.put("iat", 1_800_000_000L);
    claims.put("iss", "https://kubernetes.default.svc");
    claims.put("jti", "1");
    claims.put(
        "kubernetes.io",
        Map.of(
            "namespace", "cart",
            "node", Map.of("name", "node-1", "uid", "node-uid-1"),
            "pod", Map.of("name", "cart-1", "uid", "pod-uid-1"),
            "serviceaccount", Map.of("name", "cart", "uid", "account-uid-1")));
    claims.put("nbf", 1_800_000_000L);
    claims.put("sub", "system:serviceaccount:cart:cart");
    return claims;
  }
}
