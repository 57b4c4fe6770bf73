package dev.signet.workload;

import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgeResponse;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A Workload API on a real socket (native epoll, as an agent's is) whose every answer a test
 * decides. It refuses calls without the security header, as a real one does. Thread-safe.
 */
final class FakeWorkloadApi implements AutoCloseable {

  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

  /** One {@code FetchX509SVID} that a client has opened. */
  static final class Stream {
    private final StreamObserver<byte[]> client;
    private final BlockingQueue<Boolean> gone = new LinkedBlockingQueue<>();

    Stream(StreamObserver<byte[]> client) {
      this.client = client;
      ((ServerCallStreamObserver<byte[]>) client).setOnCancelHandler(() -> gone.add(true));
    }

    void send(X509SVIDResponse message) {
      client.onNext(message.toByteArray());
    }

    void sendBytes(byte[] message) {
      client.onNext(message);
    }

    void end(Status status) {
      if (status.isOk()) {
        client.onCompleted();
      } else {
        client.onError(status.asRuntimeException());
      }
    }

    void awaitGone() throws InterruptedException {
      boolean unused = Eventually.next("the client drops its stream", gone);
    }
  }

  private final SocketAddress address;
  private final EventLoopGroup threads =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();

  /** An answer that does not come. */
  static final Object NEVER = new Object();

  private final BlockingQueue<AcknowledgeRequest> acknowledgements = new LinkedBlockingQueue<>();
  private volatile Function<AcknowledgeRequest, Object> onAcknowledge = request -> 1L;
  private volatile Server server;

  private FakeWorkloadApi(SocketAddress address) {
    this.address = address;
    this.server = listen();
  }

  /** Listens on a Unix socket. */
  static FakeWorkloadApi start(Path socket) {
    return new FakeWorkloadApi(new DomainSocketAddress(socket.toString()));
  }

  /** Listens on the loopback interface. */
  static FakeWorkloadApi startTcp() {
    return new FakeWorkloadApi(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  WorkloadApiEndpoint endpoint() {
    return WorkloadApiEndpoint.parse(
        address instanceof DomainSocketAddress unix
            ? "unix://" + unix.path()
            : "tcp://127.0.0.1:" + server.getPort());
  }

  /**
   * What the agent answers to acknowledgements: a revision (Long), a Status to fail with, or {@link
   * #NEVER}.
   */
  void onAcknowledge(Function<AcknowledgeRequest, Object> answer) {
    onAcknowledge = answer;
  }

  Stream nextStream() throws InterruptedException {
    return Eventually.next("a client opens a stream", streams);
  }

  boolean hasStream() {
    return !streams.isEmpty();
  }

  AcknowledgeRequest nextAcknowledgement() throws InterruptedException {
    return Eventually.next("a client acknowledges", acknowledgements);
  }

  boolean hasAcknowledgement() {
    return !acknowledgements.isEmpty();
  }

  /** Ends every connection and removes the socket. */
  void stop() {
    server.shutdownNow();
    Eventually.until("the fake Workload API stops", server::isTerminated);
    streams.clear();
    if (address instanceof DomainSocketAddress unix) {
      try {
        Files.deleteIfExists(Path.of(unix.path()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  void restart() {
    server = listen();
  }

  private Server listen() {
    Class<? extends io.grpc.netty.shaded.io.netty.channel.ServerChannel> type =
        address instanceof DomainSocketAddress
            ? EpollServerDomainSocketChannel.class
            : EpollServerSocketChannel.class;
    try {
      return NettyServerBuilder.forAddress(address)
          .channelType(type)
          .bossEventLoopGroup(threads)
          .workerEventLoopGroup(threads)
          .intercept(new RequireHeader())
          .addService(workloadApi())
          .addService(new Acknowledgements())
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    stop();
    Future<?> unused = threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Answers in raw bytes, so that a test can send what does not parse. */
  private ServerServiceDefinition workloadApi() {
    MethodDescriptor<X509SVIDRequest, byte[]> method =
        SpiffeWorkloadAPIGrpc.getFetchX509SVIDMethod().toBuilder(
                SpiffeWorkloadAPIGrpc.getFetchX509SVIDMethod().getRequestMarshaller(), new Raw())
            .build();
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(SpiffeWorkloadAPIGrpc.SERVICE_NAME)
                .addMethod(method)
                .build())
        .addMethod(
            method,
            ServerCalls.asyncServerStreamingCall(
                (request, client) -> streams.add(new Stream(client))))
        .build();
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("the server only sends");
    }
  }

  private final class Acknowledgements
      extends AcknowledgementServiceGrpc.AcknowledgementServiceImplBase {
    @Override
    public void acknowledge(
        AcknowledgeRequest request, StreamObserver<AcknowledgeResponse> client) {
      // In this order: who saw the acknowledgement sees what the answer did, too.
      Object answer = onAcknowledge.apply(request);
      acknowledgements.add(request);
      if (answer.equals(NEVER)) {
        return;
      }
      if (answer instanceof Status status) {
        client.onError(status.asRuntimeException());
      } else {
        client.onNext(AcknowledgeResponse.newBuilder().setRevision((Long) answer).build());
        client.onCompleted();
      }
    }
  }

  private static final class RequireHeader implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      Iterable<String> values = headers.getAll(HEADER);
      if (values == null || !String.join(",", values).equals("true")) {
        call.close(Status.INVALID_ARGUMENT.withDescription("no security header"), new Metadata());
        return new ServerCall.Listener<>() {};
      }
      return next.startCall(call, headers);
    }
  }
}
