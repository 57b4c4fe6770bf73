package dev.signet.clustertest.facts;

import dev.signet.clustertest.lab.Lab;
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
import dev.signet.sandbox.world.Eventually;
import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Deadline;
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
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * A CSI driver that keeps what a node's real kubelet asks of it, and fails as a test says. It runs
 * in this process: a UNIX socket is reached by its file, whatever namespace one is in. What it
 * mounts is a plain folder. Thread-safe.
 */
final class RecordingDriver implements AutoCloseable {
  /** Kubelet's root folder, as kubelet spells it. */
  private static final String KUBELET = "/var/lib/kubelet";

  private static final Duration REGISTERED = Duration.ofSeconds(30);

  private final String node;
  private final String name;
  private final String endpoint;
  private final Path registration;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Server driverServer;
  private final Server registrationServer;
  private final List<RegistrationStatus> registrations = new CopyOnWriteArrayList<>();
  private final List<Publish> publishes = new CopyOnWriteArrayList<>();
  private final List<Unpublish> unpublishes = new CopyOnWriteArrayList<>();
  private final Map<String, Queue<Status>> publishAnswers = new ConcurrentHashMap<>();
  private final Map<String, Queue<Status>> unpublishAnswers = new ConcurrentHashMap<>();

  /**
   * Starts and lets kubelet know.
   *
   * @param instance tells apart two drivers of one name
   */
  RecordingDriver(String node, String name, String instance) throws IOException {
    this.node = node;
    this.name = name;
    this.endpoint = KUBELET + "/plugins/" + instance + "/csi.sock";
    this.registration = here(KUBELET + "/plugins_registry/" + instance + "-reg.sock");
    Files.createDirectories(here(endpoint).getParent());
    this.driverServer = serve(here(endpoint), new Node());
    this.registrationServer = serve(registration, new Registration());
  }

  /** A path of the node on this machine. */
  private Path here(String path) {
    return Lab.kubeletFolder(node).resolve(path.substring(KUBELET.length() + 1));
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

  /**
   * A publish as it came.
   *
   * @param folderMode of the folder of {@code target_path}; empty where there is none
   * @param mounted whether {@code target_path} was there before
   * @param nanos when, by this process's clock
   */
  record Publish(
      NodePublishVolumeRequest request,
      String folderMode,
      boolean mounted,
      Duration deadline,
      long nanos) {
    @Override
    public String toString() {
      return "Publish[" + request.getTargetPath() + "]";
    }
  }

  /** The same of an unpublish. */
  record Unpublish(NodeUnpublishVolumeRequest request, long nanos) {}

  /** The volume in a target path, for those who tell volumes apart by their names. */
  private static String volume(String targetPath) {
    String[] parts = targetPath.split("/", -1);
    return parts[parts.length - 2];
  }

  /** The first publishes of volumes of this name are answered so, one each; the rest well. */
  RecordingDriver answerPublishes(String volume, Status... answers) {
    publishAnswers.put(volume, new ConcurrentLinkedQueue<>(List.of(answers)));
    return this;
  }

  /** The same for unpublishes. */
  RecordingDriver answerUnpublishes(String volume, Status... answers) {
    unpublishAnswers.put(volume, new ConcurrentLinkedQueue<>(List.of(answers)));
    return this;
  }

  /** What kubelet made of it. */
  RegistrationStatus awaitRegistration() throws InterruptedException {
    return Eventually.await(REGISTERED, () -> registrations.stream().findFirst())
        .orElseThrow(() -> new AssertionError("kubelet of " + node + " has not seen " + name));
  }

  List<Publish> publishes(String podUid, String volume) {
    return publishes.stream()
        .filter(publish -> publish.request().getTargetPath().contains("/" + podUid + "/"))
        .filter(publish -> volume(publish.request().getTargetPath()).equals(volume))
        .toList();
  }

  List<Publish> awaitPublishes(String podUid, String volume, int count, Duration limit)
      throws InterruptedException {
    return Eventually.await(
            limit,
            () -> Optional.of(publishes(podUid, volume)).filter(calls -> calls.size() >= count))
        .orElseThrow(() ->
            new AssertionError(
                "of volume "
                    + volume
                    + " came only "
                    + publishes(podUid, volume).size()
                    + " publishes within "
                    + limit));
  }

  List<Unpublish> awaitUnpublishes(String podUid, String volume, int count, Duration limit)
      throws InterruptedException {
    return Eventually.await(
            limit,
            () ->
                Optional.of(
                        unpublishes.stream()
                            .filter(
                                call -> call.request().getTargetPath().contains("/" + podUid + "/"))
                            .filter(call -> volume(call.request().getTargetPath()).equals(volume))
                            .toList())
                    .filter(calls -> calls.size() >= count))
        .orElseThrow(() ->
            new AssertionError(
                "of volume " + volume + " did not come " + count + " unpublishes in " + limit));
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(registration);
    registrationServer.shutdownNow();
    driverServer.shutdownNow();
    Files.deleteIfExists(here(endpoint));
    Files.deleteIfExists(here(endpoint).getParent());
    loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static <T> void answer(StreamObserver<T> out, T answer) {
    out.onNext(answer);
    out.onCompleted();
  }

  private static Optional<Status> failure(Map<String, Queue<Status>> answers, String targetPath) {
    return Optional.ofNullable(answers.get(volume(targetPath)))
        .flatMap(queue -> Optional.ofNullable(queue.poll()))
        .filter(status -> !status.isOk());
  }

  private final class Registration extends RegistrationGrpc.RegistrationImplBase {
    @Override
    public void getInfo(InfoRequest request, StreamObserver<PluginInfo> out) {
      answer(
          out,
          PluginInfo.newBuilder()
              .setType("CSIPlugin")
              .setName(name)
              .setEndpoint(endpoint)
              .addSupportedVersions("1.0.0")
              .build());
    }

    @Override
    public void notifyRegistrationStatus(
        RegistrationStatus status, StreamObserver<RegistrationStatusResponse> out) {
      registrations.add(status);
      answer(out, RegistrationStatusResponse.getDefaultInstance());
    }
  }

  private final class Node extends NodeGrpc.NodeImplBase {
    @Override
    public void nodeGetInfo(NodeGetInfoRequest request, StreamObserver<NodeGetInfoResponse> out) {
      answer(out, NodeGetInfoResponse.newBuilder().setNodeId("id-of-" + node).build());
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
      Path target = here(request.getTargetPath());
      Path folder = target.resolveSibling(".");
      try {
        publishes.add(
            new Publish(
                request,
                Files.isDirectory(folder)
                    ? PosixFilePermissions.toString(Files.getPosixFilePermissions(folder))
                    : "",
                Files.isDirectory(target),
                Duration.ofMillis(
                    Optional.ofNullable(Context.current().getDeadline())
                        .map(RecordingDriver::left)
                        .orElse(0L)),
                System.nanoTime()));
        if (!Files.isDirectory(target)) {
          Files.createDirectory(target);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      failure(publishAnswers, request.getTargetPath())
          .ifPresentOrElse(
              status -> out.onError(status.asRuntimeException()),
              () -> answer(out, NodePublishVolumeResponse.getDefaultInstance()));
    }

    @Override
    public void nodeUnpublishVolume(
        NodeUnpublishVolumeRequest request, StreamObserver<NodeUnpublishVolumeResponse> out) {
      unpublishes.add(new Unpublish(request, System.nanoTime()));
      failure(unpublishAnswers, request.getTargetPath())
          .ifPresentOrElse(
              status -> out.onError(status.asRuntimeException()),
              () -> answer(out, NodeUnpublishVolumeResponse.getDefaultInstance()));
    }
  }

  private static long left(Deadline deadline) {
    return deadline.timeRemaining(TimeUnit.MILLISECONDS);
  }
}
