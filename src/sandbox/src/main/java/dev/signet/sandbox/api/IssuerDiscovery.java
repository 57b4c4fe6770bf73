package dev.signet.sandbox.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.List;

/**
 * What verifies ServiceAccount tokens without a review (KEP-1393): {@code /openid/v1/jwks} and
 * {@code /.well-known/openid-configuration}. As the standing role binding
 * system:service-account-issuer-discovery has it, ServiceAccounts may read both, and administrators
 * everything. Immutable.
 */
final class IssuerDiscovery {
  private static final List<String> KEYS = List.of("openid", "v1", "jwks");
  private static final List<String> CONFIGURATION = List.of(".well-known", "openid-configuration");
  private static final String ACCOUNTS = "system:serviceaccounts";

  private final AccountTokens tokens;

  IssuerDiscovery(AccountTokens tokens) {
    this.tokens = tokens;
  }

  /** Whether the request is for one of the two. */
  boolean covers(ApiRequest request) {
    return request.path().equals(KEYS) || request.path().equals(CONFIGURATION);
  }

  Reply handle(ApiRequest request, ApiUser caller) {
    if (!caller.in(ApiUser.MASTERS) && !caller.in(ACCOUNTS)) {
      String path = "/" + String.join("/", request.path());
      throw ApiFailure.forbidden(
          "", path, "", "User \"" + caller.name() + "\" cannot get path \"" + path + "\"");
    }
    if (!request.method().equals("GET")) {
      throw ApiFailure.methodNotAllowed();
    }
    JsonObject keys = JsonParser.parseString(tokens.published().toString()).getAsJsonObject();
    return new Reply.Document(
        200, request.path().equals(KEYS) ? keys : configuration(tokens.issuer()));
  }

  private static JsonObject configuration(String issuer) {
    JsonObject json = new JsonObject();
    json.addProperty("issuer", issuer);
    json.addProperty("jwks_uri", issuer + "/openid/v1/jwks");
    json.add("response_types_supported", array("id_token"));
    json.add("subject_types_supported", array("public"));
    json.add("id_token_signing_alg_values_supported", array("RS256"));
    return json;
  }

  private static JsonArray array(String value) {
    JsonArray array = new JsonArray();
    array.add(value);
    return array;
  }
}
