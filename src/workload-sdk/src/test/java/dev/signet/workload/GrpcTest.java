package dev.signet.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgeResponse;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import dev.signet.spiffe.SpiffeId;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.grpc.netty.shaded.io.netty.handler.ssl.JdkSslContext;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Netty, and gRPC on it, by the way that the package's documentation shows. */
class GrpcTest {

  private static final TestCa SHOP = new TestCa("shop.example", TestWorkload.NOW);
  private static final SpiffeId CART = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "cart");
  private static final SpiffeId PAYMENTS = SpiffeId.of(SHOP.domain, "ns", "shop", "sa", "payments");

  private final TestWorkload cart;
  private final TestWorkload payments;
  private final BlockingQueue<SpiffeId> callers = new LinkedBlockingQueue<>();

  GrpcTest(@TempDir Path folder) {
    cart = TestWorkload.waiting(folder.resolve("cart.sock"));
    payments = TestWorkload.waiting(folder.resolve("payments.sock"));
  }

  @BeforeEach
  void identify() throws InterruptedException {
    cart.identify(SHOP.message(CART.path()));
    payments.identify(SHOP.message(PAYMENTS.path()));
  }

  @AfterEach
  void close() {
    cart.close();
    payments.close();
  }

  private static JdkSslContext netty(SpiffeTls tls, boolean client) {
    ApplicationProtocolConfig http2 =
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            "h2");
    return new JdkSslContext(
        tls.sslContext(),
        client,
        null,
        IdentityCipherSuiteFilter.INSTANCE,
        http2,
        ClientAuth.REQUIRE,
        null,
        false);
  }

  private Server serve(Authorizer clients) throws Exception {
    return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .sslContext(netty(SpiffeTls.of(payments.source, clients), false))
        .intercept(new WhoCalls())
        .addService(
            new AcknowledgementServiceGrpc.AcknowledgementServiceImplBase() {
              @Override
              public void acknowledge(
                  AcknowledgeRequest request, StreamObserver<AcknowledgeResponse> client) {
                client.onNext(AcknowledgeResponse.getDefaultInstance());
                client.onCompleted();
              }
            })
        .build()
        .start();
  }

  private void call(Server server, Authorizer servers) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", server.getPort())
            .sslContext(netty(SpiffeTls.of(cart.source, servers), true))
            .build();
    try {
      AcknowledgeResponse answer =
          AcknowledgementServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)
              .acknowledge(AcknowledgeRequest.getDefaultInstance());
      assertThat(answer).isNotNull();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void grpcServer_knowsItsCaller_andRefusesOthers() throws Exception {
    Server server = serve(Authorizer.id(CART));
    try {
      call(server, Authorizer.id(PAYMENTS));
      assertThat(Eventually.next("a call", callers)).isEqualTo(CART);

      assertThatThrownBy(() -> call(server, Authorizer.id(CART)))
          .isInstanceOf(StatusRuntimeException.class)
          .hasRootCauseInstanceOf(PeerRefusedException.class);
    } finally {
      server.shutdownNow();
    }
    Server forPayments = serve(Authorizer.id(PAYMENTS));
    try {
      assertThatThrownBy(() -> call(forPayments, Authorizer.id(PAYMENTS)))
          .isInstanceOf(StatusRuntimeException.class);
      assertThat(callers).isEmpty();
    } finally {
      forPayments.shutdownNow();
    }
  }

  private final class WhoCalls implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      try {
        callers.add(
            PeerIdentity.of(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)).id());
      } catch (SSLPeerUnverifiedException e) {
        call.close(Status.UNAUTHENTICATED, new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }
}
