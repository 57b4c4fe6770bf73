package dev.signet.ca.authority;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.authority.AuthorityRow.State;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LastSigning;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.Signer;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.KeyManager;
import dev.signet.ca.keys.KeyManagerException;
import dev.signet.ca.keys.KeyManagerException.Problem;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.security.PublicKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
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

  private final TrustDomain trustDomain;
  private final AuthorityStore store;
  private final IssuanceLog issuances;
  private final KeyManager keys;
  private final AuthorityMaker maker;
  private final InstantSource clock;
  private final IssuanceSteps steps;

  public TrustRoots(
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
   * Makes the root of a new trust domain, or goes on making it.
   *
   * @throws StartRefusedException if there is one, or what is there belongs to another store
   */
  public TrustRoot create(Duration lifetime) throws StartRefusedException {
    try {
      refuseIfActive();
      Optional<AuthorityRow> begun = rows(State.PREPARED);
      KeyId keyId = begun.isPresent() ? begun.get().keyId() : prepare();
      Signer self = new Signer(keyId, key(keyId), lastSigning(keyId));
      make(self, lifetime);
    } catch (RefusedException e) {
      throw new StartRefusedException("the trust root was not made: " + e.getMessage(), e);
    }
    TrustRoot root = open();
    log.info(
        "made the trust root of {}: {}, valid until {}",
        trustDomain,
        root.certificate().getSubjectX500Principal(),
        root.validity().notAfter());
    return root;
  }

  /**
   * Another process with a data folder of its own may make the root of the same store, in the row
   * that this one began.
   */
  private void make(Signer self, Duration lifetime) throws RefusedException, StartRefusedException {
    try {
      maker.root(self, lifetime);
    } catch (IllegalStateException e) {
      Optional<AuthorityRow> other = rows(State.ACTIVE);
      if (other.isEmpty()) {
        throw e;
      }
      throw new StartRefusedException(
          "another process has made the trust root of this store meanwhile: "
              + other.get().keyId()
              + ". Its key is in that process's data folder, and what this one made is worth"
              + " nothing: delete "
              + self.keyId()
              + " from the folder keys of this one, and start the CA with the other's",
          e);
    }
  }

  /**
   * Whether the store names a root that was made to the end; whether it is sound, {@link #open}
   * says.
   */
  public boolean isSetUp() throws StartRefusedException {
    try {
      return rows(State.ACTIVE).isPresent();
    } catch (RefusedException e) {
      throw new StartRefusedException("the trust root cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Finds the root; makes nothing.
   *
   * @throws StartRefusedException naming the part that is missing, partial or does not match, and
   *     what to restore
   */
  public TrustRoot open() throws StartRefusedException {
    try {
      Optional<AuthorityRow> active = rows(State.ACTIVE);
      if (active.isEmpty()) {
        throw notSetUp();
      }
      AuthorityRow row = active.get();
      StoredAuthority found = StoredAuthority.load(WHAT, row, keys);
      if (!found.isSignedBy(found.publicKey())) {
        throw new StartRefusedException(
            "the certificate of the trust root in the store is not signed by its own key: it was"
                + " altered. Restore the store from a backup");
      }
      found.requireTrustDomain(trustDomain);
      X509Bundle bundle = X509Bundle.of(trustDomain, List.of(found.certificate()));
      return new TrustRoot(
          new Signer(row.keyId(), found.publicKey(), lastSigning(row.keyId())),
          found.certificate(),
          new TrustBundle(store.bundleRevision(), bundle));
    } catch (RefusedException e) {
      throw new StartRefusedException("the trust root cannot be read: " + e.getMessage(), e);
    }
  }

  private void refuseIfActive() throws RefusedException, StartRefusedException {
    Optional<AuthorityRow> active = rows(State.ACTIVE);
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
    store.prepare(keyId, Role.ROOT, clock.instant());
    steps.reached(IssuanceStep.AUTHORITY_PREPARED);
    return keyId;
  }

  /** Keys without a row are another store's, and that store may be the one that is in use. */
  private void refuseForeignKeys() throws StartRefusedException {
    List<KeyId> found = keyIds();
    if (!found.isEmpty()) {
      throw new StartRefusedException(
          "the store has no trust root, but the folder keys holds "
              + found.getFirst()
              + ": they do not belong together. Restore the store and the folder keys from one"
              + " backup, or set up a new CA in an empty folder");
    }
  }

  private StartRefusedException notSetUp() throws RefusedException, StartRefusedException {
    if (rows(State.PREPARED).isPresent()) {
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

  private Optional<AuthorityRow> rows(State state) throws RefusedException {
    return store.authorities().stream()
        .filter(row -> row.role() == Role.ROOT && row.state() == state)
        .findFirst();
  }

  private LastSigning lastSigning(KeyId keyId) throws RefusedException {
    return new LastSigning(issuances.lastRecorded(keyId.value()));
  }
}
