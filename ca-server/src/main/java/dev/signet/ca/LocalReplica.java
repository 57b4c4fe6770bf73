package dev.signet.ca;

import dev.signet.ca.adapter.tls.ServingSvid;
import dev.signet.ca.authority.Trust;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.bundle.KnownRoots;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SubjectKeyId;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.RotationKeeper;
import dev.signet.ca.rotation.RotationSchedule;
import dev.signet.ca.rotation.TrustState;
import dev.signet.ca.session.Sessions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * This process as one of the CA's replicas: what it does when the state of trust changes. In this
 * order: the bundle, which may only be wider than what is signed; who is banned; who signs; its own
 * certificate; what agents are told. Thread-safe.
 */
final class LocalReplica implements RotationKeeper.Replica, KnownRoots {
  private final String name;
  private final IssuingCa issuing;
  private final CurrentBundle bundles;
  private final Duration rootLifetime;
  private final LongSupplier published;
  private final IssuanceSteps steps;
  private volatile Agents agents = Agents.NONE;

  /** Those whom a change is passed on to. */
  private interface Agents {
    Agents NONE =
        new Agents() {
          @Override
          public void banned(List<Ban> bans) {}

          @Override
          public void adopted(Trust trust) {}
        };

    /** Rests on nothing but the state: whoever is banned is cut off whether or not we can sign. */
    void banned(List<Ban> bans);

    void adopted(Trust trust) throws RefusedException, InterruptedException;
  }

  LocalReplica(
      String name,
      IssuingCa issuing,
      CurrentBundle bundles,
      Duration rootLifetime,
      LongSupplier published,
      IssuanceSteps steps) {
    this.name = name;
    this.issuing = issuing;
    this.bundles = bundles;
    this.rootLifetime = rootLifetime;
    this.published = published;
    this.steps = steps;
  }

  /** Passes the state on to agents, now and at each change. */
  void passOnTo(ServingSvid serving, Sessions sessions, InstantSource clock)
      throws RefusedException, InterruptedException {
    agents = new Passing(issuing, serving, sessions, clock);
    agents.banned(issuing.trust().state().bans());
    agents.adopted(issuing.trust());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public TrustState adopt() throws RefusedException, InterruptedException {
    Trust trust = issuing.readTrust();
    steps.reached(IssuanceStep.TRUST_READ);
    bundles.publish(trust.root().bundle());
    steps.reached(IssuanceStep.BUNDLE_ADOPTED);
    agents.banned(trust.state().bans());
    issuing.signBy(trust);
    steps.reached(IssuanceStep.SIGNER_ADOPTED);
    agents.adopted(trust);
    steps.reached(IssuanceStep.AGENTS_TOLD);
    return trust.state();
  }

  /** Shows agents a certificate of whoever signs now, and tells them which of theirs have to go. */
  private static final class Passing implements Agents {
    private final IssuingCa issuing;
    private final ServingSvid serving;
    private final Sessions sessions;
    private final InstantSource clock;
    private KeyId shown;

    Passing(IssuingCa issuing, ServingSvid serving, Sessions sessions, InstantSource clock)
        throws RefusedException {
      this.clock = clock;
      this.issuing = issuing;
      this.serving = serving;
      this.sessions = sessions;
      this.shown = issuing.signer();
    }

    @Override
    public void banned(List<Ban> bans) {
      for (Ban ban : bans) {
        sessions.ban(ban.cluster(), ban.nodeName());
      }
    }

    @Override
    public synchronized void adopted(Trust trust) throws RefusedException, InterruptedException {
      KeyId signer = issuing.signer();
      if (!signer.equals(shown)) {
        serving.replace();
        shown = signer;
      }
      sessions.reissue(
          trust.keyIds(RotationSchedule.reissue(trust.state(), clock.instant())).stream()
              .map(SubjectKeyId::hex)
              .collect(Collectors.toUnmodifiableSet()));
    }
  }

  @Override
  public KeyId newRootId() {
    return issuing.roots().newRootId();
  }

  @Override
  public void makeRoot(KeyId root) throws RefusedException {
    issuing.roots().makeNext(root, rootLifetime);
  }

  @Override
  public void destroyKey(KeyId root) throws RefusedException {
    issuing.roots().destroyKey(root);
  }

  @Override
  public long published() {
    return published.getAsLong();
  }

  @Override
  public List<X509Certificate> all() {
    Trust trust = issuing.trust();
    return trust.state().roots().stream()
        .map(TrustState.Root::id)
        .filter(trust.certificates()::containsKey)
        .map(trust.certificates()::get)
        .toList();
  }

  @Override
  public long newestRevision() throws RefusedException {
    return issuing.trustStates().state().revision();
  }
}
