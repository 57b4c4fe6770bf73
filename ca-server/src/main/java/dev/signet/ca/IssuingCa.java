package dev.signet.ca;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.adapter.keys.KeyFolder;
import dev.signet.ca.adapter.keys.SealedKeyManager;
import dev.signet.ca.adapter.x509.BouncyCastleTbsWriter;
import dev.signet.ca.adapter.x509.Pkcs10CsrVerifier;
import dev.signet.ca.authority.ActiveAuthority;
import dev.signet.ca.authority.AuthorityMaker;
import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.ca.authority.IssuingAuthorities;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.authority.Trust;
import dev.signet.ca.authority.TrustRoots;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.CertificateSigner;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RecordingSvidIssuer;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidIssuer;
import dev.signet.ca.issuance.TbsWriter;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.keys.SealedKeyPlace;
import dev.signet.ca.rotation.EvidenceStore;
import dev.signet.ca.rotation.TrustStateStore;
import dev.signet.ca.store.CaStore;
import dev.signet.process.Resources;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * The issuing half of the CA, put together: store, keys, trust root, issuing authority, issuer, in
 * this order. Each step stops the start if what it needs is not whole. Thread-safe once open.
 */
public final class IssuingCa implements AutoCloseable {
  /** SVIDs under way at once: some seconds of work, and a few MB. */
  private static final int MAX_IN_FLIGHT = 8192;

  private final Resources resources;
  private final CryptoProvider crypto;
  private final CaStore store;
  private final TrustRoots roots;
  private final ActiveAuthority authority;
  private final SvidIssuer issuer;
  private volatile Trust trust;

  private IssuingCa(
      Resources resources,
      CryptoProvider crypto,
      CaStore store,
      TrustRoots roots,
      ActiveAuthority authority,
      Trust trust,
      SvidIssuer issuer) {
    this.resources = resources;
    this.crypto = crypto;
    this.store = store;
    this.roots = roots;
    this.authority = authority;
    this.trust = trust;
    this.issuer = issuer;
  }

  /**
   * Makes the trust root of a new trust domain, or goes on making it where an earlier call was cut
   * off. The only way in which one comes to be.
   *
   * @throws StartRefusedException if there is one, or what is there does not belong together
   */
  public static TrustBundle init(
      IssuingCaSettings settings, InstantSource clock, IssuanceSteps steps)
      throws StartRefusedException {
    try (Resources resources = new Resources()) {
      CryptoProvider crypto = CryptoProvider.choose();
      CaStore store = settings.store().create(settings.dataFolder(), steps, resources);
      Parts parts = Parts.of(settings, crypto, store, clock, steps, resources);
      return parts.roots.create(settings.rootLifetime()).root().bundle();
    }
  }

  /** What {@link #initOnce} found or did. */
  public sealed interface FirstStart {
    /** The bundle of the root that was there or was made. */
    TrustBundle bundle();

    /** This data folder had its root. */
    record Present(TrustBundle bundle) implements FirstStart {}

    /** It has one now. */
    record Made(TrustBundle bundle) implements FirstStart {}
  }

  /** Looks at what is published; asked only where there is no root. */
  @FunctionalInterface
  public interface Witness {
    /**
     * Why no root may be made, if none may.
     *
     * @throws StartRefusedException if that cannot be known
     */
    Optional<String> refusesFirstRoot() throws StartRefusedException, InterruptedException;
  }

  /**
   * Makes the trust root as {@link #init} does, but only where neither the data folder nor what is
   * published has one. To be called at every start.
   *
   * @throws StartRefusedException if the witness speaks against it, or what is there does not
   *     belong together
   */
  public static FirstStart initOnce(
      IssuingCaSettings settings, InstantSource clock, IssuanceSteps steps, Witness witness)
      throws StartRefusedException, InterruptedException {
    if (settings.store().exists(settings.dataFolder())) {
      Optional<TrustBundle> present = present(settings, clock, steps);
      if (present.isPresent()) {
        return new FirstStart.Present(present.get());
      }
    }
    Optional<String> refusal = witness.refusesFirstRoot();
    if (refusal.isPresent()) {
      throw new StartRefusedException(refusal.get());
    }
    return new FirstStart.Made(init(settings, clock, steps));
  }

  private static Optional<TrustBundle> present(
      IssuingCaSettings settings, InstantSource clock, IssuanceSteps steps)
      throws StartRefusedException {
    try (Resources resources = new Resources()) {
      CryptoProvider crypto = CryptoProvider.choose();
      CaStore store = settings.store().open(settings.dataFolder(), steps, _ -> {}, resources);
      Parts parts = Parts.of(settings, crypto, store, clock, steps, resources);
      return parts.roots.isSetUp()
          ? Optional.of(parts.roots.open().root().bundle())
          : Optional.empty();
    }
  }

  /**
   * Opens a CA that was set up by {@link #init}; never makes a root.
   *
   * @param onStoreLost told, once, that nothing can be recorded any more until a new process has
   *     looked at the disk: the process has to end
   * @throws StartRefusedException naming the part that is missing, damaged or another's
   */
  public static IssuingCa open(
      IssuingCaSettings settings,
      InstantSource clock,
      IssuanceSteps steps,
      AuthorityObserver observer,
      Consumer<String> onStoreLost)
      throws StartRefusedException {
    Resources resources = new Resources();
    try {
      CryptoProvider crypto = CryptoProvider.choose();
      CaStore store = settings.store().open(settings.dataFolder(), steps, onStoreLost, resources);
      Parts parts = Parts.of(settings, crypto, store, clock, steps, resources);
      Trust trust = parts.roots.open();
      ScheduledThreadPoolExecutor replacing =
          resources.add(new ScheduledThreadPoolExecutor(1, threads("authority")));
      replacing.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
      ActiveAuthority authority =
          resources.add(
              new ActiveAuthority(
                  trust, parts.authorities, settings.longestLeaf(), clock, replacing, observer));
      authority.start();
      SvidIssuer issuer =
          new RecordingSvidIssuer(
              authority, parts.writer, parts.signer, parts.signing, clock, steps, MAX_IN_FLIGHT);
      return new IssuingCa(resources, crypto, store, parts.roots, authority, trust, issuer);
    } catch (StartRefusedException | RuntimeException e) {
      closeAfter(e, resources);
      throw e;
    }
  }

  private static void closeAfter(Exception cause, Resources resources) {
    try {
      resources.close();
    } catch (IllegalStateException e) {
      cause.addSuppressed(e);
    }
  }

  /** What setting up and serving have in common. */
  private record Parts(
      TrustRoots roots,
      IssuingAuthorities authorities,
      TbsWriter writer,
      CertificateSigner signer,
      ExecutorService signing) {
    static Parts of(
        IssuingCaSettings settings,
        CryptoProvider crypto,
        CaStore store,
        InstantSource clock,
        IssuanceSteps steps,
        Resources resources) {
      ExecutorService signing =
          resources.add(
              Executors.newFixedThreadPool(
                  Runtime.getRuntime().availableProcessors(), threads("signing")));
      SealedKeyPlace place =
          store.sealedKeys().orElseGet(() -> new KeyFolder(settings.dataFolder().resolve("keys")));
      SealedKeyManager keys =
          new SealedKeyManager(place, settings.keyEncryptionKey(), crypto, steps);
      IssuanceLog log = store.issuanceLog();
      TbsWriter writer = new BouncyCastleTbsWriter();
      CertificateSigner signer =
          new CertificateSigner(log, keys, signing, crypto.ec(), clock, steps);
      AuthorityMaker maker =
          new AuthorityMaker(
              settings.trustDomain(), store.authorityStore(), writer, signer, clock, steps);
      return new Parts(
          new TrustRoots(
              settings.trustDomain(),
              store.authorityStore(),
              store.trustStates(),
              log,
              keys,
              maker,
              clock,
              steps),
          new IssuingAuthorities(
              settings.trustDomain(),
              settings.replica(),
              store.authorityStore(),
              log,
              keys,
              maker,
              clock,
              steps),
          writer,
          signer,
          signing);
    }
  }

  private static ThreadFactory threads(String name) {
    return Thread.ofPlatform().name(name + "-", 0).daemon().factory();
  }

  public SvidIssuer issuer() {
    return issuer;
  }

  public CsrVerifier csrVerifier() {
    return new Pkcs10CsrVerifier(crypto);
  }

  public LiveAgents liveAgents() {
    return store.liveAgents();
  }

  /**
   * Looks whether the store can be read, and written as far as that is in doubt. May block.
   *
   * @throws RefusedException saying what is wrong
   */
  public void checkStore() throws RefusedException, InterruptedException {
    store.check();
  }

  /** The newest state of trust that was read. */
  public Trust trust() {
    return trust;
  }

  /** Reads the newest state of trust, which may not be signed by yet. */
  public Trust readTrust() throws RefusedException {
    try {
      Trust newest = roots.read();
      trust = newest;
      return newest;
    } catch (StartRefusedException e) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Signs by a state of trust from now on.
   *
   * @throws RefusedException if that cannot be yet; nothing is signed until it can
   */
  public void signBy(Trust newest) throws RefusedException, InterruptedException {
    authority.adopt(newest);
  }

  /**
   * The issuing authority that signs now.
   *
   * @throws RefusedException {@code AUTHORITY_UNAVAILABLE} if none does
   */
  public KeyId signer() throws RefusedException {
    return authority.current().signer().keyId();
  }

  /** Makes roots, and destroys their keys. */
  public TrustRoots roots() {
    return roots;
  }

  /** What all replicas agree on. */
  public TrustStateStore trustStates() {
    return store.trustStates();
  }

  /** Who holds what. */
  public EvidenceStore evidence() {
    return store.evidence();
  }

  /** The provider that signs and verifies, for status and logs. */
  public String cryptoProvider() {
    return crypto.name();
  }

  /** Ends what is under way, then lets go of the data folder. */
  @Override
  public void close() {
    resources.close();
  }
}
