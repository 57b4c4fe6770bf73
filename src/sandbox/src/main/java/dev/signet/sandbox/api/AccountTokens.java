package dev.signet.sandbox.api;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.signet.sandbox.api.ApiUser.Account;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * ServiceAccount tokens: signed JWTs, checked against the live objects each time. The rules and
 * error texts are those of Kubernetes 1.36 ({@code pkg/serviceaccount/claims.go} and {@code
 * jwt.go}).
 *
 * <p>A real API server may repeat a positive answer for 10 s. This one does not: a token dies with
 * its pod at once. A test that should pass on both awaits the refusal. Thread-safe.
 */
final class AccountTokens {
  /**
   * Grace of the real validator for {@code exp}, {@code nbf}, {@code iat} and for deletion marks.
   */
  private static final Duration LEEWAY = Duration.ofMinutes(1);

  private static final String EXTRA = "authentication.kubernetes.io/";
  private static final String PRIVATE_CLAIMS = "kubernetes.io";

  private final ObjectStore store;
  private final InstantSource clock;
  private final String issuer;
  private final String apiAudience;
  private final JWSHeader header;
  private final RSASSASigner signer;
  private final RSASSAVerifier verifier;
  private final JWKSet published;

  AccountTokens(ObjectStore store, InstantSource clock, String issuer, String apiAudience) {
    this.store = store;
    this.clock = clock;
    this.issuer = issuer;
    this.apiAudience = apiAudience;
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair key = generator.generateKeyPair();
      // The key ID of Kubernetes: SHA-256 of the public key's DER.
      byte[] id = MessageDigest.getInstance("SHA-256").digest(key.getPublic().getEncoded());
      this.header =
          new JWSHeader.Builder(JWSAlgorithm.RS256)
              .keyID(Base64.getUrlEncoder().withoutPadding().encodeToString(id))
              .build();
      this.signer = new RSASSASigner(key.getPrivate());
      this.verifier = new RSASSAVerifier((RSAPublicKey) key.getPublic());
      this.published =
          new JWKSet(
              new RSAKey.Builder((RSAPublicKey) key.getPublic())
                  .keyUse(KeyUse.SIGNATURE)
                  .algorithm(JWSAlgorithm.RS256)
                  .keyID(header.getKeyID())
                  .build());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("This JDK has no RSA or SHA-256", e);
    }
  }

  /** The audience of the API server itself: what a caller's token must have. */
  String apiAudience() {
    return apiAudience;
  }

  /** {@code iss} of every token. */
  String issuer() {
    return issuer;
  }

  /** The public key that verifies them, for those who cannot ask for a review. */
  JWKSet published() {
    return published;
  }

  String issue(Grant grant) {
    return issue(grant, clock.instant());
  }

  String issue(Grant grant, Instant now) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("aud", grant.audiences());
    claims.put("exp", now.plus(grant.lifetime()).getEpochSecond());
    claims.put("iat", now.getEpochSecond());
    claims.put("iss", issuer);
    claims.put("jti", UUID.randomUUID().toString());
    claims.put(PRIVATE_CLAIMS, privateClaims(grant, now));
    claims.put("nbf", now.getEpochSecond());
    claims.put("sub", new Account(grant.account().namespace(), grant.account().name()).username());
    JWSObject token = new JWSObject(header, new Payload(claims));
    try {
      token.sign(signer);
    } catch (JOSEException e) {
      throw new IllegalStateException("Signing a token failed", e);
    }
    return token.serialize();
  }

  private static Map<String, Object> privateClaims(Grant grant, Instant now) {
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("namespace", grant.account().namespace());
    grant.node().ifPresent(node -> claims.put("node", reference(node.name(), node.uid())));
    grant.pod().ifPresent(pod -> claims.put("pod", reference(pod.name(), pod.uid())));
    claims.put("serviceaccount", reference(grant.account().name(), grant.account().uid()));
    grant.warnAfter().ifPresent(after -> claims.put("warnafter", now.plus(after).getEpochSecond()));
    return claims;
  }

  private static Map<String, Object> reference(String name, String uid) {
    Map<String, Object> reference = new LinkedHashMap<>();
    reference.put("name", name);
    if (!uid.isEmpty()) {
      reference.put("uid", uid);
    }
    return reference;
  }

  /**
   * Whom a token stands for.
   *
   * @param audiences the audiences that the asker identifies with; one of them has to be the
   *     token's
   * @throws InvalidTokenException if it stands for nobody
   */
  Reviewed review(String token, List<String> audiences) throws InvalidTokenException {
    Claims claims = verified(token);
    List<String> common = audiences.stream().filter(claims.audiences()::contains).toList();
    if (common.isEmpty()) {
      throw new InvalidTokenException(
          "token audiences "
              + quoted(claims.audiences())
              + " is invalid for the target audiences "
              + quoted(audiences));
    }
    checkTimes(claims);
    checkAccount(claims);
    checkPod(claims);
    Map<String, List<String>> extra = new TreeMap<>();
    put(extra, "credential-id", claims.text("jti").isEmpty() ? "" : "JTI=" + claims.text("jti"));
    put(extra, "pod-name", claims.of("pod", "name"));
    put(extra, "pod-uid", claims.of("pod", "uid"));
    put(extra, "node-name", claims.of("node", "name"));
    put(extra, "node-uid", claims.of("node", "uid"));
    Account account = new Account(claims.namespace(), claims.of("serviceaccount", "name"));
    return new Reviewed(
        ApiUser.account(account, claims.of("serviceaccount", "uid"), extra), common);
  }

  private static void put(Map<String, List<String>> extra, String key, String value) {
    if (!value.isEmpty()) {
      extra.put(EXTRA + key, List.of(value));
    }
  }

  private Claims verified(String token) throws InvalidTokenException {
    Map<String, Object> claims;
    try {
      JWSObject parsed = JWSObject.parse(token);
      if (!JWSAlgorithm.RS256.equals(parsed.getHeader().getAlgorithm())
          || !parsed.verify(verifier)) {
        throw new InvalidTokenException("invalid signature");
      }
      claims = parsed.getPayload().toJSONObject();
    } catch (ParseException | JOSEException | IllegalArgumentException e) {
      throw new InvalidTokenException("the token is not a signed JWT");
    }
    if (claims == null || !issuer.equals(claims.get("iss"))) {
      throw new InvalidTokenException("the token has another issuer");
    }
    return new Claims(claims);
  }

  private void checkTimes(Claims claims) throws InvalidTokenException {
    Instant now = clock.instant();
    if (now.minus(LEEWAY).isAfter(claims.time("exp"))) {
      throw new InvalidTokenException("service account token has expired");
    }
    if (now.plus(LEEWAY).isBefore(claims.time("nbf"))) {
      throw new InvalidTokenException("service account token is not valid yet");
    }
    if (now.plus(LEEWAY).isBefore(claims.time("iat"))) {
      throw new InvalidTokenException("service account token is issued in the future");
    }
  }

  private void checkAccount(Claims claims) throws InvalidTokenException {
    String name = claims.of("serviceaccount", "name");
    ApiObject account =
        store
            .get(Resource.SERVICE_ACCOUNTS, claims.namespace(), name)
            .orElseThrow(
                () -> new InvalidTokenException("serviceaccounts \"" + name + "\" not found"));
    String claimed = claims.of("serviceaccount", "uid");
    if (!account.uid().equals(claimed)) {
      throw new InvalidTokenException(
          "service account UID (" + account.uid() + ") does not match claim (" + claimed + ")");
    }
  }

  private void checkPod(Claims claims) throws InvalidTokenException {
    String name = claims.of("pod", "name");
    if (name.isEmpty()) {
      return;
    }
    ApiObject pod =
        store
            .get(Resource.PODS, claims.namespace(), name)
            .orElseThrow(
                () -> new InvalidTokenException("service account token has been invalidated"));
    String claimed = claims.of("pod", "uid");
    if (!pod.uid().equals(claimed)) {
      throw new InvalidTokenException(
          "pod UID ("
              + pod.uid()
              + ") does not match service account pod ref claim ("
              + claimed
              + ")");
    }
    Instant invalidIfDeletedBefore = clock.instant().minus(LEEWAY);
    if (pod.deletionTimestamp()
        .filter(deleted -> deleted.isBefore(invalidIfDeletedBefore))
        .isPresent()) {
      throw new InvalidTokenException("service account token has been invalidated");
    }
  }

  private static String quoted(List<String> audiences) {
    return audiences.stream().map(audience -> '"' + audience + '"').toList().toString();
  }

  /**
   * What a token is made of.
   *
   * @param node the node of the pod at this moment; without a UID while there is no such Node
   *     object
   * @param warnAfter set on stretched tokens only
   */
  record Grant(
      ApiObject account,
      Optional<ApiObject> pod,
      Optional<NodeReference> node,
      List<String> audiences,
      Duration lifetime,
      Optional<Duration> warnAfter) {
    Grant {
      audiences = List.copyOf(audiences);
    }
  }

  record NodeReference(String name, String uid) {}

  /** A good token: who it stands for, and which of the asked audiences are its own. */
  record Reviewed(ApiUser user, List<String> audiences) {}

  /** A token that stands for nobody; the message may be shown to the caller. */
  static final class InvalidTokenException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidTokenException(String message) {
      super(message, null, false, false);
    }
  }

  private record Claims(Map<String, Object> claims) {
    List<String> audiences() {
      return claims.get("aud") instanceof List<?> list
          ? list.stream().map(Objects::toString).toList()
          : List.of();
    }

    String text(String name) {
      return claims.get(name) instanceof String text ? text : "";
    }

    Instant time(String name) {
      return claims.get(name) instanceof Number number
          ? Instant.ofEpochSecond(number.longValue())
          : Instant.MIN;
    }

    String namespace() {
      return claims.get(PRIVATE_CLAIMS) instanceof Map<?, ?> map
              && map.get("namespace") instanceof String text
          ? text
          : "";
    }

    String of(String object, String field) {
      return claims.get(PRIVATE_CLAIMS) instanceof Map<?, ?> map
              && map.get(object) instanceof Map<?, ?> reference
              && reference.get(field) instanceof String text
          ? text
          : "";
    }
  }
}
