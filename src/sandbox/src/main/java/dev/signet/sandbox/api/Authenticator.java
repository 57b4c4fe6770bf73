package dev.signet.sandbox.api;

import dev.signet.sandbox.api.AccountTokens.InvalidTokenException;
import dev.signet.sandbox.api.AccountTokens.Reviewed;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who a bearer token is: a static one of this server (administrator, kubelets), or a
 * ServiceAccount's. An administrator may impersonate others, as on a real server. Thread-safe.
 */
final class Authenticator {
  private static final String BEARER = "Bearer ";

  private final AccountTokens tokens;
  private final Map<String, ApiUser> staticTokens = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();

  Authenticator(AccountTokens tokens) {
    this.tokens = tokens;
  }

  /** Makes a token that stands for this user while the server lives. */
  String enrol(ApiUser user) {
    byte[] bytes = new byte[24];
    random.nextBytes(bytes);
    String token = HexFormat.of().formatHex(bytes);
    staticTokens.put(hash(token), user);
    return token;
  }

  ApiUser caller(ApiRequest request) {
    Optional<String> authorization = request.header("authorization");
    ApiUser user;
    if (authorization.isEmpty()) {
      user = ApiUser.ANONYMOUS;
    } else if (!authorization.get().startsWith(BEARER)) {
      throw ApiFailure.unauthorized();
    } else {
      try {
        String token = authorization.get().substring(BEARER.length());
        user = review(token, List.of(tokens.apiAudience())).user();
      } catch (InvalidTokenException e) {
        throw ApiFailure.unauthorized();
      }
    }
    return impersonated(request, user);
  }

  /** As the review of a token answers: static tokens are for the API server's own audience. */
  Reviewed review(String token, List<String> audiences) throws InvalidTokenException {
    ApiUser user = staticTokens.get(hash(token));
    if (user == null) {
      return tokens.review(token, audiences);
    }
    List<String> common = audiences.stream().filter(tokens.apiAudience()::equals).toList();
    if (common.isEmpty()) {
      throw new InvalidTokenException("the token is not for the audiences " + audiences);
    }
    return new Reviewed(user, common);
  }

  private static ApiUser impersonated(ApiRequest request, ApiUser caller) {
    Optional<String> name = request.header("impersonate-user");
    if (name.isEmpty()) {
      return caller;
    }
    if (!caller.in(ApiUser.MASTERS)) {
      throw ApiFailure.forbidden(
          "",
          "users",
          name.get(),
          "User \""
              + caller.name()
              + "\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope");
    }
    return ApiUser.named(name.get(), request.headers("impersonate-group"));
  }

  /** Looked up by hash, so that the time a look-up takes tells nothing of a token. */
  private static String hash(String token) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This JDK has no SHA-256", e);
    }
  }
}
