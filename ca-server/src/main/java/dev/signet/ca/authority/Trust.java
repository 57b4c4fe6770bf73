package dev.signet.ca.authority;

import dev.signet.ca.issuance.SubjectKeyId;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.TrustState;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One state of trust with its certificates, as a replica works by it.
 *
 * @param root that signs, its key at hand
 * @param certificates of all roots and issuing authorities that were completed, whatever their
 *     state: leaves outlive their issuer's service
 */
public record Trust(TrustState state, TrustRoot root, Map<KeyId, X509Certificate> certificates) {
  public Trust {
    certificates = Map.copyOf(certificates);
  }

  /** Whether an issuing authority is one that may sign in this state. */
  boolean signsBelow(KeyId authority) {
    return state.issuers().stream()
        .anyMatch(issuer ->
            issuer.id().equals(authority)
                && issuer.state() == AuthorityState.ACTIVE
                && issuer.root().equals(root.signer().keyId()));
  }

  /** The subject key identifiers of authorities, as their leaves name them. */
  public Set<SubjectKeyId> keyIds(Set<KeyId> authorities) {
    return authorities.stream()
        .map(id -> Objects.requireNonNull(certificates.get(id), () -> "no certificate of " + id))
        .map(certificate -> SubjectKeyId.of(certificate.getPublicKey()))
        .collect(Collectors.toUnmodifiableSet());
  }
}
