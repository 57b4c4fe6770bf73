package dev.signet.agent;

import dev.signet.agent.adapter.ca.CaDialer;
import dev.signet.agent.adapter.ca.GrpcCertificateAuthority;
import dev.signet.agent.adapter.csi.CsiDriver;
import dev.signet.agent.adapter.filesystem.InPlaceVolumePublisher;
import dev.signet.agent.adapter.filesystem.MountedFiles;
import dev.signet.agent.adapter.filesystem.RunFolders;
import dev.signet.agent.adapter.metrics.AgentMetrics;
import dev.signet.agent.adapter.workloadapi.UnixWorkloadEndpoints;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.config.AgentConfig;
import dev.signet.agent.loop.ThreadLoop;
import dev.signet.agent.svid.IdentityContext;
import dev.signet.agent.upstream.CaLink;
import dev.signet.agent.upstream.CaTrust;
import dev.signet.agent.upstream.LinkContext;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.agent.volume.Volumes;
import dev.signet.process.Resources;
import dev.signet.process.StartRefusedException;
import dev.signet.process.probe.ProbeServer;
import dev.signet.process.probe.ProcessMetrics;
import dev.signet.process.probe.Readiness;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;

/**
 * The node agent, put together. The order of {@link #start} is a security property: a socket is
 * opened only when all that decides on it stands behind it, and kubelet learns of the driver last.
 * Closing goes the other way round: kubelet first, then the pods' connections, then the CA.
 */
public final class NodeAgent implements AutoCloseable {
  private static final String VERSION = "0.1.0";

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
    var folders = new RunFolders(config.runDir());
    folders.prepare();
    var readiness = new Readiness();
    var conditions = new AgentConditions(readiness);
    var metrics = running.add(new ProcessMetrics());
    var agentMetrics = new AgentMetrics(metrics.registry());
    ThreadLoop loop = running.add(new ThreadLoop("signet-agent"));
    EventLoopGroup control = running.add(new OwnedGroup("signet-control")).group();
    EventLoopGroup pods = running.add(new OwnedGroup("signet-pods")).group();
    ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
    running.add(blocking::shutdownNow);

    var bundles = new BundleHolder(config.name().trustDomain());
    var consumers = new ConsumerLedger();
    var files =
        new MountedFiles(config.name().trustDomain(), config.tokenFile(), config.caBundleFile());
    var trust = new CaTrust(config.name().trustDomain(), bundles, files::bundle);
    var dialer =
        running.add(
            new CaDialer(
                config.ca().host(),
                config.ca().port(),
                config.name().certificateAuthority(),
                trust,
                clock,
                control));
    var authority =
        new GrpcCertificateAuthority(
            config.name().trustDomain(), loop, dialer, files::token, blocking, VERSION);
    var random = new SecureRandom();
    var link =
        new CaLink(
            new LinkContext(
                config.name(),
                loop,
                clock,
                random,
                authority,
                trust,
                new LinkContext.Signals(conditions, agentMetrics)),
            new IdentityContext(
                config.name().trustDomain(), loop, clock, random, bundles, agentMetrics),
            consumers);
    running.add(link::close);
    agentMetrics.observe(bundles, link.identities());

    var endpoints =
        new UnixWorkloadEndpoints(pods, loop, clock, bundles, consumers, agentMetrics::streams);
    var volumes =
        new Volumes(
            new Volumes.VolumeSettings(
                new VolumeLayout(config.kubeletDir(), config.runDir()),
                config.name().workloadAudience()),
            loop,
            link.identities(),
            endpoints,
            new Volumes.NodeFiles(folders, new InPlaceVolumePublisher(config.kubeletDir())),
            agentMetrics);
    running.add(volumes::close);

    ProbeServer probes =
        running.add(ProbeServer.start(config.probes(), readiness, metrics.registry()));
    link.start();
    running.add(
        CsiDriver.start(
            new CsiDriver.Settings(
                config.kubeletDir(),
                config.name().node(),
                VERSION,
                control,
                blocking,
                rootOr(ownUid())),
            volumes,
            conditions));
    return probes.address();
  }

  private static IntPredicate rootOr(int uid) {
    return peer -> peer == 0 || peer == uid;
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
