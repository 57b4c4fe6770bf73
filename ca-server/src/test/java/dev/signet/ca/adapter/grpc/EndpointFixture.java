package dev.signet.ca.adapter.grpc;

import dev.signet.ca.ManualTimers;
import dev.signet.ca.TestAuthority;
import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.adapter.tls.ServerTls;
import dev.signet.ca.adapter.tls.ServingSvid;
import dev.signet.ca.adapter.x509.Pkcs10CsrVerifier;
import dev.signet.ca.attestation.AttestationLimits;
import dev.signet.ca.attestation.Attestor;
import dev.signet.ca.attestation.ReviewingAttestor;
import dev.signet.ca.attestation.ScriptedKubernetes;
import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.World;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.session.Sessions;
import dev.signet.ca.svid.AgentSvids;
import dev.signet.ca.svid.Issuance;
import dev.signet.ca.svid.ServerSvids;
import dev.signet.ca.svid.WorkloadSvids;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A CA on a real socket, with all its parts but store, keys and Kubernetes; and clients for it. */
public final class EndpointFixture implements AutoCloseable {
  public static final String CART_TOKEN = "cart.token.1";
  public static final String AGENT_TOKEN = "agent.token.1";

  public final TestAuthority authority = new TestAuthority("root-a");
  public final ManualTimers clock = new ManualTimers(World.NOW);
  public final CurrentBundle bundles = new CurrentBundle(Bundles.of(1, authority));
  public final ScriptedKubernetes kubernetes = new ScriptedKubernetes();
  public final BlockingQueue<AuditEvent> audit = new LinkedBlockingQueue<>();
  public final List<AuditEvent> audited = new CopyOnWriteArrayList<>();
  public final Set<NodeRef> banned = ConcurrentHashMap.newKeySet();
  public final BlockingQueue<AgentReport> words = new LinkedBlockingQueue<>();
  public final Sessions sessions =
      new Sessions(
          bundles, clock, clock, 100, new Sessions.Evidence("ca-1", words::add), banned::contains);
  public final ItemsUnderWay items = new ItemsUnderWay(600);
  public final Agents agents = new Agents();
  public volatile CsrVerifier csrs = new Pkcs10CsrVerifier(CryptoProvider.choose());
  public final AgentEndpoint endpoint;
  private final Attestor attestor;
  private final List<ManagedChannel> channels = new ArrayList<>();

  /** The live agents, as a store would have them. */
  public static final class Agents implements LiveAgents {
    private final Map<String, LiveAgent> byNode = new ConcurrentHashMap<>();
    public volatile boolean down;

    /** Run before each read, to change what it finds. */
    public volatile Runnable beforeRead = () -> {};

    public void put(LiveAgent agent) {
      byNode.put(agent.nodeName(), agent);
    }

    @Override
    public Optional<LiveAgent> on(String cluster, String nodeName) throws RefusedException {
      beforeRead.run();
      if (down) {
        throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, "down");
      }
      return Optional.ofNullable(byNode.get(nodeName))
          .filter(agent -> agent.cluster().equals(cluster));
    }
  }

  public EndpointFixture() {
    try {
      kubernetes
          .answers(CART_TOKEN, World.cartReview())
          .has(World.cartPod())
          .answers(AGENT_TOKEN, World.agentReview())
          .has(World.agentPod());
      attestor =
          new ReviewingAttestor(
              World.CLUSTER,
              World.TRUST_DOMAIN,
              kubernetes,
              kubernetes,
              _ -> Optional.empty(),
              AttestationLimits.FOR_WORKLOADS);
      Issuance issuance = new Issuance(World.POLICY, authority, clock);
      CsrVerifier verifier = csr -> csrs.verify(csr);
      ServingSvid serving =
          ServingSvid.start(new ServerSvids(verifier, issuance, this::record), clock, clock);
      PeerVerifier peers = new PeerVerifier(bundles, clock);
      sessions.start();
      endpoint =
          AgentEndpoint.start(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              new AgentEndpoint.Peers(World.TRUST_DOMAIN, peers, ServerTls.context(serving, peers)),
              new AgentEndpoint.Services(
                  new AgentSvids(
                      verifier, attestor, agents, banned::contains, issuance, this::record),
                  new WorkloadSvids(verifier, attestor, agents, issuance, this::record),
                  sessions,
                  bundles,
                  agents,
                  this::record,
                  items),
              clock,
              clock);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private void record(AuditEvent event) {
    audited.add(event);
    audit.add(event);
  }

  /** Waits for an event of a kind. */
  public <T extends AuditEvent> T awaitAudit(Class<T> type, Predicate<T> wanted)
      throws InterruptedException {
    while (true) {
      AuditEvent event = audit.poll(10, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no such event; there were " + audited);
      }
      if (type.isInstance(event) && wanted.test(type.cast(event))) {
        return type.cast(event);
      }
    }
  }

  /** Another pod of the same node, with its token. */
  public String pod(String account, int number) {
    String token = account + ".token." + number;
    String name = account + "-" + number;
    kubernetes
        .answers(token, World.review(TokenAudience.WORKLOAD, "shop", account, name, "uid-" + name))
        .has(
            new PodState(
                "shop", name, "uid-" + name, account, World.NODE, PodState.Phase.RUNNING, false));
    return token;
  }

  /** A leaf for the agent of a node, which is made the live one. */
  public TestAuthority.Leaf liveAgent(String node) {
    TestAuthority.Leaf leaf = authority.agent(node);
    agents.put(
        World.liveAgent(node, World.NODE_UID, leaf.certificate().getSerialNumber().toString(16)));
    return leaf;
  }

  /** A connection that shows nothing. */
  public CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub anonymous() {
    return stub(channel(Optional.empty(), "TLSv1.3"));
  }

  public CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub as(
      TestAuthority.Leaf leaf) {
    return stub(channel(Optional.of(leaf), "TLSv1.3"));
  }

  /** A channel; each makes a connection of its own. */
  public ManagedChannel channel(Optional<TestAuthority.Leaf> leaf, String protocol) {
    try {
      SslContextBuilder tls =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
              .protocols(protocol)
              .trustManager(new AnyServer());
      leaf.ifPresent(own -> keyed(tls, own.key(), own.certificate()));
      ManagedChannel channel =
          NettyChannelBuilder.forAddress(endpoint.address()).sslContext(tls.build()).build();
      channels.add(channel);
      return channel;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void keyed(SslContextBuilder tls, PrivateKey key, X509Certificate certificate) {
    var _ = tls.keyManager(key, certificate);
  }

  private static CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub stub(
      ManagedChannel channel) {
    return CertificateAuthorityServiceGrpc.newStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
  }

  /** A fresh key's CSR. */
  public static byte[] csr() {
    return csr(TestAuthority.keys(), "");
  }

  public static byte[] csr(KeyPair keys, String subject) {
    try {
      return new JcaPKCS10CertificationRequestBuilder(new X500Name(subject), keys.getPublic())
          .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
          .getEncoded();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    endpoint.close();
    attestor.close();
    clock.shutdownNow();
  }

  /** For clients that are not what is tested. */
  private static final class AnyServer extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
