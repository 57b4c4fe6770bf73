package dev.signet.agent.adapter.workloadapi;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.bundle.Evidence;
import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.loop.ThreadLoop;
import dev.signet.agent.svid.SvidStatus;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.agent.svid.WorkloadSnapshot;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.UnixClient;
import dev.signet.agent.volume.WorkloadEndpoints.WorkloadEndpoint;
import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509BundlesRequest;
import dev.signet.proto.spiffe.X509BundlesResponse;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pod's socket over a real Unix socket, with plain gRPC clients. */
class UnixWorkloadEndpointsTest {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path folder;

  private final SettableClock clock = new SettableClock(NOW);
  private final TestAuthority authority = new TestAuthority(SHOP, NOW);
  private final BundleHolder bundles = new BundleHolder(SHOP);
  private final ConsumerLedger ledger = new ConsumerLedger();
  private final AtomicInteger streams = new AtomicInteger();
  private final ThreadLoop loop = new ThreadLoop("test-loop");
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final UnixClient client = new UnixClient();
  private final FakeFeed feed = new FakeFeed();
  private Path path;
  private WorkloadEndpoint endpoint;

  @BeforeEach
  void open() throws IOException {
    path = folder.resolve("api.sock");
    endpoint = endpoints().open(path, UID, feed);
  }

  private UnixWorkloadEndpoints endpoints() {
    return new UnixWorkloadEndpoints(group, loop, clock, bundles, ledger, streams::addAndGet);
  }

  @AfterEach
  void close() {
    endpoint.close();
    client.close();
    loop.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  @Test
  void socketWhenOpened_isOpenToAnyUser() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-rw-rw-");
  }

  @Test
  void readyIdentity_comesAtOnceAndWhole() throws Exception {
    X509Svid svid = authority.svid(CART);
    feed.show(held(svid, 1));

    X509SVIDResponse answer = fetchSvid(client.workload(path)).next();

    assertThat(answer.getSvidsList()).hasSize(1);
    var only = answer.getSvids(0);
    assertThat(only.getSpiffeId()).isEqualTo(CART.toString());
    assertThat(only.getX509Svid().toByteArray()).isEqualTo(svid.chainDer());
    assertThat(only.getX509SvidKey().toByteArray()).isEqualTo(svid.privateKey().getEncoded());
    assertThat(only.getBundle().toByteArray()).isEqualTo(authority.bundle().encoded());
    assertThat(
            X509Svid.parse(only.getX509Svid().toByteArray(), only.getX509SvidKey().toByteArray())
                .id())
        .isEqualTo(CART);
  }

  @Test
  void streamBeforeTheIdentity_isHeldAndAnsweredWhenItIsReady() throws Exception {
    Collector<X509SVIDResponse> stream = fetchSvid(client.workload(path));
    feed.awaitSubscriber();
    assertThat(stream.isOpen()).isTrue();
    assertThat(stream.rest()).isEmpty();

    feed.show(held(authority.svid(CART), 1));

    assertThat(stream.next().getSvidsCount()).isEqualTo(1);
  }

  @Test
  void rotation_reachesEveryOpenStream() throws Exception {
    X509Svid first = authority.svid(CART);
    feed.show(held(first, 1));
    Collector<X509SVIDResponse> one = fetchSvid(client.workload(path));
    Collector<X509SVIDResponse> two = fetchSvid(client.workload(path));
    one.next();
    two.next();

    X509Svid second = authority.svid(CART);
    feed.show(held(second, 1));

    for (Collector<X509SVIDResponse> stream : List.of(one, two)) {
      assertThat(stream.next().getSvids(0).getX509Svid().toByteArray())
          .isEqualTo(second.chainDer());
    }
  }

  @Test
  void decidedRefusal_isPermissionDenied() throws Exception {
    feed.show(new WorkloadSnapshot(new SvidStatus.Refused("ACCOUNT_NOT_ALLOWED"), null));

    Status end = fetchSvid(client.workload(path)).end();

    assertThat(end.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(end.getDescription()).isEqualTo("ACCOUNT_NOT_ALLOWED");
    assertThat(fetchBundles(client.workload(path)).end().getCode())
        .isEqualTo(Status.Code.PERMISSION_DENIED);
  }

  @Test
  void expiredSvid_isNotSent() throws Exception {
    X509Svid svid = authority.svid(CART);
    feed.show(held(svid, 1));
    clock.set(svid.notAfter());

    Collector<X509SVIDResponse> stream = fetchSvid(client.workload(path));
    feed.awaitSubscriber();
    Collector<X509BundlesResponse> bundle = fetchBundles(client.workload(path));

    // The bundle comes on a later call of the same socket: the SVID would have come by then.
    assertThat(bundle.next().getBundlesMap()).containsKey("spiffe://shop.example");
    assertThat(stream.rest()).isEmpty();
    assertThat(stream.isOpen()).isTrue();
  }

  @Test
  void bundles_haveTheOwnTrustDomain_andComeAgainOnlyWhenTheyChange() throws Exception {
    feed.show(held(authority.svid(CART), 1));
    Collector<X509BundlesResponse> stream = fetchBundles(client.workload(path));
    Collector<X509SVIDResponse> svids = fetchSvid(client.workload(path));
    assertThat(stream.next().getBundlesMap())
        .containsExactly(
            Map.entry("spiffe://shop.example", ByteString.copyFrom(authority.bundle().encoded())));
    svids.next();

    feed.show(held(authority.svid(CART), 1));
    svids.next();
    assertThat(stream.rest()).isEmpty();

    TestAuthority next = new TestAuthority(SHOP, NOW);
    feed.show(held(authority.svid(CART), 2, authority.bundleWith(next)));
    assertThat(
            X509Bundle.parse(
                    SHOP, stream.next().getBundlesOrThrow("spiffe://shop.example").toByteArray())
                .authorities())
        .hasSize(2);
  }

  @Test
  void bundleAfterTheSvidEnded_flowsOn() throws Exception {
    feed.show(new WorkloadSnapshot(new SvidStatus.Waiting(), heldBundle(3)));

    assertThat(fetchBundles(client.workload(path)).next().getBundlesCount()).isEqualTo(1);
  }

  @Test
  void closedEndpoint_isUnavailableToAPlainClient_andTheSocketIsGone() throws Exception {
    feed.show(held(authority.svid(CART), 1));
    Collector<X509SVIDResponse> served = fetchSvid(client.workload(path));
    served.next();
    Collector<X509BundlesResponse> bundle = fetchBundles(client.workload(path));
    bundle.next();

    endpoint.close();

    assertThat(served.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(bundle.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(path).doesNotExist();
    assertThat(fetchSvid(client.workload(path)).end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(streams).hasValue(0);
  }

  @Test
  void closedEndpointWithHeldStream_isUnavailable() throws Exception {
    Collector<X509SVIDResponse> stream = fetchSvid(client.workload(path));
    feed.awaitSubscriber();

    endpoint.close();

    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void socketOfAnEarlierAgent_isReplacedInTheSameFolder() throws Exception {
    endpoint.close();
    // What a killed agent leaves: a socket file that nobody listens on.
    try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(path));
    }
    assertThat(path).exists();

    endpoint = endpoints().open(path, UID, feed);
    feed.show(held(authority.svid(CART), 1));

    assertThat(fetchSvid(client.workload(path)).next().getSvidsCount()).isEqualTo(1);
  }

  @Test
  void fileInPlaceOfTheSocket_isRefusedAndKept() throws Exception {
    Path other = folder.resolve("other");
    Files.writeString(other, "not ours");

    assertThatThrownBy(() -> endpoints().open(other, UID, feed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is no socket");
    assertThat(other).hasContent("not ours");
  }

  @Test
  void pathLongerThanASocketPath_isRefusedInWords() {
    assertThatThrownBy(() -> endpoints().open(folder.resolve("x".repeat(100)), UID, feed))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("at most 107");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "True", "TRUE", "1", "true,true", "yes"})
  void wrongHeader_isInvalidArgument(String value) throws Exception {
    feed.show(held(authority.svid(CART), 1));
    var headers = new Metadata();
    if (!value.isEmpty()) {
      headers.put(HEADER, value);
    }
    assertRefusedEverywhere(headers);
  }

  @Test
  void doubledHeader_isInvalidArgument() throws Exception {
    feed.show(held(authority.svid(CART), 1));
    var headers = new Metadata();
    headers.put(HEADER, "true");
    headers.put(HEADER, "true");
    assertRefusedEverywhere(headers);
  }

  private void assertRefusedEverywhere(Metadata headers) throws InterruptedException {
    Channel channel =
        ClientInterceptors.intercept(
            client.plain(path), MetadataUtils.newAttachHeadersInterceptor(headers));
    assertThat(fetchSvid(channel).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(fetchBundles(channel).end().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThatThrownBy(() ->
            AcknowledgementServiceGrpc.newBlockingStub(channel)
                .acknowledge(AcknowledgeRequest.getDefaultInstance()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  @Test
  void unknownMethod_isUnimplemented() throws Exception {
    var method =
        SpiffeWorkloadAPIGrpc.getFetchX509SVIDMethod().toBuilder()
            .setFullMethodName("SpiffeWorkloadAPI/FetchJWTSVID")
            .build();
    var stream = new Collector<X509SVIDResponse>();
    ClientCalls.asyncServerStreamingCall(
        client.workload(path).newCall(method, CallOptions.DEFAULT),
        X509SVIDRequest.getDefaultInstance(),
        stream);
    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void sentAndAcknowledged_areCountedApart() throws Exception {
    bundles.offer(4, authority.bundle());
    feed.show(held(authority.svid(CART), 4));
    ManagedChannel sdk = client.workload(path);
    fetchSvid(sdk).next();
    fetchSvid(client.workload(path)).next();
    awaitSummary(count(Evidence.SENT, 2, 2));

    var answer =
        AcknowledgementServiceGrpc.newBlockingStub(sdk)
            .acknowledge(
                AcknowledgeRequest.newBuilder()
                    .setBundleDigest(ByteString.copyFrom(authority.bundle().digest()))
                    .setSerial("0f")
                    .build());

    assertThat(answer.getRevision()).isEqualTo(4);
    awaitSummary(count(Evidence.ACKNOWLEDGED, 1, 1), count(Evidence.SENT, 1, 1));
  }

  @Test
  void acknowledgedUnknownSet_isRevisionZeroAndLags() throws Exception {
    bundles.offer(4, authority.bundle());
    feed.show(held(authority.svid(CART), 4));
    ManagedChannel sdk = client.workload(path);
    fetchSvid(sdk).next();

    var answer =
        AcknowledgementServiceGrpc.newBlockingStub(sdk)
            .acknowledge(
                AcknowledgeRequest.newBuilder()
                    .setBundleDigest(ByteString.copyFrom(new byte[32]))
                    .build());

    assertThat(answer.getRevision()).isZero();
    awaitSummary(count(Evidence.ACKNOWLEDGED, 0, 1));
    assertThat(ledger.summary(4).laggards()).containsExactly(UID);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 31, 33})
  void malformedAcknowledgement_isInvalidArgument(int length) {
    assertThatThrownBy(() ->
            AcknowledgementServiceGrpc.newBlockingStub(client.workload(path))
                .acknowledge(
                    AcknowledgeRequest.newBuilder()
                        .setBundleDigest(ByteString.copyFrom(new byte[length]))
                        .build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  @Test
  void consumerThatLeaves_isNotCountedAnyMore() throws Exception {
    bundles.offer(1, authority.bundle());
    feed.show(held(authority.svid(CART), 1));
    ManagedChannel channel = client.workload(path);
    fetchSvid(channel).next();
    awaitSummary(count(Evidence.SENT, 1, 1));

    channel.shutdownNow();

    awaitSummary();
  }

  @Test
  void slowReader_keepsOnlyTheNewestState() throws Exception {
    var stream = new SlowReader();
    SpiffeWorkloadAPIGrpc.newStub(client.workload(path))
        .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream);
    feed.awaitSubscriber();
    X509Bundle wide = wideBundle();
    X509Svid last = authority.svid(CART);
    for (int revision = 1; revision <= 200; revision++) {
      feed.show(held(last, revision, wide));
    }
    X509Svid newest = authority.svid(CART);
    feed.show(held(newest, 201, wide));

    List<X509SVIDResponse> read = stream.readUntil(newest);

    assertThat(read).hasSizeLessThan(150);
  }

  @Test
  void connectionsBeyondTheCap_areClosedUnread() throws Exception {
    feed.show(held(authority.svid(CART), 1));
    for (int i = 0; i < 32; i++) {
      fetchSvid(client.workload(path)).next();
    }

    assertThat(fetchSvid(client.workload(path)).end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void requestBeyondTheCap_isRefused() throws Exception {
    var call = AcknowledgementServiceGrpc.newBlockingStub(client.workload(path));
    assertThatThrownBy(() ->
            call.acknowledge(
                AcknowledgeRequest.newBuilder()
                    .setBundleDigest(ByteString.copyFrom(new byte[5_000]))
                    .build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
  }

  @Test
  void metadataBeyondTheCap_isRefused() throws Exception {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("x", Metadata.ASCII_STRING_MARSHALLER), "y".repeat(20_000));
    Channel channel =
        ClientInterceptors.intercept(
            client.workload(path), MetadataUtils.newAttachHeadersInterceptor(headers));

    assertThat(fetchSvid(channel).end().isOk()).isFalse();
  }

  private void awaitSummary(ConsumerLedger.Count... expected) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    var changed = new Semaphore(0);
    ledger.onChange(changed::release);
    while (!ledger.summary(bundles.revision()).counts().equals(List.of(expected))) {
      if (!changed.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        assertThat(ledger.summary(bundles.revision()).counts()).containsExactly(expected);
      }
    }
  }

  private static ConsumerLedger.Count count(Evidence evidence, int holding, int total) {
    return new ConsumerLedger.Count(evidence, holding, total);
  }

  private static Collector<X509SVIDResponse> fetchSvid(Channel channel) {
    var stream = new Collector<X509SVIDResponse>();
    SpiffeWorkloadAPIGrpc.newStub(channel)
        .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream);
    return stream;
  }

  private static Collector<X509BundlesResponse> fetchBundles(Channel channel) {
    var stream = new Collector<X509BundlesResponse>();
    SpiffeWorkloadAPIGrpc.newStub(channel)
        .fetchX509Bundles(X509BundlesRequest.getDefaultInstance(), stream);
    return stream;
  }

  private WorkloadSnapshot held(X509Svid svid, long revision) {
    return held(svid, revision, authority.bundle());
  }

  private static WorkloadSnapshot held(X509Svid svid, long revision, X509Bundle bundle) {
    return new WorkloadSnapshot(new SvidStatus.Held(svid), new HeldBundle(revision, bundle));
  }

  private HeldBundle heldBundle(long revision) {
    return new HeldBundle(revision, authority.bundle());
  }

  /** A bundle of some 12 kB, so that a few hundred messages exceed every buffer on the way. */
  private static X509Bundle wideBundle() {
    var roots = new ArrayList<X509Certificate>();
    for (int i = 0; i < 24; i++) {
      roots.add(new TestAuthority(SHOP, NOW).root());
    }
    return X509Bundle.of(SHOP, roots);
  }

  /** A client that asks for no message until the test reads. */
  private static final class SlowReader
      implements ClientResponseObserver<X509SVIDRequest, X509SVIDResponse> {
    private final Collector<X509SVIDResponse> collected = new Collector<>();
    private final AtomicReference<ClientCallStreamObserver<X509SVIDRequest>> call =
        new AtomicReference<>();

    @Override
    public void beforeStart(ClientCallStreamObserver<X509SVIDRequest> requests) {
      call.set(requests);
      requests.disableAutoRequestWithInitial(0);
    }

    List<X509SVIDResponse> readUntil(X509Svid newest) throws InterruptedException {
      var read = new ArrayList<X509SVIDResponse>();
      while (true) {
        call.get().request(1);
        X509SVIDResponse message = collected.next();
        read.add(message);
        if (message.getSvids(0).getX509Svid().equals(ByteString.copyFrom(newest.chainDer()))) {
          return read;
        }
      }
    }

    @Override
    public void onNext(X509SVIDResponse message) {
      collected.onNext(message);
    }

    @Override
    public void onError(Throwable error) {
      collected.onError(error);
    }

    @Override
    public void onCompleted() {
      collected.onCompleted();
    }
  }

  /** A feed that the test writes. */
  private static final class FakeFeed implements WorkloadFeed {
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private volatile WorkloadSnapshot snapshot =
        new WorkloadSnapshot(new SvidStatus.Waiting(), null);

    void show(WorkloadSnapshot newer) {
      snapshot = newer;
      listeners.forEach(Runnable::run);
    }

    void awaitSubscriber() throws InterruptedException {
      assertThat(subscribed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public WorkloadSnapshot snapshot() {
      return snapshot;
    }

    @Override
    public Subscription subscribe(Runnable listener) {
      listeners.add(listener);
      subscribed.countDown();
      return () -> listeners.remove(listener);
    }
  }
}
