package dev.signet.ca.authority;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LastSigning;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.Signer;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.TrustState;
import dev.signet.ca.rotation.TrustStateStore;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the trust root, once, and finds it again at each start. Used at start, by one thread;
 * blocks.
 *
 * <p>Making it takes these steps, and may be cut off after any: a row that names the key; the key;
 * the certificate, recorded before it is signed; the row completed and the bundle at revision 1, in
 * one transaction. Until the last, nobody trusts anything of it, and making it goes on where it
 * stopped.
 */
public final class TrustRoots {
  private static final Logger log = LoggerFactory.getLogger(TrustRoots.class);
  private static final String WHAT = "trust root";
  private static final int MOST_READS = 5;

  private final TrustDomain trustDomain;
  private final AuthorityStore store;
  private final TrustStateStore states;
  private final IssuanceLog issuances;
  private final KeyManager keys;
  private final AuthorityMaker maker;
  private final InstantSource clock;
  private final IssuanceSteps steps;

  public TrustRoots(
      TrustDomain trustDomain,
      AuthorityStore store,
      TrustStateStore states,
      IssuanceLog issuances,
      KeyManager keys,
      AuthorityMaker maker,
      InstantSource clock,
      IssuanceSteps steps) {
    this.trustDomain = trustDomain;
    this.store = store;
    this.states = states;
    this.issuances = issuances;
    this.keys = keys;
    this.maker = maker;
    this.clock = clock;
    this.steps = steps;
  }

  /**
   * Makes the root of a new trust domain, or goes on making it.
   *
   * @throws StartRefusedException if there is one, or what is there belongs to another store
   */
  public Trust create(Duration lifetime) throws StartRefusedException {
    try {
      refuseIfActive();
      Optional<AuthorityRow> begun = rows(AuthorityState.PREPARED);
      KeyId keyId = begun.isPresent() ? begun.get().keyId() : prepare();
      Signer self = new Signer(keyId, key(keyId), lastSigning(keyId));
      make(self, lifetime);
    } catch (RefusedException e) {
      throw new StartRefusedException("the trust root was not made: " + e.getMessage(), e);
    }
    Trust trust = open();
    TrustRoot root = trust.root();
    log.info(
        "made the trust root of {}: {}, valid until {}",
        trustDomain,
        root.certificate().getSubjectX500Principal(),
        root.validity().notAfter());
    return trust;
  }

  /** Another process may make the root of the same store meanwhile. */
  private void make(Signer self, Duration lifetime) throws RefusedException, StartRefusedException {
    try {
      maker.root(self, lifetime);
    } catch (RefusedException | IllegalStateException e) {
      Optional<AuthorityRow> other = rows(AuthorityState.ACTIVE);
      if (other.isEmpty()) {
        throw e;
      }
      throw new StartRefusedException(
          "another process has made the trust root of this store meanwhile: "
              + other.get().keyId()
              + ". What this one made is worth nothing; start the CA by: serve",
          e);
    }
  }

  /**
   * Whether the store names a root that was made to the end; whether it is sound, {@link #open}
   * says.
   */
  public boolean isSetUp() throws StartRefusedException {
    try {
      return states.state().signer().isPresent();
    } catch (RefusedException e) {
      throw new StartRefusedException("the trust root cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Finds what this replica is to work by; makes nothing.
   *
   * @throws StartRefusedException naming the part that is missing, partial or does not match, and
   *     what to restore
   */
  public Trust open() throws StartRefusedException {
    try {
      return read();
    } catch (RefusedException e) {
      throw new StartRefusedException("the trust root cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads the state as it is now, and finds all that belongs to it.
   *
   * @throws RefusedException {@code STORE_UNAVAILABLE}
   * @throws StartRefusedException as {@link #open} does
   */
  public Trust read() throws StartRefusedException, RefusedException {
    for (int tries = 0; tries < MOST_READS; tries++) {
      TrustState state = states.state();
      List<AuthorityRow> rows = store.authorities();
      if (states.state().version() == state.version()) {
        return put(state, rows);
      }
    }
    throw new RefusedException(
        RefusalReason.STORE_UNAVAILABLE, "the trust state changes faster than it is read");
  }

  private Trust put(TrustState state, List<AuthorityRow> rows)
      throws StartRefusedException, RefusedException {
    Optional<TrustState.Root> signing = state.signer();
    if (signing.isEmpty()) {
      throw notSetUp();
    }
    StoredAuthority found = StoredAuthority.load(WHAT, row(signing.get().id(), rows), keys);
    List<X509Certificate> trusted = new ArrayList<>();
    for (TrustState.Root root : state.roots()) {
      if (root.state().inBundle()) {
        trusted.add(trusted(row(root.id(), rows)));
      }
    }
    Map<KeyId, X509Certificate> certificates = new HashMap<>();
    for (AuthorityRow row : rows) {
      if (row.certificate().isPresent()) {
        certificates.put(row.keyId(), StoredCertificate.load("authority", row).certificate());
      }
    }
    TrustBundle bundle = new TrustBundle(state.revision(), X509Bundle.of(trustDomain, trusted));
    KeyId id = signing.get().id();
    return new Trust(
        state,
        new TrustRoot(
            new Signer(id, found.publicKey(), lastSigning(id)),
            found.stored().certificate(),
            bundle),
        certificates);
  }

  /** A root that others are told to trust: whole, of its own key, and of this trust domain. */
  private X509Certificate trusted(AuthorityRow row) throws StartRefusedException {
    StoredCertificate found = StoredCertificate.load(WHAT, row);
    if (!found.isSignedBy(found.certificate().getPublicKey())) {
      throw new StartRefusedException(
          "the certificate of the trust root in the store is not signed by its own key: it was"
              + " altered. Restore the store from a backup");
    }
    found.requireTrustDomain(trustDomain);
    return found.certificate();
  }

  /**
   * Makes key and certificate of a root that is prepared, or goes on making them. Nobody trusts it
   * yet.
   *
   * @throws RefusedException if it cannot be made now
   */
  public void makeNext(KeyId root, Duration lifetime) throws RefusedException {
    try {
      Signer self = new Signer(root, key(root), lastSigning(root));
      steps.reached(IssuanceStep.NEXT_ROOT_KEY_MADE);
      maker.root(self, lifetime);
      steps.reached(IssuanceStep.NEXT_ROOT_MADE);
      StoredAuthority made = StoredAuthority.load(WHAT, row(root), keys);
      if (!made.stored().isSignedBy(made.publicKey())) {
        throw new StartRefusedException("its certificate does not verify by its own key");
      }
    } catch (StartRefusedException e) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE,
          "the root " + root + " was not made: " + e.getMessage(),
          e);
    }
  }

  /** Destroys the key of a root that is never to sign again; once more is harmless. */
  public void destroyKey(KeyId root) throws RefusedException {
    try {
      if (keys.list().contains(root)) {
        steps.reached(IssuanceStep.ROOT_KEY_CONDEMNED);
        keys.delete(root);
        steps.reached(IssuanceStep.ROOT_KEY_DESTROYED);
        log.info("destroyed the key of the trust root {}", root);
      }
    } catch (KeyManagerException e) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE,
          "the key of the root " + root + " cannot be destroyed: " + e.getMessage(),
          e);
    }
  }

  /** A name for a next root. */
  public KeyId newRootId() {
    return maker.newKeyId("root");
  }

  private AuthorityRow row(KeyId id) throws RefusedException {
    return row(id, store.authorities());
  }

  private static AuthorityRow row(KeyId id, List<AuthorityRow> rows) throws RefusedException {
    return rows.stream()
        .filter(row -> row.keyId().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new RefusedException(
                RefusalReason.AUTHORITY_UNAVAILABLE, "the store has no authority " + id));
  }

  private void refuseIfActive() throws RefusedException, StartRefusedException {
    Optional<AuthorityRow> active = rows(AuthorityState.ACTIVE);
    if (active.isPresent()) {
      throw new StartRefusedException(
          "this CA is set up: its trust root is "
              + active.get().keyId()
              + ", made at "
              + active.get().createdAt()
              + ". A second one would break every workload's trust in the first; start the CA by:"
              + " serve");
    }
  }

  private KeyId prepare() throws RefusedException, StartRefusedException {
    refuseForeignKeys();
    KeyId keyId = maker.newKeyId("root");
    store.prepare(keyId, new NewAuthority.FirstRoot(), clock.instant());
    steps.reached(IssuanceStep.AUTHORITY_PREPARED);
    return keyId;
  }

  /** Keys without a row are another store's, and that store may be the one that is in use. */
  private void refuseForeignKeys() throws StartRefusedException {
    List<KeyId> found = keyIds();
    if (!found.isEmpty()) {
      throw new StartRefusedException(
          "the store has no trust root, but where its keys lie is "
              + found.getFirst()
              + ": they do not belong together. Restore the store and the keys from one backup, or"
              + " set up a new CA with an empty store and an empty data folder");
    }
  }

  private StartRefusedException notSetUp() throws RefusedException, StartRefusedException {
    if (rows(AuthorityState.PREPARED).isPresent()) {
      return new StartRefusedException(
          "setting up this CA was cut off before its trust root was complete. Nothing trusts it yet:"
              + " run init again, it goes on where it stopped");
    }
    refuseForeignKeys();
    return new StartRefusedException(
        "the store has no trust root. If this CA was set up before, restore the store and the folder"
            + " keys from one backup; a new trust domain is set up by: init");
  }

  private PublicKey key(KeyId keyId) throws StartRefusedException {
    try {
      return keys.create(keyId);
    } catch (KeyManagerException e) {
      if (e.problem() != Problem.EXISTS) {
        throw new StartRefusedException("the trust root's key was not made: " + e.getMessage(), e);
      }
    }
    try {
      return keys.publicKey(keyId);
    } catch (KeyManagerException e) {
      throw new StartRefusedException(
          "the key that an earlier init made cannot be used: "
              + e.getMessage()
              + ". Nothing rests on it yet: it may also be deleted, and init makes another",
          e);
    }
  }

  private List<KeyId> keyIds() throws StartRefusedException {
    try {
      return keys.list();
    } catch (KeyManagerException e) {
      throw new StartRefusedException("the keys cannot be listed: " + e.getMessage(), e);
    }
  }

  private Optional<AuthorityRow> rows(AuthorityState state) throws RefusedException {
    return store.authorities().stream()
        .filter(row -> row.role() == Role.ROOT && row.state() == state)
        .findFirst();
  }

  private LastSigning lastSigning(KeyId keyId) throws RefusedException {
    return new LastSigning(issuances.lastRecorded(keyId.value()));
  }
}
