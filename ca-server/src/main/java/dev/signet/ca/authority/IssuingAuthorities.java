package dev.signet.ca.authority;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.authority.AuthorityRow.State;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LastSigning;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.Signer;
import dev.signet.ca.issuance.SigningAuthority;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.spiffe.TrustDomain;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the issuing authority below a root again, or makes the next one. Used by one thread at a
 * time; blocks.
 *
 * <p>An authority's key outlives its replacement until the one after: what was begun with it can
 * end.
 */
public final class IssuingAuthorities {
  private static final String WHAT = "issuing authority";

  private final TrustDomain trustDomain;
  private final AuthorityStore store;
  private final IssuanceLog issuances;
  private final KeyManager keys;
  private final AuthorityMaker maker;
  private final InstantSource clock;
  private final IssuanceSteps steps;

  public IssuingAuthorities(
      TrustDomain trustDomain,
      AuthorityStore store,
      IssuanceLog issuances,
      KeyManager keys,
      AuthorityMaker maker,
      InstantSource clock,
      IssuanceSteps steps) {
    this.trustDomain = trustDomain;
    this.store = store;
    this.issuances = issuances;
    this.keys = keys;
    this.maker = maker;
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * The active one, if it was made below this root and more than half of its life is left.
   *
   * @throws StartRefusedException if it should be usable and a part of it is missing or another's
   */
  Optional<SigningAuthority> find(TrustRoot root) throws StartRefusedException, RefusedException {
    Optional<AuthorityRow> active = active();
    if (active.isEmpty()) {
      return Optional.empty();
    }
    AuthorityRow row = active.get();
    AuthorityTerm term = AuthorityTerm.of(StoredAuthority.certificate(WHAT, row), root.validity());
    if (term.isDue(clock.instant())) {
      return Optional.empty();
    }
    StoredAuthority found = load(row, term);
    if (!found.isSignedBy(root.signer().publicKey())) {
      throw new StartRefusedException(
          "the issuing authority "
              + row.keyId()
              + " is not signed by the trust root: its certificate was altered, or the store was put"
              + " together from two stores. Restore the store and the folder keys from one backup");
    }
    found.requireTrustDomain(trustDomain);
    LastSigning last = new LastSigning(issuances.lastRecorded(row.keyId().value()));
    return Optional.of(
        new SigningAuthority(
            new Signer(row.keyId(), found.publicKey(), last),
            found.certificate(),
            root.bundle().x509()));
  }

  private StoredAuthority load(AuthorityRow row, AuthorityTerm term) throws StartRefusedException {
    try {
      return StoredAuthority.load(WHAT, row, keys);
    } catch (StartRefusedException e) {
      throw new StartRefusedException(
          e.getMessage() + ". It would be replaced at " + term.replaceAt() + " in any case", e);
    }
  }

  /** Makes one and retires the one before it. */
  SigningAuthority make(TrustRoot root, Duration lifetime) throws RefusedException {
    LastSigning last = lastSigning();
    last.check(clock.instant());
    discardUnused();
    KeyId keyId = maker.newKeyId("authority");
    store.prepare(keyId, Role.ISSUING, clock.instant());
    steps.reached(IssuanceStep.AUTHORITY_PREPARED);
    PublicKey key = createKey(keyId);
    X509Certificate certificate = maker.issuing(keyId, key, root, lifetime);
    return new SigningAuthority(new Signer(keyId, key, last), certificate, root.bundle().x509());
  }

  /** A new authority inherits what its predecessor knows of the time: a new key mends no clock. */
  private LastSigning lastSigning() throws RefusedException {
    Optional<AuthorityRow> before = active();
    return new LastSigning(
        before.isPresent()
            ? issuances.lastRecorded(before.get().keyId().value())
            : Optional.empty());
  }

  private PublicKey createKey(KeyId keyId) throws RefusedException {
    try {
      return keys.create(keyId);
    } catch (KeyManagerException e) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE, "no key could be made: " + e.getMessage(), e);
    }
  }

  private Optional<AuthorityRow> active() throws RefusedException {
    return store.authorities().stream()
        .filter(row -> row.role() == Role.ISSUING && row.state() == State.ACTIVE)
        .findFirst();
  }

  /** Destroys the keys of retired authorities, and whatever was prepared and never came to be. */
  private void discardUnused() throws RefusedException {
    List<AuthorityRow> rows = store.authorities();
    try {
      Set<KeyId> present = new HashSet<>(keys.list());
      for (AuthorityRow row : rows) {
        if (row.role() != Role.ISSUING || row.state() == State.ACTIVE) {
          continue;
        }
        if (present.contains(row.keyId())) {
          keys.delete(row.keyId());
        }
        if (row.state() == State.PREPARED) {
          store.remove(row.keyId());
        }
      }
    } catch (KeyManagerException e) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE,
          "old keys cannot be destroyed: " + e.getMessage(),
          e);
    }
  }
}
