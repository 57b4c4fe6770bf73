package dev.signet.cli.adapter.admin;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Overview;
import dev.signet.cli.trust.CaRefusedException;
import dev.signet.cli.trust.CaUnreachableException;
import dev.signet.proto.admin.v1.AbortRequest;
import dev.signet.proto.admin.v1.AdminServiceGrpc;
import dev.signet.proto.admin.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.signet.proto.admin.v1.BanRequest;
import dev.signet.proto.admin.v1.Node;
import dev.signet.proto.admin.v1.OverrideRequest;
import dev.signet.proto.admin.v1.OverviewRequest;
import dev.signet.proto.admin.v1.PauseRequest;
import dev.signet.proto.admin.v1.PlanRequest;
import dev.signet.proto.admin.v1.Refusal;
import dev.signet.proto.admin.v1.ResumeRequest;
import dev.signet.proto.admin.v1.RevokeRequest;
import dev.signet.proto.admin.v1.StartRequest;
import dev.signet.proto.admin.v1.TaintRequest;
import dev.signet.proto.admin.v1.UnbanRequest;
import dev.signet.proto.admin.v1.WatchRequest;
import dev.signet.proto.admin.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** A CA that is talked to over its own socket. For one thread; whoever opened it closes it. */
public final class AdminClient implements AutoCloseable {
  /** {@code sun_path} holds 108 bytes and the last is NUL. */
  private static final int MAX_PATH_BYTES = 107;

  /** The store of a CA has 5 s to answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);

  /** An overview of 10,000 pods that are all missing has some. */
  private static final int MAX_MESSAGE = 64 * 1024 * 1024;

  private static final Metadata.Key<Refusal> REFUSAL =
      Metadata.Key.of(
          "signet-refusal-bin", ProtoUtils.metadataMarshaller(Refusal.getDefaultInstance()));

  private final Path socket;
  private final EventLoopGroup io;
  private final ManagedChannel channel;

  private AdminClient(Path socket) {
    this.socket = socket;
    this.io =
        new MultiThreadIoEventLoopGroup(
            1, Thread.ofPlatform().name("admin-io").daemon().factory(), NioIoHandler.newFactory());
    // The JDK's own Unix sockets: no native library is unpacked for a command that runs a second.
    this.channel =
        NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
            .eventLoopGroup(io)
            .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
            .withOption(ChannelOption.SO_KEEPALIVE, null)
            .usePlaintext()
            .overrideAuthority("localhost")
            .proxyDetector(_ -> null)
            .disableServiceConfigLookUp()
            .disableRetry()
            .directExecutor()
            .maxInboundMessageSize(MAX_MESSAGE)
            .maxInboundMetadataSize(64 * 1024)
            .build();
  }

  /**
   * Looks at the socket and makes a client; says nothing to the CA yet.
   *
   * @throws CaUnreachableException if there is no socket that this user may use
   */
  public static AdminClient open(Path socket) throws CaUnreachableException {
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw new CaUnreachableException(
          "the path "
              + socket
              + " is longer than the "
              + MAX_PATH_BYTES
              + " bytes of a Unix socket's");
    }
    if (!Files.exists(socket)) {
      throw new CaUnreachableException("there is no socket " + socket + " that this user can see");
    }
    if (Files.isRegularFile(socket) || Files.isDirectory(socket)) {
      throw new CaUnreachableException(socket + " is no socket");
    }
    if (!Files.isWritable(socket)) {
      throw new CaUnreachableException(
          "this user may not use the socket " + socket + ": it is for root and the CA's own user");
    }
    return new AdminClient(socket);
  }

  public Overview overview() throws CaRefusedException, CaUnreachableException {
    return AdminReader.overview(
        ask(stub -> stub.overview(OverviewRequest.getDefaultInstance())).getOverview());
  }

  public Gate plan(KeyId root) throws CaRefusedException, CaUnreachableException {
    return AdminReader.gate(
        ask(stub -> stub.plan(PlanRequest.newBuilder().setRoot(root.value()).build())).getGate());
  }

  public void start(String reason, boolean forced)
      throws CaRefusedException, CaUnreachableException {
    ask(stub -> stub.start(StartRequest.newBuilder().setReason(reason).setForced(forced).build()));
  }

  public void pause(String reason) throws CaRefusedException, CaUnreachableException {
    ask(stub -> stub.pause(PauseRequest.newBuilder().setReason(reason).build()));
  }

  public void resume(String reason) throws CaRefusedException, CaUnreachableException {
    ask(stub -> stub.resume(ResumeRequest.newBuilder().setReason(reason).build()));
  }

  public void abort(String reason) throws CaRefusedException, CaUnreachableException {
    ask(stub -> stub.abort(AbortRequest.newBuilder().setReason(reason).build()));
  }

  public void override(String reason) throws CaRefusedException, CaUnreachableException {
    ask(stub -> stub.override(OverrideRequest.newBuilder().setReason(reason).build()));
  }

  public void taint(KeyId authority, String reason)
      throws CaRefusedException, CaUnreachableException {
    ask(stub ->
        stub.taint(
            TaintRequest.newBuilder().setAuthority(authority.value()).setReason(reason).build()));
  }

  public void revoke(KeyId root, String reason, boolean override)
      throws CaRefusedException, CaUnreachableException {
    ask(stub ->
        stub.revoke(
            RevokeRequest.newBuilder()
                .setRoot(root.value())
                .setReason(reason)
                .setOverride(override)
                .build()));
  }

  public void ban(NodeRef node, String reason) throws CaRefusedException, CaUnreachableException {
    ask(stub -> stub.ban(BanRequest.newBuilder().setNode(message(node)).setReason(reason).build()));
  }

  public void unban(NodeRef node, String reason) throws CaRefusedException, CaUnreachableException {
    ask(stub ->
        stub.unban(UnbanRequest.newBuilder().setNode(message(node)).setReason(reason).build()));
  }

  /** One who watches. */
  public interface Watcher {
    /**
     * Takes an overview.
     *
     * @return whether to go on
     */
    boolean overview(Overview overview);

    /** It cannot be seen how things stand; it is tried on. */
    void trouble(CaRefusedException why);

    /** The CA does not answer any more; it is tried on. */
    void lost(CaUnreachableException why);
  }

  /**
   * Watches until the watcher has seen enough. A CA that answered once is waited for when it goes.
   *
   * @param timeout for all of it; empty for none
   * @return false if the time was over before
   * @throws CaUnreachableException if the CA never answered
   */
  public boolean watch(Optional<Duration> timeout, Watcher watcher)
      throws CaRefusedException, CaUnreachableException {
    Optional<Deadline> end =
        timeout.map(length -> Deadline.after(length.toMillis(), TimeUnit.MILLISECONDS));
    boolean answered = false;
    boolean saidLost = false;
    while (true) {
      boolean answeredNow = false;
      try (Context.CancellableContext call = Context.current().withCancellation()) {
        Context before = call.attach();
        try {
          Iterator<WatchResponse> messages =
              end.map(stub()::withDeadline)
                  .orElseGet(this::stub)
                  .watch(WatchRequest.getDefaultInstance());
          while (messages.hasNext()) {
            WatchResponse message = messages.next();
            answeredNow = true;
            answered = true;
            saidLost = false;
            if (message.hasTrouble()) {
              watcher.trouble(refused(message.getTrouble()));
            } else if (!watcher.overview(AdminReader.overview(message.getOverview()))) {
              return true;
            }
          }
        } finally {
          call.detach(before);
        }
      } catch (StatusRuntimeException e) {
        if (end.isPresent() && end.get().isExpired()) {
          return false;
        }
        if (!answered || e.getStatus().getCode() != Status.Code.UNAVAILABLE) {
          throwAs(e);
        }
        if (!saidLost) {
          watcher.lost(unreachable(e));
          saidLost = true;
        }
      }
      if (!answeredNow) {
        // Between two tries nothing can be awaited but time.
        LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
        channel.resetConnectBackoff();
      }
    }
  }

  private <A> A ask(Function<AdminServiceBlockingStub, A> call)
      throws CaRefusedException, CaUnreachableException {
    try {
      return call.apply(stub().withDeadlineAfter(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    } catch (StatusRuntimeException e) {
      throw throwAs(e);
    }
  }

  private AdminServiceBlockingStub stub() {
    return AdminServiceGrpc.newBlockingStub(channel);
  }

  /** Never returns; declared so that callers can say that the flow ends. */
  private CaRefusedException throwAs(StatusRuntimeException e)
      throws CaRefusedException, CaUnreachableException {
    Refusal refusal = e.getTrailers() == null ? null : e.getTrailers().get(REFUSAL);
    if (refusal != null) {
      throw refused(refusal);
    }
    switch (e.getStatus().getCode()) {
      case UNAVAILABLE -> throw unreachable(e);
      case DEADLINE_EXCEEDED ->
          throw new CaUnreachableException(
              "the CA at "
                  + socket
                  + " did not answer within "
                  + PATIENCE.toSeconds()
                  + " s; whether it did what was asked is not known, signet authority list shows it",
              e);
      case UNIMPLEMENTED ->
          throw new CaRefusedException(
              "OTHER_RELEASE",
              "the CA at " + socket + " does not know the call",
              "Use the command of the CA's own release; it is in the CA's image.");
      default ->
          throw new CaRefusedException(
              e.getStatus().getCode().name(), description(e), "The CA's log says more.");
    }
  }

  private CaUnreachableException unreachable(StatusRuntimeException e) {
    return new CaUnreachableException("no CA answers at " + socket + ": " + description(e), e);
  }

  private static String description(StatusRuntimeException e) {
    Throwable cause = e.getCause();
    if (cause != null && cause.getMessage() != null) {
      return cause.getMessage();
    }
    return e.getStatus().getDescription() == null ? "" : e.getStatus().getDescription();
  }

  private static CaRefusedException refused(Refusal refusal) {
    return new CaRefusedException(refusal.getReason(), refusal.getDetail(), refusal.getHint());
  }

  private static Node message(NodeRef node) {
    return Node.newBuilder().setCluster(node.cluster()).setName(node.nodeName()).build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    var _ = io.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
