package dev.signet.ca.adapter.jose;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The public keys that a cluster signs ServiceAccount tokens with, as its API server publishes them
 * under {@code /openid/v1/jwks} (RFC 7517): RSA from 2048 bits for RS256, P-256 for ES256. An entry
 * that is none of these is left out; a set that nobody should trust is refused as a whole. No key
 * at all is a set, too: it trusts nobody. Immutable.
 */
final class TokenKeys {
  static final int MOST_KEYS = 64;
  private static final int LEAST_RSA_BITS = 2048;
  private static final int MOST_RSA_BITS = 8192;

  private final Map<String, Key> byId;
  private final List<String> leftOut;

  private TokenKeys(Map<String, Key> byId, List<String> leftOut) {
    this.byId = Map.copyOf(byId);
    this.leftOut = List.copyOf(leftOut);
  }

  /** A key, and the one algorithm that it verifies. */
  record Key(JWSAlgorithm algorithm, JWSVerifier verifier) {}

  /**
   * Reads a set.
   *
   * @throws ParseException saying what is wrong with the set as a whole
   */
  static TokenKeys parse(String json) throws ParseException {
    List<Object> entries;
    try {
      entries = JSONObjectUtils.getJSONArray(JSONObjectUtils.parse(json), "keys");
    } catch (ParseException | RuntimeException e) {
      throw wrong("it is no JSON object with a list \"keys\"");
    }
    if (entries == null) {
      throw wrong("it has no list \"keys\"");
    }
    if (entries.size() > MOST_KEYS) {
      throw wrong("it has " + entries.size() + " keys, at most " + MOST_KEYS + " are taken");
    }
    Map<String, Key> byId = new HashMap<>();
    List<String> leftOut = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Optional<JWK> jwk = entry(entries.get(i));
      Optional<Key> key = jwk.flatMap(TokenKeys::usable);
      if (jwk.filter(JWK::isPrivate).isPresent()) {
        throw wrong("entry " + i + " is a private key; only public ones belong there");
      }
      if (key.isEmpty()) {
        leftOut.add("entry " + i);
      } else if (byId.put(jwk.get().getKeyID(), key.get()) != null) {
        throw wrong("two keys have one kid");
      }
    }
    return new TokenKeys(byId, leftOut);
  }

  private static Optional<JWK> entry(Object entry) {
    try {
      @SuppressWarnings("unchecked") // a JSON object's members have text for names
      Map<String, Object> members = (Map<String, Object>) entry;
      return Optional.of(JWK.parse(members));
    } catch (ParseException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Key> usable(JWK jwk) {
    String id = jwk.getKeyID();
    boolean named = id != null && !id.isEmpty();
    boolean signs = jwk.getKeyUse() == null || KeyUse.SIGNATURE.equals(jwk.getKeyUse());
    if (!named || !signs) {
      return Optional.empty();
    }
    try {
      return switch (jwk) {
        case RSAKey rsa when rsa.size() >= LEAST_RSA_BITS && rsa.size() <= MOST_RSA_BITS ->
            key(jwk, JWSAlgorithm.RS256, new RSASSAVerifier(rsa.toRSAPublicKey()));
        case ECKey ec when Curve.P_256.equals(ec.getCurve()) ->
            key(jwk, JWSAlgorithm.ES256, new ECDSAVerifier(ec.toECPublicKey()));
        default -> Optional.empty();
      };
    } catch (JOSEException e) {
      return Optional.empty();
    }
  }

  private static Optional<Key> key(JWK jwk, JWSAlgorithm algorithm, JWSVerifier verifier) {
    return jwk.getAlgorithm() == null || algorithm.equals(jwk.getAlgorithm())
        ? Optional.of(new Key(algorithm, verifier))
        : Optional.empty();
  }

  private static ParseException wrong(String what) {
    return new ParseException(what, 0);
  }

  Optional<Key> of(String id) {
    return Optional.ofNullable(byId.get(id));
  }

  boolean isEmpty() {
    return byId.isEmpty();
  }

  /** Entries that are no usable key, by their place. */
  List<String> leftOut() {
    return leftOut;
  }

  @Override
  public String toString() {
    return byId.size() + " keys " + byId.keySet();
  }
}
