package dev.signet.agent.testing;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.CART;

import com.google.protobuf.ByteString;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.proto.agent.v1.Refusal;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import dev.signet.proto.agent.v1.TrustBundle;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A CA that decides as the test says, over real TLS 1.3. It keeps what it was sent, so that tests
 * can say what must never arrive.
 */
public final class FakeCa
    extends CertificateAuthorityServiceGrpc.CertificateAuthorityServiceImplBase
    implements AutoCloseable {
  private static final Context.Key<String> CALLER = Context.key("caller");

  /** What an item of a batch gets. */
  public sealed interface Decision {
    /** An SVID of this ID. */
    record Grant(SpiffeId id, Duration life) implements Decision {}

    record Refuse(Refusal refusal) implements Decision {}

    /** No answer at all, until the call's deadline. */
    record Silence() implements Decision {}
  }

  private final BlockingQueue<AttestAgentRequest> attestations = new LinkedBlockingQueue<>();
  private final BlockingQueue<IssueX509SvidsRequest> batches = new LinkedBlockingQueue<>();
  private final BlockingQueue<SessionRequest> reports = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> callers = new LinkedBlockingQueue<>();
  private final Server server;
  private volatile TestAuthority issuing;
  private volatile Duration agentLife = Duration.ofHours(1);
  private volatile TrustBundle bundle;
  private volatile @Nullable StreamObserver<SessionResponse> session;
  private volatile @Nullable Status refuseAttestation;
  private volatile boolean emptyAttestation;
  private volatile Function<String, Decision> decide =
      _ -> new Decision.Grant(CART, Duration.ofHours(1));

  private FakeCa(TestAuthority issuing, X509Svid shown, int port) throws IOException {
    this.issuing = issuing;
    this.bundle = trustBundle(1, issuing.bundle());
    this.server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port))
            .sslContext(
                GrpcSslContexts.configure(
                        SslContextBuilder.forServer(
                            shown.privateKey(), shown.chain().toArray(X509Certificate[]::new)),
                        SslProvider.JDK)
                    .protocols("TLSv1.3")
                    .clientAuth(ClientAuth.OPTIONAL)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .build())
            .permitKeepAliveTime(1, TimeUnit.SECONDS)
            .addService(this)
            .intercept(new Callers())
            .build()
            .start();
  }

  /** Serves with a certificate of this ID. */
  public static FakeCa start(TestAuthority issuing, SpiffeId shown) throws IOException {
    return start(issuing, issuing.svid(shown), 0);
  }

  public static FakeCa start(TestAuthority issuing, X509Svid shown, int port) throws IOException {
    return new FakeCa(issuing, shown, port);
  }

  public int port() {
    return server.getPort();
  }

  public void decide(Function<String, Decision> byToken) {
    decide = byToken;
  }

  public static Decision refuse(String reason, boolean retryable) {
    return new Decision.Refuse(
        Refusal.newBuilder().setReason(reason).setRetryable(retryable).build());
  }

  public void refuseAttestation(@Nullable Status status) {
    refuseAttestation = status;
  }

  /** Ends attestations with OK and without an answer. */
  public void emptyAttestation(boolean now) {
    emptyAttestation = now;
  }

  public void agentLife(Duration life) {
    agentLife = life;
  }

  /** Issues by another authority from now on. */
  public void issueBy(TestAuthority other) {
    issuing = other;
  }

  /** Puts a bundle on the open session and on later ones. */
  public void publish(long revision, X509Bundle published) {
    bundle = trustBundle(revision, published);
    send(SessionResponse.newBuilder().setBundle(bundle).build());
  }

  public void send(SessionResponse message) {
    StreamObserver<SessionResponse> open = session;
    if (open != null) {
      open.onNext(message);
    }
  }

  public void endSession(Status status) {
    StreamObserver<SessionResponse> open = session;
    if (open != null) {
      open.onError(status.asRuntimeException());
    }
  }

  public AttestAgentRequest nextAttestation() throws InterruptedException {
    return taken(attestations);
  }

  public IssueX509SvidsRequest nextBatch() throws InterruptedException {
    return taken(batches);
  }

  public SessionRequest nextReport() throws InterruptedException {
    return taken(reports);
  }

  /** SPIFFE ID of the certificate of the next call that had one; empty without one. */
  public String nextCaller() throws InterruptedException {
    return taken(callers);
  }

  /** Batches that came and were not taken yet. */
  public int batchesSoFar() {
    return batches.size();
  }

  public int attestationsSoFar() {
    return attestations.size();
  }

  private static <T> T taken(BlockingQueue<T> queue) throws InterruptedException {
    T message = queue.poll(10, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("the agent sent nothing");
    }
    return message;
  }

  @Override
  public void attestAgent(AttestAgentRequest request, StreamObserver<AttestAgentResponse> answer) {
    attestations.add(request);
    Status refusal = refuseAttestation;
    if (refusal != null) {
      answer.onError(refusal.asRuntimeException());
      return;
    }
    if (emptyAttestation) {
      answer.onCompleted();
      return;
    }
    Instant now = Instant.now();
    answer.onNext(
        AttestAgentResponse.newBuilder()
            .setSvid(svid(AGENT, request.getCsr().toByteArray(), now, agentLife))
            .setBundle(bundle)
            .build());
    answer.onCompleted();
  }

  @Override
  public void issueX509Svids(
      IssueX509SvidsRequest request, StreamObserver<IssueX509SvidsResponse> answer) {
    batches.add(request);
    callers.add(CALLER.get());
    boolean silent = false;
    for (IssueX509SvidsRequest.Item item : request.getItemsList()) {
      var response = IssueX509SvidsResponse.newBuilder().setId(item.getId());
      switch (decide.apply(item.getToken())) {
        case Decision.Grant(SpiffeId id, Duration life) ->
            answer.onNext(
                response
                    .setSvid(svid(id, item.getCsr().toByteArray(), Instant.now(), life))
                    .build());
        case Decision.Refuse(Refusal refusal) ->
            answer.onNext(response.setRefusal(refusal).build());
        case Decision.Silence() -> silent = true;
      }
    }
    if (!silent) {
      answer.onCompleted();
    }
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> answer) {
    session = answer;
    answer.onNext(SessionResponse.newBuilder().setBundle(bundle).build());
    return new StreamObserver<>() {
      @Override
      public void onNext(SessionRequest message) {
        reports.add(message);
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        answer.onCompleted();
      }
    };
  }

  private dev.signet.proto.agent.v1.X509Svid svid(
      SpiffeId id, byte[] csr, Instant now, Duration life) {
    var message = dev.signet.proto.agent.v1.X509Svid.newBuilder().setSpiffeId(id.toString());
    for (X509Certificate certificate :
        issuing.issue(id, csr, now.minus(Duration.ofMinutes(5)), now.plus(life))) {
      message.addCertificates(der(certificate));
    }
    return message.build();
  }

  public static TrustBundle trustBundle(long revision, X509Bundle bundle) {
    var message = TrustBundle.newBuilder().setRevision(revision);
    bundle.authorities().forEach(authority -> message.addX509Authorities(der(authority)));
    return message.build();
  }

  private static ByteString der(X509Certificate certificate) {
    try {
      return ByteString.copyFrom(certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new AssertionError(e);
    }
  }

  /** Drops every connection, as a killed process does. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets a call see who made it. */
  private static final class Callers implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      SSLSession tls = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
      return Contexts.interceptCall(
          Context.current().withValue(CALLER, name(tls)), call, headers, next);
    }

    private static String name(@Nullable SSLSession tls) {
      try {
        if (tls == null) {
          return "";
        }
        var leaf = (X509Certificate) tls.getPeerCertificates()[0];
        return ((List<?>) leaf.getSubjectAlternativeNames().iterator().next()).get(1).toString();
      } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
        return "";
      }
    }
  }
}
