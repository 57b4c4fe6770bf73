package dev.signet.ca.adapter.grpc;

import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.session.Sessions;
import dev.signet.ca.svid.AgentSvids;
import dev.signet.ca.svid.WorkloadSvids;
import dev.signet.process.StartRefusedException;
import dev.signet.spiffe.TrustDomain;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server that agents connect to. Closing it lets calls under way end, for a short while. */
public final class AgentEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentEndpoint.class);
  private static final int MIB = 1024 * 1024;
  private static final long DRAIN_SECONDS = 5;

  private final Server server;
  private final Sessions sessions;
  private final OpenChannels channels;

  private AgentEndpoint(Server server, Sessions sessions, OpenChannels channels) {
    this.server = server;
    this.sessions = sessions;
    this.channels = channels;
  }

  /** What stands behind the RPCs. */
  public record Services(
      AgentSvids agentSvids,
      WorkloadSvids workloadSvids,
      Sessions sessions,
      CurrentBundle bundles,
      LiveAgents agents,
      AuditTrail audit,
      ItemsUnderWay items) {}

  /** Who the peers are. */
  public record Peers(TrustDomain trustDomain, PeerVerifier verifier, SslContext tls) {}

  /**
   * Listens.
   *
   * @throws StartRefusedException if the address cannot be had
   */
  public static AgentEndpoint start(
      InetSocketAddress address,
      Peers peers,
      Services services,
      InstantSource clock,
      ScheduledExecutorService timers)
      throws StartRefusedException {
    // Never shut down: gRPC still tells it of the last streams' ends after the server has ended.
    // Its threads are virtual, and each ends with its call.
    ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("rpc-", 0).factory());
    OpenChannels channels = new OpenChannels();
    Connections connections =
        new Connections(
            peers.verifier(), services.bundles(), peers.trustDomain(), channels, timers);
    services.sessions().onBan(connections::hangUp);
    Server server =
        bounded(channels.accept(NettyServerBuilder.forAddress(address)))
            .sslContext(peers.tls())
            .executor(threads)
            .addTransportFilter(connections)
            .addService(guarded(services, clock, timers, threads))
            .build();
    try {
      server.start();
    } catch (IOException e) {
      channels.close();
      throw new StartRefusedException(
          "cannot listen on "
              + address
              + " for agents: "
              + e.getMessage()
              + "; stop what listens there, or configure another address (listen)",
          e);
    }
    log.info("agents may connect on {}", server.getListenSockets());
    return new AgentEndpoint(server, services.sessions(), channels);
  }

  private static ServerServiceDefinition guarded(
      Services services,
      InstantSource clock,
      ScheduledExecutorService timers,
      ExecutorService threads) {
    LiveCheck live = new LiveCheck(services.agents(), clock, services.sessions());
    SessionRpc sessionRpc = new SessionRpc(services.sessions(), live, services.audit(), timers);
    CertificateAuthorityRpc rpc =
        new CertificateAuthorityRpc(
            services.agentSvids(),
            services.workloadSvids(),
            services.bundles(),
            sessionRpc,
            services.items(),
            new AgentBudget(System::nanoTime),
            threads);
    return ServerInterceptors.intercept(rpc, new CallGuard(live, clock, services.audit(), timers));
  }

  /** No peer takes more than so much, whatever it sends (THREATS I13). */
  private static NettyServerBuilder bounded(NettyServerBuilder builder) {
    return builder
        .handshakeTimeout(5, TimeUnit.SECONDS)
        // 256 items of an ordinary token and CSR are half a MiB.
        .maxInboundMessageSize(4 * MIB)
        .maxInboundMetadataSize(8 * 1024)
        .maxConcurrentCallsPerConnection(64)
        .flowControlWindow(MIB)
        // Streams that are opened and reset at once (CVE-2023-44487).
        .maxRstFramesPerWindow(200, 30)
        // A peer that is gone without a word is found out (FAULTS F28).
        .keepAliveTime(20, TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .permitKeepAliveTime(10, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true)
        .maxConnectionIdle(5, TimeUnit.MINUTES)
        // gRPC spreads this by a tenth. Agents come back to whatever replica there is by then.
        .maxConnectionAge(30, TimeUnit.MINUTES)
        .maxConnectionAgeGrace(1, TimeUnit.MINUTES);
  }

  /** Where it listens, with the port that was chosen. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getListenSockets().get(0);
  }

  /** What is served. */
  List<ServerServiceDefinition> services() {
    return server.getServices();
  }

  @Override
  public void close() {
    server.shutdown();
    sessions.shutDown();
    try {
      if (!server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
        server.awaitTermination(DRAIN_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      channels.close();
    }
  }
}
