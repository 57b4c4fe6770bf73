package dev.signet.sandbox.kubelet;

import dev.signet.proto.csi.v1.NodeGetCapabilitiesRequest;
import dev.signet.proto.csi.v1.NodeGetCapabilitiesResponse;
import dev.signet.proto.csi.v1.NodeGetInfoRequest;
import dev.signet.proto.csi.v1.NodeGetInfoResponse;
import dev.signet.proto.csi.v1.NodeGrpc;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.proto.csi.v1.NodePublishVolumeResponse;
import dev.signet.proto.csi.v1.NodeServiceCapability;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeRequest;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeResponse;
import dev.signet.proto.kubelet.pluginregistration.InfoRequest;
import dev.signet.proto.kubelet.pluginregistration.PluginInfo;
import dev.signet.proto.kubelet.pluginregistration.RegistrationGrpc;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatus;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatusResponse;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A CSI driver on real sockets that notes the calls it gets, in order, and fails them as a test
 * says. Its mount is a plain folder at the target path.
 */
final class FakeCsiDriver implements AutoCloseable {
  static final String NAME = "csi.fake.example";

  private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
  private final Queue<Status> publishFailures = new ConcurrentLinkedQueue<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Path registration;
  private final Path endpoint;
  private final Server registrationServer;
  private final Server driverServer;

  /** Starts a driver below kubelet's folder; its registration socket appears last. */
  FakeCsiDriver(Path kubeletDir, String instance) throws IOException {
    this.registration = kubeletDir.resolve("plugins_registry/" + instance + "-reg.sock");
    this.endpoint = kubeletDir.resolve("plugins/" + instance + "/csi.sock");
    Files.createDirectories(registration.getParent());
    Files.createDirectories(endpoint.getParent());
    this.driverServer = serve(endpoint, new Node());
    this.registrationServer = serve(registration, new Registration());
  }

  private Server serve(Path socket, BindableService service) throws IOException {
    return NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
        .channelType(EpollServerDomainSocketChannel.class)
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .addService(service)
        .build()
        .start();
  }

  /** The next call, in the order in which they came. */
  Call next() throws InterruptedException {
    Call call = calls.poll(15, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("The kubelet made no further call");
    }
    return call;
  }

  /** The next call that is not a question about the driver. */
  Call nextVolumeCall() throws InterruptedException {
    Call call = next();
    while (!(call instanceof Publish) && !(call instanceof Unpublish)) {
      call = next();
    }
    return call;
  }

  Publish nextPublish() throws InterruptedException {
    return (Publish) nextVolumeCall();
  }

  /** Waits for a call of this kind and drops what comes before. */
  <T extends Call> T skipTo(Class<T> kind) throws InterruptedException {
    Call call = next();
    while (!kind.isInstance(call)) {
      call = next();
    }
    return kind.cast(call);
  }

  /** The next publishes fail so, one each. */
  void failPublish(Status... failures) {
    publishFailures.addAll(List.of(failures));
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(registration);
    registrationServer.shutdownNow();
    driverServer.shutdownNow();
    Files.deleteIfExists(endpoint);
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static <T> void answer(StreamObserver<T> out, T answer) {
    out.onNext(answer);
    out.onCompleted();
  }

  private final class Registration extends RegistrationGrpc.RegistrationImplBase {
    @Override
    public void getInfo(InfoRequest request, StreamObserver<PluginInfo> out) {
      calls.add(new GetInfo());
      answer(
          out,
          PluginInfo.newBuilder()
              .setType("CSIPlugin")
              .setName(NAME)
              .setEndpoint(endpoint.toString())
              .addSupportedVersions("1.0.0")
              .build());
    }

    @Override
    public void notifyRegistrationStatus(
        RegistrationStatus status, StreamObserver<RegistrationStatusResponse> out) {
      calls.add(new Registered(status.getPluginRegistered(), status.getError()));
      answer(out, RegistrationStatusResponse.getDefaultInstance());
    }
  }

  private final class Node extends NodeGrpc.NodeImplBase {
    @Override
    public void nodeGetInfo(NodeGetInfoRequest request, StreamObserver<NodeGetInfoResponse> out) {
      calls.add(new NodeGetInfo());
      answer(out, NodeGetInfoResponse.newBuilder().setNodeId("node-1").build());
    }

    @Override
    public void nodeGetCapabilities(
        NodeGetCapabilitiesRequest request, StreamObserver<NodeGetCapabilitiesResponse> out) {
      answer(
          out,
          NodeGetCapabilitiesResponse.newBuilder()
              .addCapabilities(
                  NodeServiceCapability.newBuilder()
                      .setRpc(
                          NodeServiceCapability.RPC
                              .newBuilder()
                              .setType(NodeServiceCapability.RPC.Type.VOLUME_MOUNT_GROUP)))
              .build());
    }

    @Override
    public void nodePublishVolume(
        NodePublishVolumeRequest request, StreamObserver<NodePublishVolumeResponse> out) {
      Path target = Path.of(request.getTargetPath());
      boolean existed = Files.exists(target, LinkOption.NOFOLLOW_LINKS);
      boolean parentExisted = Files.isDirectory(target.resolve("..").normalize());
      mount(target);
      Status failure = publishFailures.poll();
      calls.add(new Publish(request, existed, parentExisted, System.nanoTime()));
      if (failure != null) {
        out.onError(failure.asRuntimeException());
      } else {
        answer(out, NodePublishVolumeResponse.getDefaultInstance());
      }
    }

    @Override
    public void nodeUnpublishVolume(
        NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> out) {
      calls.add(new Unpublish(request));
      answer(out, NodeUnpublishVolumeResponse.getDefaultInstance());
    }

    private static void mount(Path target) {
      try {
        if (!Files.exists(target)) {
          Files.createDirectory(target);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A call that came. */
  sealed interface Call {}

  record GetInfo() implements Call {}

  record NodeGetInfo() implements Call {}

  record Registered(boolean registered, String error) implements Call {}

  /**
   * A publish.
   *
   * @param targetExisted whether the target path was there before the driver made it
   */
  record Publish(
      NodePublishVolumeRequest request, boolean targetExisted, boolean parentExisted, long nanos)
      implements Call {}

  record Unpublish(NodeUnpublishVolumeRequest request) implements Call {}
}
