package dev.signet.ca.authority;

import dev.signet.ca.authority.AuthorityRow.Role;
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
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.spiffe.TrustDomain;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the issuing authority below a root again, or makes the next one. Used by one thread at a
 * time; blocks.
 *
 * <p>An authority's key outlives its replacement until the one after: what was begun with it can
 * end.
 */
public final class IssuingAuthorities {
  private static final String WHAT = "issuing authority";
  private static final String PREFIX = "authority";

  /** Authorities before the present one whose last signing counts. */
  private static final int REMEMBERED = 4;

  private final TrustDomain trustDomain;
  private final String replica;
  private final AuthorityStore store;
  private final IssuanceLog issuances;
  private final KeyManager keys;
  private final AuthorityMaker maker;
  private final InstantSource clock;
  private final IssuanceSteps steps;

  public IssuingAuthorities(
      TrustDomain trustDomain,
      String replica,
      AuthorityStore store,
      IssuanceLog issuances,
      KeyManager keys,
      AuthorityMaker maker,
      InstantSource clock,
      IssuanceSteps steps) {
    this.trustDomain = trustDomain;
    this.replica = replica;
    this.store = store;
    this.issuances = issuances;
    this.keys = keys;
    this.maker = maker;
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * This replica's active one below the root, if more than half of its life is left.
   *
   * @throws StartRefusedException if it should be usable and a part of it is missing or another's
   */
  Optional<SigningAuthority> find(Trust trust) throws StartRefusedException, RefusedException {
    TrustRoot root = trust.root();
    Optional<AuthorityRow> active = active(root);
    if (active.isEmpty()) {
      return Optional.empty();
    }
    AuthorityRow row = active.get();
    AuthorityTerm term =
        AuthorityTerm.of(StoredCertificate.load(WHAT, row).certificate(), root.validity());
    if (term.isDue(clock.instant())) {
      return Optional.empty();
    }
    StoredAuthority found = load(row, term);
    if (!found.stored().isSignedBy(root.signer().publicKey())) {
      throw new StartRefusedException(
          "the issuing authority "
              + row.keyId()
              + " is not signed by the trust root: its certificate was altered, or the store was put"
              + " together from two stores. Restore the store and the folder keys from one backup");
    }
    found.stored().requireTrustDomain(trustDomain);
    LastSigning last = new LastSigning(issuances.lastRecorded(row.keyId().value()));
    return Optional.of(
        new SigningAuthority(
            new Signer(row.keyId(), found.publicKey(), last),
            found.stored().certificate(),
            root.bundle().x509(),
            trust.state().version()));
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
  SigningAuthority make(Trust trust, Duration lifetime) throws RefusedException {
    TrustRoot root = trust.root();
    LastSigning last = lastSigning();
    last.check(clock.instant());
    discardUnused();
    KeyId keyId = maker.newKeyId(PREFIX);
    store.prepare(keyId, new NewAuthority.Issuing(root.signer().keyId(), replica), clock.instant());
    steps.reached(IssuanceStep.AUTHORITY_PREPARED);
    PublicKey key = createKey(keyId);
    X509Certificate certificate = maker.issuing(keyId, key, root, lifetime);
    return new SigningAuthority(
        new Signer(keyId, key, last), certificate, root.bundle().x509(), trust.state().version());
  }

  /**
   * A new authority inherits what its predecessors know of the time: a new key mends no clock. More
   * than one, for the newest may have been made by a call whose answer was lost, and never signed.
   */
  private LastSigning lastSigning() throws RefusedException {
    Optional<Instant> latest = Optional.empty();
    List<AuthorityRow> own = own().filter(row -> row.state() != AuthorityState.PREPARED).toList();
    for (AuthorityRow row : own.subList(Math.max(0, own.size() - REMEMBERED), own.size())) {
      Optional<Instant> one = issuances.lastRecorded(row.keyId().value());
      if (one.isPresent() && (latest.isEmpty() || one.get().isAfter(latest.get()))) {
        latest = one;
      }
    }
    return new LastSigning(latest);
  }

  private PublicKey createKey(KeyId keyId) throws RefusedException {
    try {
      return keys.create(keyId);
    } catch (KeyManagerException e) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE, "no key could be made: " + e.getMessage(), e);
    }
  }

  private Stream<AuthorityRow> own() throws RefusedException {
    return store.authorities().stream()
        .filter(row -> row.role() == Role.ISSUING && row.replica().equals(replica));
  }

  private Optional<AuthorityRow> active(TrustRoot root) throws RefusedException {
    return own()
        .filter(row -> row.state() == AuthorityState.ACTIVE)
        .filter(row -> row.root().equals(Optional.of(root.signer().keyId())))
        .findFirst();
  }

  /**
   * Destroys the keys of this replica's retired authorities, and whatever was prepared and never
   * came to be. A row goes before its key: a call whose answer was lost may still complete it.
   */
  private void discardUnused() throws RefusedException {
    try {
      List<KeyId> present = keys.list();
      for (AuthorityRow row :
          own().filter(one -> one.state() == AuthorityState.PREPARED).toList()) {
        store.remove(row.keyId());
      }
      Map<KeyId, AuthorityRow> rows =
          store.authorities().stream()
              .collect(Collectors.toMap(AuthorityRow::keyId, Function.identity()));
      for (KeyId key : present) {
        AuthorityRow row = rows.get(key);
        if (row == null ? key.value().startsWith(PREFIX + "-") : isUnused(row)) {
          keys.delete(key);
        }
      }
    } catch (KeyManagerException e) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE,
          "old keys cannot be destroyed: " + e.getMessage(),
          e);
    }
  }

  private boolean isUnused(AuthorityRow row) {
    return row.role() == Role.ISSUING
        && row.replica().equals(replica)
        && row.state() != AuthorityState.ACTIVE
        && row.state() != AuthorityState.PREPARED;
  }
}
