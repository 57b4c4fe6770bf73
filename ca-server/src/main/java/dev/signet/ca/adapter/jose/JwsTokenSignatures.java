package dev.signet.ca.adapter.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.attestation.TokenSignatures;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenClaims;
import java.text.ParseException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the signature of a token in compact form (RFC 7515) and reads its claims. What a header
 * may say is listed: the algorithm, which has to be the key's own, and the key's name. No text of a
 * token goes into a message. Thread-safe.
 */
final class JwsTokenSignatures implements TokenSignatures {
  private static final Set<String> HEADERS = Set.of("alg", "kid", "typ");
  private static final String PRIVATE_CLAIMS = "kubernetes.io";

  /** Within four digits of a year, so that no arithmetic on it overflows. */
  private static final long LATEST_SECOND = 253_402_300_799L;

  private final Supplier<TokenKeys> keys;

  JwsTokenSignatures(Supplier<TokenKeys> keys) {
    this.keys = keys;
  }

  @Override
  public TokenClaims verify(ServiceAccountToken token) throws RefusedException {
    JWSObject jws;
    try {
      jws = JWSObject.parse(token.reveal());
    } catch (ParseException | RuntimeException e) {
      throw new RefusedException(RefusalReason.TOKEN_MALFORMED, "it is no signed JWT");
    }
    requireSignature(jws);
    Map<String, Object> claims = jws.getPayload().toJSONObject();
    if (claims == null) {
      throw rejected("its payload is no JSON object");
    }
    return claims(claims);
  }

  private void requireSignature(JWSObject jws) throws RefusedException {
    JWSHeader header = jws.getHeader();
    if (!HEADERS.containsAll(header.getIncludedParams())) {
      throw rejected("its header says more than " + HEADERS);
    }
    String id = header.getKeyID();
    if (id == null || id.isEmpty()) {
      throw rejected("its header names no key");
    }
    TokenKeys.Key key =
        keys.get()
            .of(id)
            .orElseThrow(() ->
                new RefusedException(
                    RefusalReason.TOKEN_KEY_UNKNOWN, "the key is not one of the file's"));
    if (!key.algorithm().equals(header.getAlgorithm())) {
      throw rejected("its algorithm is not " + key.algorithm() + ", which the key it names is for");
    }
    try {
      if (!jws.verify(key.verifier())) {
        throw rejected("the cluster did not sign it");
      }
    } catch (JOSEException e) {
      throw rejected("its signature cannot be verified");
    }
  }

  private static TokenClaims claims(Map<String, Object> claims) throws RefusedException {
    Map<?, ?> binding = claims.get(PRIVATE_CLAIMS) instanceof Map<?, ?> map ? map : Map.of();
    return new TokenClaims(
        text(claims, "iss"),
        text(claims, "sub"),
        audiences(claims.get("aud")),
        new TokenClaims.Times(time(claims, "iat"), time(claims, "nbf"), time(claims, "exp")),
        text(claims, "jti"),
        text(binding, "namespace"),
        new TokenClaims.Bindings(
            reference(binding, "serviceaccount"),
            reference(binding, "pod"),
            reference(binding, "node")));
  }

  private static List<String> audiences(@Nullable Object claim) {
    return switch (claim) {
      case String one -> List.of(one);
      case List<?> list when list.stream().allMatch(String.class::isInstance) ->
          list.stream().map(String.class::cast).toList();
      case null, default -> List.of();
    };
  }

  private static Instant time(Map<String, Object> claims, String name) throws RefusedException {
    if (claims.get(name) instanceof Long second && second >= 0 && second <= LATEST_SECOND) {
      return Instant.ofEpochSecond(second);
    }
    throw rejected("its claim " + name + " is no time in whole seconds");
  }

  private static TokenClaims.Reference reference(Map<?, ?> binding, String name) {
    return binding.get(name) instanceof Map<?, ?> object
        ? new TokenClaims.Reference(text(object, "name"), text(object, "uid"))
        : TokenClaims.Reference.NONE;
  }

  private static String text(Map<?, ?> object, String name) {
    return object.get(name) instanceof String text ? text : "";
  }

  private static RefusedException rejected(String detail) {
    return new RefusedException(RefusalReason.TOKEN_REJECTED, detail);
  }
}
