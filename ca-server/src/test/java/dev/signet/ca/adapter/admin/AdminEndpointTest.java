package dev.signet.ca.adapter.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.RotationRefusal;
import dev.signet.process.StartRefusedException;
import dev.signet.proto.admin.v1.AbortRequest;
import dev.signet.proto.admin.v1.AdminServiceGrpc;
import dev.signet.proto.admin.v1.AdminServiceGrpc.AdminServiceBlockingStub;
import dev.signet.proto.admin.v1.BanRequest;
import dev.signet.proto.admin.v1.Node;
import dev.signet.proto.admin.v1.OverrideRequest;
import dev.signet.proto.admin.v1.Overview;
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
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class AdminEndpointTest {
  private static final Metadata.Key<String> REASON =
      Metadata.Key.of("signet-reason", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<Refusal> REFUSAL =
      Metadata.Key.of(
          "signet-refusal-bin", ProtoUtils.metadataMarshaller(Refusal.getDefaultInstance()));

  @TempDir Path folder;

  private final FakeTrustOperations operations = new FakeTrustOperations();
  private final BlockingQueue<AuditEvent> audit = new LinkedBlockingQueue<>();
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Context.CancellableContext calls = Context.current().withCancellation();
  private AdminEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    endpoint = AdminEndpoint.start(socket(), operations, audit::add);
  }

  @AfterEach
  void stop() {
    calls.cancel(null);
    channels.forEach(ManagedChannel::shutdownNow);
    endpoint.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  @Test
  void overview_isWholeOnTheWire() throws Exception {
    Overview overview =
        stub().overview(OverviewRequest.newBuilder().setWithPods(true).build()).getOverview();

    assertThat(overview)
        .as("each field of each message")
        .isEqualTo(
            TextFormat.parse(
                """
                at { seconds: 1772366400 nanos: 1000000 }
                version: 1 revision: 7 paused: true
                roots { id: "root-1" state: AUTHORITY_STATE_ACTIVE
                  not_before { seconds: 1771588800 } not_after { seconds: 1773144000 }
                  since_version: 2 since_revision: 1 since { seconds: 1772366340 } forced: true }
                roots { id: "root-2" state: AUTHORITY_STATE_PREPARED
                  since_version: 3 since_revision: 7 since { seconds: 1772366400 } }
                issuers { id: "issuing-1" root: "root-1" replica: "ca-0" state: AUTHORITY_STATE_ACTIVE
                  not_after { seconds: 1772366490 } }
                bans { node { cluster: "main" name: "node-b" } who: "uid 0" why: "stolen" at { seconds: 1772366395 } }
                replicas { name: "ca-0" version: 5 published: 6 seen { seconds: 1772366399 } }
                agents { node { cluster: "main" name: "node-a" } issuer: "issuing-1"
                  not_after { seconds: 1772366430 } revision: 7 heard { seconds: 1772366400 } }
                agents { node { cluster: "main" name: "node-b" } issuer: "issuing-1" not_after { seconds: 1772366431 } }
                pods { node { cluster: "main" name: "node-a" } namespace: "shop" name: "cart" uid: "uid-1"
                  spiffe_id: "spiffe://shop.example/ns/shop/sa/cart"
                  leaves { serial: "ab01" issuer: "issuing-1" not_after { seconds: 1772366420 } }
                  shown { evidence: EVIDENCE_SENT consumers: 2 revision: 7 serial: "ab01" since { seconds: 1772366397 } } }
                gates { step: STEP_KIND_ACTIVATE root: "root-2"
                  tallies { kind: CONSUMER_CLASS_REPLICA confirmed: 1 total: 1 }
                  tallies { kind: CONSUMER_CLASS_POD_SENT confirmed: 3 total: 4 }
                  missing { kind: CONSUMER_CLASS_POD_SENT node { cluster: "main" name: "node-a" } name: "shop/cart" pod_uid: "uid-1"
                    why: "sent 3 s ago, and it takes a minute" leaves { seconds: 1772366720 } }
                  missing { kind: CONSUMER_CLASS_REPLICA name: "ca-1" why: "works by version 4" } }
                steps { at { seconds: 1772366400 } kind: STEP_KIND_PREPARE authority: "root-2" who: "uid 0" why: "yearly" }
                steps { at { seconds: 1772366395 } kind: STEP_KIND_BAN node { cluster: "main" name: "node-a" }
                  who: "uid 0" why: "x" overrides: "y" }
                """,
                Overview.class));
    assertThat(stub().overview(OverviewRequest.getDefaultInstance()).getOverview().getPodsList())
        .isEmpty();
  }

  @Test
  void everyChange_isOneDeedOfTheSocketsUser_andAudited() throws Exception {
    Node node = Node.newBuilder().setCluster("main").setName("node-a").build();

    stub().start(StartRequest.newBuilder().setForced(true).setReason("r1").build());
    stub().pause(PauseRequest.newBuilder().setReason("r2").build());
    stub().resume(ResumeRequest.newBuilder().setReason("r3").build());
    stub().abort(AbortRequest.newBuilder().setReason("r4").build());
    stub().override(OverrideRequest.newBuilder().setReason("r5").build());
    stub().taint(TaintRequest.newBuilder().setAuthority("issuing-1").setReason("r6").build());
    stub().revoke(RevokeRequest.newBuilder().setRoot("root-1").setReason("r7").build());
    stub().revoke(RevokeRequest.newBuilder().setRoot("root-1").setOverride(true).build());
    stub().ban(BanRequest.newBuilder().setNode(node).setReason("r8").build());
    stub().unban(UnbanRequest.newBuilder().setNode(node).build());

    String by = " by uid " + ownUser() + ": ";
    assertThat(operations.deeds())
        .containsExactly(
            "start true" + by + "r1",
            "pause" + by + "r2",
            "resume" + by + "r3",
            "abort" + by + "r4",
            "override" + by + "r5",
            "taint issuing-1" + by + "r6",
            "revoke root-1 false" + by + "r7",
            "revoke root-1 true" + by,
            "ban main/node-a" + by + "r8",
            "unban main/node-a" + by);
    assertThat(audit)
        .contains(
            new AuditEvent.OperatorAsked("start --forced", "uid " + ownUser(), "r1", "DONE", ""),
            new AuditEvent.OperatorAsked(
                "revoke root-1 --override", "uid " + ownUser(), "", "DONE", ""))
        .hasSize(10);
  }

  @ParameterizedTest
  @EnumSource(RotationRefusal.class)
  void refusal_isItsCode_withDetailAndHintForTheOperator(RotationRefusal reason) throws Exception {
    operations.refuses(reason);

    StatusRuntimeException refused =
        refused(() -> stub().start(StartRequest.newBuilder().setReason("why").build()));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(refused.getStatus().getDescription()).isEqualTo(reason.name());
    assertThat(trailers(refused).get(REASON)).isEqualTo(reason.name());
    assertThat(told(refused))
        .isEqualTo(
            Refusal.newBuilder()
                .setReason(reason.name())
                .setDetail("as it was told")
                .setHint(reason.hint())
                .build());
    assertThat(audit)
        .containsExactly(
            new AuditEvent.OperatorAsked(
                "start", "uid " + ownUser(), "why", reason.name(), "as it was told"));
  }

  @Test
  void storeThatIsAway_isUnavailable() {
    operations.fails(new RefusedException(RefusalReason.STORE_UNAVAILABLE, "no primary"));

    StatusRuntimeException refused =
        refused(() -> stub().overview(OverviewRequest.getDefaultInstance()));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(told(refused).getReason()).isEqualTo("STORE_UNAVAILABLE");
    assertThat(told(refused).getDetail()).isEqualTo("no primary");
  }

  @Test
  void whatWasNotForeseen_staysInTheLog() {
    operations.breaks(new IllegalStateException("a secret"));

    StatusRuntimeException refused = refused(() -> stub().abort(AbortRequest.getDefaultInstance()));

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    assertThat(refused.getStatus().getDescription()).isEqualTo("INTERNAL_ERROR");
    assertThat(told(refused).toString()).doesNotContain("a secret");
  }

  @Test
  void longDetail_fitsIntoTheTrailers() {
    operations.fails(new RefusedException(RefusalReason.STORE_UNAVAILABLE, "x\n".repeat(100_000)));

    StatusRuntimeException refused =
        refused(() -> stub().overview(OverviewRequest.getDefaultInstance()));

    assertThat(told(refused).getDetail()).hasSizeLessThan(3_000).endsWith("...");
  }

  @Test
  void namesThatAreNone_areRefused_andAskNobody() {
    assertThat(
            refused(() -> stub().taint(TaintRequest.newBuilder().setAuthority("../x").build()))
                .getStatus()
                .getDescription())
        .isEqualTo("NO_SUCH_AUTHORITY");
    assertThat(
            refused(() -> stub().plan(PlanRequest.getDefaultInstance()))
                .getStatus()
                .getDescription())
        .isEqualTo("NO_SUCH_AUTHORITY");
    assertThat(
            refused(() -> stub().ban(BanRequest.getDefaultInstance())).getStatus().getDescription())
        .isEqualTo("NO_SUCH_NODE");
    assertThat(operations.deeds()).isEmpty();
  }

  @Test
  void plan_isTheGateOfTheRootsRemoval() {
    assertThat(stub().plan(PlanRequest.newBuilder().setRoot("root-1").build()).getGate())
        .satisfies(gate -> {
          assertThat(gate.getRoot()).isEqualTo("root-1");
          assertThat(gate.getMissingList()).hasSize(2);
        });
  }

  @Test
  void watch_saysAtOnce_andEachChange() throws Exception {
    Iterator<WatchResponse> watch = watch();

    assertThat(watch.next().getOverview().getVersion()).isEqualTo(1);
    operations.becomes(Samples.overview(2));
    assertThat(watch.next().getOverview().getVersion()).isEqualTo(2);
    operations.becomes(Samples.overview(3));
    WatchResponse third = watch.next();
    assertThat(third.getOverview().getVersion()).isEqualTo(3);
    assertThat(third.getOverview().getPodsList()).isEmpty();
  }

  @Test
  void manyChanges_comeAsFew() throws Exception {
    Iterator<WatchResponse> watch = watch();
    watch.next();
    long began = System.nanoTime();

    for (int version = 2; version <= 1_000; version++) {
      operations.becomes(Samples.overview(version));
    }
    int messages = 0;
    while (watch.next().getOverview().getVersion() < 1_000) {
      messages++;
    }

    long paces = (System.nanoTime() - began) / WatchStream.PACE.toNanos();
    assertThat(messages).isLessThanOrEqualTo((int) paces + 1);
  }

  @Test
  void whatIsAsItWas_isNotSaidAgain() throws Exception {
    Iterator<WatchResponse> watch = watch();
    watch.next();
    int looked = operations.looks();

    operations.becomes(Samples.overview(1));
    await(() -> operations.looks() > looked);
    operations.becomes(Samples.overview(2));

    assertThat(watch.next().getOverview().getVersion()).isEqualTo(2);
  }

  @Test
  void storeThatIsAway_doesNotEndAWatch() throws Exception {
    Iterator<WatchResponse> watch = watch();
    watch.next();

    operations.fails(new RefusedException(RefusalReason.STORE_UNAVAILABLE, "no primary"));
    assertThat(watch.next().getTrouble().getReason()).isEqualTo("STORE_UNAVAILABLE");
    operations.recovers();

    assertThat(watch.next().getOverview().getVersion()).isEqualTo(1);
  }

  @Test
  void watchThatIsGivenUp_costsNothingMore() throws Exception {
    watch().next();
    assertThat(operations.watchers()).isEqualTo(1);

    calls.cancel(null);

    await(() -> operations.watchers() == 0);
  }

  @Test
  void watchesBeyondTheMost_areRefused_andCallsGoOn() throws Exception {
    for (int i = 0; i < Watches.MOST; i++) {
      watch().next();
    }

    Iterator<WatchResponse> oneMore = watch();
    StatusRuntimeException refused = refused(oneMore::next);

    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(refused.getStatus().getDescription()).isEqualTo("OVERLOADED");
    assertThat(stub().overview(OverviewRequest.getDefaultInstance()).hasOverview()).isTrue();
  }

  @Test
  void caThatStops_endsWatchesAsUnavailable_andRemovesTheSocket() throws Exception {
    Iterator<WatchResponse> watch = watch();
    watch.next();

    endpoint.close();

    assertThat(refused(watch::next).getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(socket()).doesNotExist();
    await(() -> operations.watchers() == 0);
  }

  @Test
  void socket_isForItsOwnerAlone() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
        .isEqualTo("rw-------");
  }

  @Test
  void userThatMayNot_reachesNoCall() throws Exception {
    Path other = folder.resolve("other.sock");
    try (AdminEndpoint _ = AdminEndpoint.start(other, operations, audit::add, _ -> false)) {
      StatusRuntimeException refused =
          refused(() -> stub(other).pause(PauseRequest.getDefaultInstance()));

      assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
    assertThat(operations.deeds()).isEmpty();
  }

  @Test
  void socketOfADeadProcess_isReplaced() throws Exception {
    Path left = folder.resolve("left.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(left));
    }
    assertThat(left).exists();

    try (AdminEndpoint _ = AdminEndpoint.start(left, operations, audit::add)) {
      assertThat(stub(left).overview(OverviewRequest.getDefaultInstance()).hasOverview()).isTrue();
    }
  }

  @Test
  void socketOfALiveProcess_isLeftAlone() {
    assertThatThrownBy(() -> AdminEndpoint.start(socket(), operations, audit::add))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("another process listens on the operators' socket " + socket())
        .hasMessageContaining("admin.socket");

    assertThat(stub().overview(OverviewRequest.getDefaultInstance()).hasOverview()).isTrue();
  }

  @Test
  void fileThatIsNoSocket_isLeftAlone() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "mine");

    assertThatThrownBy(() -> AdminEndpoint.start(file, operations, audit::add))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(file + " is there and is no socket");

    assertThat(file).hasContent("mine");
  }

  @Test
  void pathThatIsTooLong_isSaidSo() {
    assertThatThrownBy(
            () -> AdminEndpoint.start(folder.resolve("x".repeat(107)), operations, audit::add))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("at most 107")
        .hasMessageContaining("name a shorter one (admin.socket)");
  }

  @Test
  void folderThatIsNotThere_isSaidSo() {
    Path socket = folder.resolve("nowhere/a.sock");

    assertThatThrownBy(() -> AdminEndpoint.start(socket, operations, audit::add))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("cannot listen on " + socket + " for operators")
        .hasMessageContaining("admin.socket");
  }

  private Path socket() {
    return folder.resolve("a.sock");
  }

  private AdminServiceBlockingStub stub() {
    return stub(socket());
  }

  private AdminServiceBlockingStub stub(Path socket) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
            .eventLoopGroup(group)
            .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
            .usePlaintext()
            .disableRetry()
            .build();
    channels.add(channel);
    return AdminServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private Iterator<WatchResponse> watch() throws Exception {
    return calls.call(() -> stub().watch(WatchRequest.getDefaultInstance()));
  }

  private static StatusRuntimeException refused(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException e) {
      return e;
    }
    throw new AssertionError("it was not refused");
  }

  private static Metadata trailers(StatusRuntimeException refused) {
    return Objects.requireNonNull(refused.getTrailers());
  }

  private static Refusal told(StatusRuntimeException refused) {
    return Objects.requireNonNull(trailers(refused).get(REFUSAL));
  }

  private static int ownUser() throws Exception {
    return (Integer)
        Files.getAttribute(Path.of("/proc/self"), "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still not so").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }
}
