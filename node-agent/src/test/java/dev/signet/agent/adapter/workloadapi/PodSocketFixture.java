package dev.signet.agent.adapter.workloadapi;

import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

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
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509BundlesRequest;
import dev.signet.proto.spiffe.X509BundlesResponse;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * One pod's socket over a real Unix socket, with plain gRPC clients, and a feed that the test
 * writes.
 */
abstract class PodSocketFixture {
  @TempDir Path folder;

  final SettableClock clock = new SettableClock(NOW);
  final TestAuthority authority = new TestAuthority(SHOP, NOW);
  final BundleHolder bundles = new BundleHolder(SHOP);
  final ConsumerLedger ledger = new ConsumerLedger();
  final AtomicInteger streams = new AtomicInteger();
  final ThreadLoop loop = new ThreadLoop("test-loop");
  final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  final UnixClient client = new UnixClient();
  final FakeFeed feed = new FakeFeed();
  Path path;
  WorkloadEndpoint endpoint;

  @BeforeEach
  void open() throws IOException {
    path = folder.resolve("api.sock");
    endpoint = endpoints().open(path, UID, feed);
  }

  UnixWorkloadEndpoints endpoints() {
    return new UnixWorkloadEndpoints(group, loop, clock, bundles, ledger, streams::addAndGet);
  }

  @AfterEach
  void close() {
    endpoint.close();
    client.close();
    loop.close();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  final void awaitSummary(ConsumerLedger.Count... expected) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    var changed = new Semaphore(0);
    ledger.onChange(changed::release);
    while (!ledger.summary(bundles.revision()).counts().equals(List.of(expected))) {
      if (!changed.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        assertThat(ledger.summary(bundles.revision()).counts()).containsExactly(expected);
      }
    }
  }

  static ConsumerLedger.Count count(Evidence evidence, int holding, int total) {
    return new ConsumerLedger.Count(evidence, holding, total);
  }

  static Collector<X509SVIDResponse> fetchSvid(Channel channel) {
    var stream = new Collector<X509SVIDResponse>();
    SpiffeWorkloadAPIGrpc.newStub(channel)
        .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream);
    return stream;
  }

  static Collector<X509BundlesResponse> fetchBundles(Channel channel) {
    var stream = new Collector<X509BundlesResponse>();
    SpiffeWorkloadAPIGrpc.newStub(channel)
        .fetchX509Bundles(X509BundlesRequest.getDefaultInstance(), stream);
    return stream;
  }

  final WorkloadSnapshot held(X509Svid svid, long revision) {
    return held(svid, revision, authority.bundle());
  }

  static WorkloadSnapshot held(X509Svid svid, long revision, X509Bundle bundle) {
    return new WorkloadSnapshot(new SvidStatus.Held(svid), new HeldBundle(revision, bundle));
  }

  final HeldBundle heldBundle(long revision) {
    return new HeldBundle(revision, authority.bundle());
  }

  /** A feed that the test writes. */
  static final class FakeFeed implements WorkloadFeed {
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
