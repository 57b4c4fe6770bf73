package dev.signet.ca;

import dev.signet.ca.adapter.admin.AdminEndpoint;
import dev.signet.ca.adapter.grpc.AgentEndpoint;
import dev.signet.ca.adapter.grpc.ItemsUnderWay;
import dev.signet.ca.adapter.jose.TokenKeysFile;
import dev.signet.ca.adapter.kubernetes.KubernetesCluster;
import dev.signet.ca.adapter.log.LoggedAuditTrail;
import dev.signet.ca.adapter.metrics.CaMetrics;
import dev.signet.ca.adapter.metrics.MeteredAuditTrail;
import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.adapter.tls.ServerTls;
import dev.signet.ca.adapter.tls.ServingSvid;
import dev.signet.ca.attestation.AttestationLimits;
import dev.signet.ca.attestation.Attestor;
import dev.signet.ca.attestation.ReviewingAttestor;
import dev.signet.ca.attestation.SignatureAttestor;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.authority.AuthorityLife;
import dev.signet.ca.bundle.BundlePublisher;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.bundle.ForeignRootException;
import dev.signet.ca.bundle.KnownRoots;
import dev.signet.ca.bundle.PublicationException;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.EvidenceWriter;
import dev.signet.ca.rotation.Lifetimes;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.RotationKeeper;
import dev.signet.ca.rotation.Rotations;
import dev.signet.ca.session.AgentWords;
import dev.signet.ca.session.Sessions;
import dev.signet.ca.svid.AgentSvids;
import dev.signet.ca.svid.Issuance;
import dev.signet.ca.svid.ServerSvids;
import dev.signet.ca.svid.WorkloadSvids;
import dev.signet.process.Resources;
import dev.signet.process.StartRefusedException;
import dev.signet.process.probe.ProbeServer;
import dev.signet.process.probe.ProcessMetrics;
import dev.signet.process.probe.Readiness;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CA, put together. The order in which it starts is a security property: nothing listens for
 * agents before store, keys and authority are whole and the bundle is published. It closes in
 * reverse. Thread-safe once started.
 */
public final class CaServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CaServer.class);
  private static final int MOST_SESSIONS = 10_000;
  private static final int MOST_ITEMS = 8_192;
  private static final int MOST_STARTS = 5;
  private static final Duration STORE_CHECK = Duration.ofSeconds(2);

  private final Resources resources;
  private final InetSocketAddress agentAddress;
  private final InetSocketAddress probeAddress;

  private CaServer(
      Resources resources, InetSocketAddress agentAddress, InetSocketAddress probeAddress) {
    this.resources = resources;
    this.agentAddress = agentAddress;
    this.probeAddress = probeAddress;
  }

  /**
   * Starts.
   *
   * @param steps told of each step of issuance; for drills
   * @param onFatal told that the process must end, and why: only a new one can go on
   * @throws StartRefusedException naming what is missing or wrong; nothing runs then
   */
  public static CaServer start(
      CaConfig config, InstantSource clock, IssuanceSteps steps, Consumer<String> onFatal)
      throws StartRefusedException, IOException, InterruptedException {
    LogGuard.install();
    Resources resources = new Resources();
    try {
      return new Start(config, clock, resources).run(steps, onFatal);
    } catch (Throwable e) {
      try {
        resources.close();
      } catch (IllegalStateException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** Where agents connect, with the port that was chosen. */
  public InetSocketAddress agentAddress() {
    return agentAddress;
  }

  /** Where probes and metrics are, with the port that was chosen. */
  public InetSocketAddress probeAddress() {
    return probeAddress;
  }

  @Override
  public void close() {
    resources.close();
  }

  /** What the steps of a start share. */
  private static final class Start {
    private final CaConfig config;
    private final InstantSource clock;
    private final Resources resources;
    private final Readiness readiness = new Readiness();
    private final Readiness.Condition storeReady = readiness.condition("store", "not open yet");
    private final Readiness.Condition authorityReady =
        readiness.condition("authority", "none signs yet");
    private final Readiness.Condition kubernetesReady =
        readiness.condition("kubernetes", "not asked yet");
    private final Readiness.Condition bundlePublished =
        readiness.condition("trust-bundle", "not published yet");
    private final Readiness.Condition agentsReady =
        readiness.condition("agents", "not listening yet");
    private final ScheduledThreadPoolExecutor timers;
    private @Nullable KubernetesCluster connected;
    // Set once all parts are there: they know each other in a ring.
    private volatile Runnable onEvidence = () -> {};
    private volatile Runnable onLook = () -> {};

    Start(CaConfig config, InstantSource clock, Resources resources) {
      this.config = config;
      this.clock = clock;
      this.resources = resources;
      this.timers = resources.add(timers());
    }

    CaServer run(IssuanceSteps steps, Consumer<String> onFatal)
        throws StartRefusedException, IOException, InterruptedException {
      PrometheusMeterRegistry registry = resources.add(new ProcessMetrics()).registry();
      CaMetrics metrics = new CaMetrics(registry, clock);
      ProbeServer probes = resources.add(ProbeServer.start(config.probes(), readiness, registry));

      IssuingCa issuing = issuing(steps, onFatal, metrics);
      CurrentBundle bundles = new CurrentBundle(issuing.trust().root().bundle());
      PublicationHealth publication =
          new PublicationHealth(bundlePublished, metrics.bundleRepairs(), onFatal);
      LocalReplica replica =
          new LocalReplica(
              config.replica(),
              issuing,
              bundles,
              config.issuing().rootLifetime(),
              publication::revision,
              steps);
      publish(bundles, replica, publication, metrics);

      EvidenceWriter evidence = new EvidenceWriter(issuing.evidence(), () -> onEvidence.run());
      Predicate<NodeRef> isBanned =
          node -> issuing.trust().state().isBanned(node.cluster(), node.nodeName());
      Sessions sessions =
          new Sessions(
              bundles,
              clock,
              timers,
              MOST_SESSIONS,
              new Sessions.Evidence(config.replica(), words(evidence)),
              isBanned);
      sessions.start();
      metrics.sessions(sessions, bundles);
      Attestors attestors = attestors(sessions, metrics);

      AuditTrail audit = AuditTrail.all(new LoggedAuditTrail(), new MeteredAuditTrail(registry));
      AgentEndpoint endpoint =
          endpoint(issuing, bundles, sessions, attestors, audit, metrics, replica, isBanned);
      rotations(issuing, replica, evidence, audit, metrics);
      agentsReady.ready();
      log.info("the CA of {} serves", config.policy().trustDomain());
      return new CaServer(resources, endpoint.address(), probes.address());
    }

    private IssuingCa issuing(IssuanceSteps steps, Consumer<String> onFatal, CaMetrics metrics)
        throws StartRefusedException {
      AuthorityHealth health = new AuthorityHealth(authorityReady, clock);
      metrics.expiry("root", () -> health.notAfter(AuthorityLife::rootNotAfter));
      metrics.expiry("authority", () -> health.notAfter(AuthorityLife::authorityNotAfter));
      Consumer<String> onStoreLost =
          why -> {
            storeReady.notReady(why);
            onFatal.accept(why);
          };
      try {
        IssuingCa issuing =
            resources.add(IssuingCa.open(config.issuing(), clock, steps, health, onStoreLost));
        storeReady.ready();
        watchStore(issuing);
        return issuing;
      } catch (dev.signet.ca.authority.StartRefusedException e) {
        throw new StartRefusedException(String.valueOf(e.getMessage()), e);
      }
    }

    /**
     * Nobody may dial this CA by another's bundle, and an API server that is away may come back
     * later: a bundle that is not in its ConfigMap yet keeps nobody from an identity.
     */
    private void publish(
        CurrentBundle bundles, KnownRoots known, PublicationHealth health, CaMetrics metrics)
        throws StartRefusedException, InterruptedException {
      metrics.published(health::revision);
      BundlePublisher publisher =
          resources.add(
              new BundlePublisher(
                  config.trustBundle().open(this::kubernetes),
                  bundles,
                  known,
                  health,
                  BundlePublisher.Pace.DEFAULT,
                  new SecureRandom()));
      try {
        publisher.first();
      } catch (ForeignRootException e) {
        throw new StartRefusedException(String.valueOf(e.getMessage()), e);
      } catch (PublicationException e) {
        if (config.trustBundle().configMap().isEmpty()) {
          throw new StartRefusedException(String.valueOf(e.getMessage()), e);
        }
      }
      publisher.start();
    }

    /**
     * Another replica may make a step while this one starts: it looks again, and goes on by that.
     */
    private ServingSvid serving(IssuingCa issuing, ServerSvids svids)
        throws StartRefusedException, InterruptedException {
      for (int tries = 1; ; tries++) {
        try {
          return ServingSvid.start(svids, clock, timers);
        } catch (StartRefusedException e) {
          boolean behind =
              e.getCause() instanceof RefusedException refused
                  && refused.refusal().reason() == RefusalReason.REPLICA_BEHIND;
          if (!behind || tries == MOST_STARTS) {
            throw e;
          }
          catchUp(issuing);
        }
      }
    }

    private static void catchUp(IssuingCa issuing)
        throws StartRefusedException, InterruptedException {
      try {
        issuing.signBy(issuing.readTrust());
      } catch (RefusedException e) {
        throw new StartRefusedException(e.refusal().detail(), e);
      }
    }

    private void pass(LocalReplica replica, ServingSvid serving, Sessions sessions)
        throws StartRefusedException, InterruptedException {
      try {
        replica.passOnTo(serving, sessions, clock);
      } catch (RefusedException e) {
        throw new StartRefusedException(e.refusal().detail(), e);
      }
    }

    private static AgentWords words(EvidenceWriter evidence) {
      return new AgentWords() {
        @Override
        public void said(AgentReport report) {
          evidence.said(report);
        }

        @Override
        public void gone(NodeRef node) {
          evidence.gone(node);
        }
      };
    }

    /** What keeps trust up to date, and the socket of those who may change it. */
    private void rotations(
        IssuingCa issuing,
        LocalReplica replica,
        EvidenceWriter evidence,
        AuditTrail audit,
        CaMetrics metrics)
        throws StartRefusedException {
      RotationHealth health = new RotationHealth(() -> onLook.run());
      metrics.rotation(health::version, health::missing, health::alarm);
      RotationKeeper keeper =
          resources.add(
              new RotationKeeper(
                  issuing.trustStates(),
                  issuing.evidence(),
                  replica,
                  issuing.trust().state().version(),
                  lifetimes(),
                  clock,
                  health));
      Rotations rotations =
          new Rotations(
              issuing.trustStates(),
              issuing.evidence(),
              issuing.liveAgents(),
              keeper,
              replica::newRootId,
              lifetimes(),
              clock);
      onLook = rotations::changed;
      onEvidence = keeper::wake;
      keeper.start();
      evidence.start();
      resources.add(evidence);
      resources.add(AdminEndpoint.start(config.adminSocket(), rotations, audit));
    }

    private Lifetimes lifetimes() {
      return new Lifetimes(config.issuing().rootLifetime(), config.issuing().longestLeaf());
    }

    private void watchStore(IssuingCa issuing) {
      AtomicBoolean asking = new AtomicBoolean();
      var _ =
          timers.scheduleWithFixedDelay(
              () -> {
                // Not on the timers' one thread: a disk that stalls must hold up no deadline.
                if (asking.compareAndSet(false, true)) {
                  Thread.ofVirtual().name("store-check").start(() -> checkStore(issuing, asking));
                }
              },
              STORE_CHECK.toMillis(),
              STORE_CHECK.toMillis(),
              TimeUnit.MILLISECONDS);
    }

    private void checkStore(IssuingCa issuing, AtomicBoolean asking) {
      try {
        issuing.checkStore();
        storeReady.ready();
      } catch (RefusedException e) {
        storeReady.notReady(e.refusal().detail());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        asking.set(false);
      }
    }

    private record Attestors(Attestor agents, Attestor workloads) {}

    private Attestors attestors(Sessions sessions, CaMetrics metrics) throws StartRefusedException {
      if (config.signedTokens().isPresent()) {
        Attestor signed = signatureAttestor(config.signedTokens().get(), metrics);
        return new Attestors(signed, signed);
      }
      KubernetesCluster kubernetes = kubernetes();
      metrics.excessRights(kubernetes::excessRights);
      kubernetes.start(sessions, config.trustBundle().configMap());
      return new Attestors(
          attestor(kubernetes, metrics, AttestationLimits.FOR_AGENTS),
          attestor(kubernetes, metrics, AttestationLimits.FOR_WORKLOADS));
    }

    /** Nothing here can reach the cluster's API server: no reads, no watch, no credentials. */
    private Attestor signatureAttestor(CaConfig.SignedTokens tokens, CaMetrics metrics)
        throws StartRefusedException {
      log.warn(
          "the agents of cluster {} review tokens themselves: this CA verifies the cluster's signature, and takes an agent's word that a pod is"
              + " still there (cluster.review: agent)",
          config.policy().cluster());
      TokenKeysFile keys = TokenKeysFile.open(tokens.jwksFile(), timers, this::kubernetesState);
      return resources.add(
          new SignatureAttestor(
              config.policy().cluster(),
              tokens.issuer(),
              config.policy().trustDomain(),
              metrics.timedSignatures(keys.signatures()),
              clock));
    }

    private void kubernetesState(Optional<String> problem) {
      problem.ifPresentOrElse(kubernetesReady::notReady, kubernetesReady::ready);
    }

    /** One connection, made where the first part needs it. */
    private KubernetesCluster kubernetes() throws StartRefusedException {
      KubernetesCluster known = connected;
      if (known == null) {
        known =
            resources.add(
                KubernetesCluster.of(
                    config.kubeconfig(), new SecureRandom(), this::kubernetesState));
        connected = known;
      }
      return known;
    }

    private Attestor attestor(
        KubernetesCluster kubernetes, CaMetrics metrics, AttestationLimits limits) {
      Attestor attestor =
          new ReviewingAttestor(
              config.policy().cluster(),
              config.policy().trustDomain(),
              metrics.timed(kubernetes.tokenReviewer()),
              metrics.timed(kubernetes.podReader()),
              kubernetes.podHint(),
              limits);
      return resources.add(attestor);
    }

    private AgentEndpoint endpoint(
        IssuingCa issuing,
        CurrentBundle bundles,
        Sessions sessions,
        Attestors attestors,
        AuditTrail audit,
        CaMetrics metrics,
        LocalReplica replica,
        Predicate<NodeRef> isBanned)
        throws StartRefusedException, IOException, InterruptedException {
      Issuance issuance =
          new Issuance(config.policy(), metrics.timedIssuer(issuing.issuer()), clock);
      CsrVerifier csrs = metrics.timedVerifier(issuing.csrVerifier());
      ServingSvid serving = serving(issuing, new ServerSvids(csrs, issuance, audit));
      metrics.expiry("serving", serving::notAfter);
      pass(replica, serving, sessions);
      PeerVerifier peers = new PeerVerifier(bundles, clock);
      ItemsUnderWay items = new ItemsUnderWay(MOST_ITEMS);
      metrics.queueDepth("items", items::count);
      AgentEndpoint.Services services =
          new AgentEndpoint.Services(
              new AgentSvids(
                  csrs, attestors.agents(), issuing.liveAgents(), isBanned, issuance, audit),
              new WorkloadSvids(csrs, attestors.workloads(), issuing.liveAgents(), issuance, audit),
              sessions,
              bundles,
              issuing.liveAgents(),
              audit,
              items);
      return resources.add(
          AgentEndpoint.start(
              config.listen(),
              new AgentEndpoint.Peers(
                  config.policy().trustDomain(), peers, ServerTls.context(serving, peers)),
              services,
              clock,
              timers));
    }

    /** After its end it takes what is still planned and drops it. */
    private static ScheduledThreadPoolExecutor timers() {
      ScheduledThreadPoolExecutor timers =
          new ScheduledThreadPoolExecutor(
              1,
              Thread.ofPlatform().name("timers").daemon().factory(),
              new ThreadPoolExecutor.DiscardPolicy());
      timers.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
      timers.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
      timers.setRemoveOnCancelPolicy(true);
      return timers;
    }
  }
}
