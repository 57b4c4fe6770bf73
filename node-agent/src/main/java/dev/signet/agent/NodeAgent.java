package dev.signet.agent;

import dev.signet.agent.adapter.ca.CaDialer;
import dev.signet.agent.adapter.ca.GrpcCertificateAuthority;
import dev.signet.agent.adapter.csi.CsiDriver;
import dev.signet.agent.adapter.filesystem.AgentTmpfs;
import dev.signet.agent.adapter.filesystem.BindMountVolumePublisher;
import dev.signet.agent.adapter.filesystem.InPlaceVolumePublisher;
import dev.signet.agent.adapter.filesystem.KubeletFolder;
import dev.signet.agent.adapter.filesystem.MountedFiles;
import dev.signet.agent.adapter.filesystem.RunFolders;
import dev.signet.agent.adapter.filesystem.StateFiles;
import dev.signet.agent.adapter.kubernetes.ApiSettings;
import dev.signet.agent.adapter.kubernetes.HttpTokenReviewer;
import dev.signet.agent.adapter.metrics.AgentMetrics;
import dev.signet.agent.adapter.unix.NodePeers;
import dev.signet.agent.adapter.workloadapi.UnixWorkloadEndpoints;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.cache.LocalCache;
import dev.signet.agent.cache.Recovery;
import dev.signet.agent.config.AgentConfig;
import dev.signet.agent.config.KubernetesApi;
import dev.signet.agent.config.RunMount;
import dev.signet.agent.loop.ThreadLoop;
import dev.signet.agent.svid.IdentityContext;
import dev.signet.agent.svid.NoReview;
import dev.signet.agent.svid.TokenReviewer;
import dev.signet.agent.upstream.CaLink;
import dev.signet.agent.upstream.CaTrust;
import dev.signet.agent.upstream.LinkContext;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.agent.volume.VolumePublisher;
import dev.signet.agent.volume.Volumes;
import dev.signet.process.Resources;
import dev.signet.process.StartRefusedException;
import dev.signet.process.probe.ProbeServer;
import dev.signet.process.probe.ProcessMetrics;
import dev.signet.process.probe.Readiness;
import dev.signet.spiffe.TrustDomain;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node agent, put together. The order of {@link #start} is a security property: a socket is
 * opened only when all that decides on it stands behind it, and kubelet learns of the driver last.
 * Closing goes the other way round: kubelet first, then the pods' connections, then the CA.
 */
public final class NodeAgent implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(NodeAgent.class);

  /** As the build wrote it into the jar; there is none where the classes lie in a folder. */
  private static final String VERSION =
      Objects.requireNonNullElse(
          NodeAgent.class.getPackage().getImplementationVersion(), "unpackaged");

  private final Resources running;
  private final InetSocketAddress probes;

  private NodeAgent(Resources running, InetSocketAddress probes) {
    this.running = running;
    this.probes = probes;
  }

  /** Starts an agent on the system's clock. It serves when this returns. */
  public static NodeAgent start(AgentConfig config) throws IOException, StartRefusedException {
    return start(config, InstantSource.system());
  }

  static NodeAgent start(AgentConfig config, InstantSource clock)
      throws IOException, StartRefusedException {
    LogGuard.install();
    var running = new Resources();
    try {
      return new NodeAgent(running, assemble(config, clock, running));
    } catch (IOException | StartRefusedException | RuntimeException e) {
      running.close();
      throw e;
    }
  }

  private static InetSocketAddress assemble(
      AgentConfig config, InstantSource clock, Resources running)
      throws IOException, StartRefusedException {
    if (!Files.isDirectory(config.kubeletDir())) {
      throw new StartRefusedException(
          "kubelet_dir " + config.kubeletDir() + " is no folder: set it to kubelet's root folder");
    }
    if (!Epoll.isAvailable()) {
      throw new StartRefusedException(
          "no Unix sockets: Netty's epoll library for this machine is missing (Linux on x86-64 is"
              + " supported), or /tmp cannot be written",
          Epoll.unavailabilityCause());
    }
    if (!config.sandbox()) {
      mounts(config);
    }
    RunFolders folders = folders(config);
    var readiness = new Readiness();
    var process = running.add(new ProcessMetrics());
    StateFiles state = StateFiles.of(config.runDir(), layout(config), config.name().id(), ownUid());
    Base base = base(config, clock, running, process, new AgentConditions(readiness), state);
    CaLink link = link(base);
    running.add(() -> link.close().get(2, TimeUnit.SECONDS));
    base.metrics().observe(base.bundles(), link.identities());
    Volumes volumes = volumes(base, link, folders);
    running.add(volumes::close);
    recover(base, state, volumes);
    ProbeServer probes =
        running.add(ProbeServer.start(config.probes(), readiness, process.registry()));
    link.start();
    running.add(driver(base, volumes));
    return probes.address();
  }

  /** What volumes are mounted from and to, before anything of it is used. */
  private static void mounts(AgentConfig config) throws StartRefusedException {
    RunMount run = config.runMount();
    try {
      KubeletFolder.check(config.kubeletDir());
      AgentTmpfs.mount(config.runDir(), run.bytes(), run.selinuxLabel());
    } catch (IOException e) {
      throw new StartRefusedException("volumes cannot be mounted: " + e.getMessage(), e);
    }
  }

  private static VolumePublisher publisher(AgentConfig config) {
    return config.sandbox()
        ? new InPlaceVolumePublisher(config.kubeletDir())
        : new BindMountVolumePublisher(config.kubeletDir(), config.runDir());
  }

  private static RunFolders folders(AgentConfig config) throws StartRefusedException {
    var folders = new RunFolders(config.runDir());
    try {
      folders.prepare();
    } catch (IOException e) {
      throw new StartRefusedException(
          "run_dir " + config.runDir() + " cannot be made a folder for the agent alone: " + e, e);
    }
    return folders;
  }

  /** Pods that were served before a restart are served again before anybody is asked. */
  private static void recover(Base base, StateFiles state, Volumes volumes) {
    new Recovery(
            state,
            base.cache(),
            base.bundles(),
            base.clock(),
            base.threads().loop(),
            base.metrics())
        .run(volumes);
    base.bundles().onAccepted(base.cache()::bundle);
    base.bundles().onRenumbered(base.consumers()::forget);
  }

  /** Threads, state and observers: what the rest is built on. */
  private record Base(
      AgentConfig config,
      InstantSource clock,
      Resources running,
      AgentMetrics metrics,
      AgentConditions conditions,
      Threads threads,
      BundleHolder bundles,
      ConsumerLedger consumers,
      LocalCache cache) {
    TrustDomain trustDomain() {
      return config.name().trustDomain();
    }
  }

  /**
   * The agent's threads.
   *
   * @param loop owns all changing state
   * @param control I/O with the CA and kubelet
   * @param pods I/O with pods: a flood there takes nothing from the others
   * @param blocking kubelet's calls and file reads
   */
  private record Threads(
      ThreadLoop loop, EventLoopGroup control, EventLoopGroup pods, ExecutorService blocking) {}

  private static Base base(
      AgentConfig config,
      InstantSource clock,
      Resources running,
      ProcessMetrics process,
      AgentConditions conditions,
      StateFiles state) {
    ThreadLoop loop = running.add(new ThreadLoop("signet-agent"));
    EventLoopGroup control = running.add(new OwnedGroup("signet-control")).group();
    EventLoopGroup pods = running.add(new OwnedGroup("signet-pods")).group();
    ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    running.add(blocking::shutdownNow);
    var metrics = new AgentMetrics(process.registry());
    LocalCache cache = running.add(new LocalCache(state, blocking, metrics));
    return new Base(
        config,
        clock,
        running,
        metrics,
        conditions,
        new Threads(loop, control, pods, blocking),
        new BundleHolder(config.name().trustDomain()),
        new ConsumerLedger(),
        cache);
  }

  private static CaLink link(Base base) throws StartRefusedException {
    AgentConfig config = base.config();
    ThreadLoop loop = base.threads().loop();
    var files = new MountedFiles(base.trustDomain(), config.tokenFile(), config.caBundleFile());
    var trust = new CaTrust(base.trustDomain(), base.bundles(), files::bundle);
    var dialer =
        base.running()
            .add(
                new CaDialer(
                    config.ca().host(),
                    config.ca().port(),
                    config.name().certificateAuthority(),
                    trust,
                    base.clock(),
                    base.threads().control()));
    var authority =
        new GrpcCertificateAuthority(
            base.trustDomain(), loop, dialer, files::token, base.threads().blocking(), VERSION);
    var random = new SecureRandom();
    return new CaLink(
        new LinkContext(
            config.name(),
            loop,
            base.clock(),
            random,
            authority,
            trust,
            reviewer(base),
            new LinkContext.Signals(base.conditions(), base.metrics())),
        new IdentityContext(
            base.trustDomain(),
            loop,
            base.clock(),
            random,
            base.bundles(),
            base.metrics(),
            base.cache()),
        base.consumers());
  }

  private static TokenReviewer reviewer(Base base) throws StartRefusedException {
    Optional<KubernetesApi> api = base.config().review();
    if (api.isEmpty()) {
      return new NoReview();
    }
    URI server;
    try {
      server = api.get().server(System.getenv());
    } catch (IllegalArgumentException e) {
      throw new StartRefusedException(String.valueOf(e.getMessage()), e);
    }
    log.info("This agent reviews tokens itself, at {} (review: agent)", server);
    return base.running()
        .add(
            new HttpTokenReviewer(
                new ApiSettings(server, api.get().caFile(), api.get().tokenFile()),
                base.config().name().workloadAudience(),
                base.threads().loop(),
                base.threads().blocking(),
                base.conditions().reviews()));
  }

  private static Volumes volumes(Base base, CaLink link, RunFolders folders) {
    AgentConfig config = base.config();
    ThreadLoop loop = base.threads().loop();
    var endpoints =
        new UnixWorkloadEndpoints(
            base.threads().pods(),
            loop,
            base.clock(),
            base.bundles(),
            base.consumers(),
            base.metrics()::streams);
    return new Volumes(
        new Volumes.VolumeSettings(layout(config), config.name().workloadAudience()),
        loop,
        link.identities(),
        endpoints,
        new Volumes.NodeFiles(folders, publisher(config)),
        base.metrics(),
        base.cache());
  }

  private static VolumeLayout layout(AgentConfig config) {
    return new VolumeLayout(config.kubeletDir(), config.runDir());
  }

  private static CsiDriver driver(Base base, Volumes volumes) throws IOException {
    return CsiDriver.start(
        new CsiDriver.Settings(
            base.config().kubeletDir(),
            base.config().name().node(),
            VERSION,
            base.threads().control(),
            base.threads().blocking(),
            NodePeers.create()),
        volumes,
        base.conditions());
  }

  private static int ownUid() throws IOException {
    return (Integer)
        Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  /** Where health and metrics are served. */
  public InetSocketAddress probes() {
    return probes;
  }

  /** Stops in good order. Volumes stay published for the next agent. */
  @Override
  public void close() {
    running.close();
  }

  /** One I/O thread that whoever starts it also ends. */
  private record OwnedGroup(EventLoopGroup group) implements AutoCloseable {
    OwnedGroup(String name) {
      this(
          new MultiThreadIoEventLoopGroup(
              1, new DefaultThreadFactory(name, true), EpollIoHandler.newFactory()));
    }

    @Override
    public void close() {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }
}
