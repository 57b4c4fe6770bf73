package dev.signet.ca.issuance;

import java.time.Instant;
import java.util.List;

/**
 * The claims of a ServiceAccount token whose signature is the cluster's (KEP-1205), not yet judged:
 * see {@link TokenSubject}. A text that the token does not have is empty.
 *
 * @param id {@code jti}
 * @param subject {@code sub}
 */
public record TokenClaims(
    String issuer,
    String subject,
    List<String> audiences,
    Times times,
    String id,
    String namespace,
    Bindings bindings) {
  public TokenClaims {
    audiences = List.copyOf(audiences);
  }

  /** {@code iat}, {@code nbf} and {@code exp}. */
  public record Times(Instant issuedAt, Instant notBefore, Instant expiresAt) {}

  /** The objects that the token is bound to. */
  public record Bindings(Reference account, Reference pod, Reference node) {}

  /** One object. */
  public record Reference(String name, String uid) {
    /** No such object. */
    public static final Reference NONE = new Reference("", "");
  }
}
