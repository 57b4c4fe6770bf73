package dev.signet.ca.authority;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.issuance.Certificates;
import dev.signet.ca.issuance.Digests;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.TrustState;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes a {@link TrustState} of what a store holds. A certificate is read once as long as its bytes
 * stay the same: the state is asked for each second. Thread-safe.
 */
public final class StoredTrust {
  private record Read(String sha256, Validity validity) {}

  private final Map<KeyId, Read> read = new ConcurrentHashMap<>();

  /**
   * Puts the state together.
   *
   * @param rows all, the oldest first, of the same moment as the rest
   * @throws RefusedException {@code STORE_UNAVAILABLE} if a certificate cannot be read
   */
  public TrustState state(TrustVersion at, boolean paused, List<AuthorityRow> rows, List<Ban> bans)
      throws RefusedException {
    List<TrustState.Root> roots = new ArrayList<>();
    List<TrustState.Issuer> issuers = new ArrayList<>();
    for (AuthorityRow row : rows) {
      Optional<Validity> validity = validity(row);
      if (row.role() == Role.ROOT) {
        roots.add(
            new TrustState.Root(row.keyId(), row.state(), validity, row.since(), row.forced()));
      } else if (row.root().isPresent() && validity.isPresent()) {
        issuers.add(
            new TrustState.Issuer(
                row.keyId(),
                row.root().get(),
                row.replica(),
                row.state(),
                validity.get().notAfter()));
      }
    }
    return new TrustState(at.version(), at.revision(), paused, roots, issuers, bans);
  }

  private Optional<Validity> validity(AuthorityRow row) throws RefusedException {
    if (row.certificate().isEmpty()) {
      return Optional.empty();
    }
    byte[] der = row.certificate().get();
    String sha256 = Digests.sha256Hex(der);
    Optional<Read> known =
        Optional.ofNullable(read.get(row.keyId())).filter(of -> of.sha256().equals(sha256));
    if (known.isEmpty()) {
      known = Optional.of(new Read(sha256, parse(row.keyId(), der)));
      read.put(row.keyId(), known.get());
    }
    return known.map(Read::validity);
  }

  private static Validity parse(KeyId keyId, byte[] der) throws RefusedException {
    try {
      X509Certificate certificate = Certificates.parse(der);
      return new Validity(
          certificate.getNotBefore().toInstant(), certificate.getNotAfter().toInstant());
    } catch (CertificateException | IllegalArgumentException e) {
      throw new RefusedException(
          RefusalReason.STORE_UNAVAILABLE,
          "the certificate of "
              + keyId
              + " in the store is missing or damaged. Restore the store from a backup",
          e);
    }
  }
}
