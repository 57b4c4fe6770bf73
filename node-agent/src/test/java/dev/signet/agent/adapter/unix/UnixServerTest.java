package dev.signet.agent.adapter.unix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.BoolValue;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.UnixClient;
import dev.signet.proto.csi.v1.IdentityGrpc;
import dev.signet.proto.csi.v1.ProbeRequest;
import dev.signet.proto.csi.v1.ProbeResponse;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnixServerTest {
  private static final UnixServerLimits LIMITS =
      new UnixServerLimits(4, 4, 4_096, 8_192, Duration.ofMillis(300));

  @TempDir Path folder;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final UnixClient client = new UnixClient();
  private final BlockingQueue<UnixPeer> peers = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    client.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  @Test
  void peerCredentials_areKnownInTheCall() throws Exception {
    UnixServer server = start(PeerCheck.none());

    assertThat(probe(client.plain(socket())).next().getReady().getValue()).isTrue();

    UnixPeer peer = peers.poll(10, TimeUnit.SECONDS);
    assertThat(peer).isNotNull();
    assertThat((long) peer.pid()).isEqualTo(ProcessHandle.current().pid());
    assertThat(peer.uid())
        .isEqualTo(
            Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS));
    server.closeAndWait();
  }

  @Test
  void userThatIsNotAllowed_reachesNoCall() throws Exception {
    UnixServer server = start(_ -> Optional.of("nobody may"));

    Status end = probe(client.plain(socket())).end();

    assertThat(end.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(peers).isEmpty();
    server.closeAndWait();
  }

  @Test
  void connectionThatSaysNothing_isClosedInTime() throws Exception {
    UnixServer server = start(PeerCheck.none());
    try (SocketChannel silent = connect()) {
      assertThat(readToEnd(silent)).isGreaterThanOrEqualTo(0);
    }
    server.closeAndWait();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
        "\u0000\u0000\u0000\u0000"
      })
  void whatIsNotHttp2_endsTheConnectionAlone(String bytes) throws Exception {
    UnixServer server = start(PeerCheck.none());
    try (SocketChannel other = connect()) {
      other.write(ByteBuffer.wrap(bytes.getBytes(StandardCharsets.ISO_8859_1)));
      readToEnd(other);
    }
    assertThat(probe(client.plain(socket())).next().hasReady()).isTrue();
    server.closeAndWait();
  }

  /** T10: a pod that could write to the folder must not have the agent open a file of the node. */
  @Test
  void linkInPlaceOfTheSocket_opensNothing() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Files.createSymbolicLink(socket(), file);

    assertThatThrownBy(() -> UnixServer.allow(socket(), "rw-rw-rw-"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no socket any more");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void closedTwice_isClosed() throws Exception {
    UnixServer server = start(PeerCheck.none());

    server.closeAndWait();
    server.closeAndWait();

    assertThat(socket()).doesNotExist();
    assertThat(server.connections()).isZero();
  }

  private Path socket() {
    return folder.resolve("a.sock");
  }

  private SocketChannel connect() throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    channel.connect(UnixDomainSocketAddress.of(socket()));
    return channel;
  }

  /** Bytes until the other side closes; a reset counts as closed. */
  private static int readToEnd(SocketChannel channel) {
    int bytes = 0;
    try {
      for (int read = 0; read >= 0; read = channel.read(ByteBuffer.allocate(4_096))) {
        bytes += read;
      }
    } catch (IOException reset) {
      return bytes;
    }
    return bytes;
  }

  private static Collector<ProbeResponse> probe(Channel channel) {
    var answer = new Collector<ProbeResponse>();
    IdentityGrpc.newStub(channel).probe(ProbeRequest.getDefaultInstance(), answer);
    return answer;
  }

  private UnixServer start(PeerCheck allowed) throws IOException {
    return UnixServer.start(
        new UnixServerSpec(
            socket(),
            group,
            Runnable::run,
            allowed,
            LIMITS,
            List.of(new Identity().bindService()),
            List.of(new Recorder())),
        "rw-------");
  }

  /** Answers. */
  private static final class Identity extends IdentityGrpc.IdentityImplBase {
    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> answer) {
      answer.onNext(ProbeResponse.newBuilder().setReady(BoolValue.of(true)).build());
      answer.onCompleted();
    }
  }

  /** Keeps who called. */
  private final class Recorder implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      peers.add(UnixPeer.of(call.getAttributes()));
      return next.startCall(call, headers);
    }
  }
}
