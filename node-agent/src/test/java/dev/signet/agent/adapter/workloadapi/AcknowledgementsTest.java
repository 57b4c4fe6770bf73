package dev.signet.agent.adapter.workloadapi;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.agent.bundle.ConsumerLedger.Shown;
import dev.signet.agent.bundle.Evidence;
import dev.signet.agent.bundle.HandedLeaf;
import dev.signet.agent.testing.Collector;
import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Svid;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts as held, by which evidence. */
class AcknowledgementsTest extends PodSocketFixture {
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

  @Test
  void leaf_isWhatWasSent_thenWhatWasAcknowledged() throws Exception {
    bundles.offer(4, authority.bundle());
    ledger.published(UID);
    X509Svid first = authority.svid(CART);
    feed.show(held(first, 4));
    ManagedChannel sdk = client.workload(path);
    var stream = fetchSvid(sdk);
    stream.next();
    awaitShown(new Shown(Evidence.SENT, 1, 4, first.serial()));
    acknowledge(sdk, first.serial());
    awaitShown(new Shown(Evidence.ACKNOWLEDGED, 1, 4, first.serial()));

    X509Svid second = authority.svid(CART);
    feed.show(held(second, 4));
    stream.next();
    awaitShown(new Shown(Evidence.ACKNOWLEDGED, 1, 4, first.serial()));
    acknowledge(sdk, second.serial());
    awaitShown(new Shown(Evidence.ACKNOWLEDGED, 1, 4, second.serial()));

    sdk.shutdownNow();
    awaitShown(new Shown(Evidence.UNSEEN, 1, 4, second.serial()));
  }

  @Test
  void acknowledgedLeafThatWasNeverHandedOut_isUnknown() throws Exception {
    bundles.offer(4, authority.bundle());
    feed.show(held(authority.svid(CART), 4));
    ManagedChannel sdk = client.workload(path);
    fetchSvid(sdk).next();

    acknowledge(sdk, authority.svid(CART).serial());

    awaitShown(new Shown(Evidence.ACKNOWLEDGED, 1, 4, HandedLeaf.UNKNOWN.serial()));
  }

  @Test
  void bundleStream_countsForTheRevisionAlone() throws Exception {
    bundles.offer(4, authority.bundle());
    ledger.published(UID);
    X509Svid svid = authority.svid(CART);
    feed.show(held(svid, 4));
    ManagedChannel channel = client.workload(path);
    fetchBundles(channel).next();
    awaitShown(new Shown(Evidence.SENT, 1, 4, ""), new Shown(Evidence.HELD, 1, 0, ""));

    // On the same connection: one consumer, which has a leaf now.
    fetchSvid(channel).next();

    awaitShown(new Shown(Evidence.SENT, 1, 4, svid.serial()));
  }

  /** Another stream of the connection lives on, and says nothing of the leaf. */
  @Test
  void leafStreamThatEnds_leavesTheLeafUnseen() throws Exception {
    bundles.offer(4, authority.bundle());
    X509Svid svid = authority.svid(CART);
    feed.show(held(svid, 4));
    ManagedChannel channel = client.workload(path);
    fetchBundles(channel).next();
    try (var call = Context.current().withCancellation()) {
      var stream = new Collector<X509SVIDResponse>();
      call.run(() ->
          SpiffeWorkloadAPIGrpc.newStub(channel)
              .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream));
      stream.next();
      awaitShown(new Shown(Evidence.SENT, 1, 4, svid.serial()));
    }

    awaitShown(new Shown(Evidence.SENT, 1, 4, ""), new Shown(Evidence.UNSEEN, 1, 4, svid.serial()));
  }

  private void acknowledge(ManagedChannel channel, String serial) {
    var answer =
        AcknowledgementServiceGrpc.newBlockingStub(channel)
            .acknowledge(
                AcknowledgeRequest.newBuilder()
                    .setBundleDigest(ByteString.copyFrom(authority.bundle().digest()))
                    .setSerial(serial)
                    .build());
    assertThat(answer.getRevision()).isEqualTo(4);
  }

  private void awaitShown(Shown... expected) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    var changed = new Semaphore(0);
    ledger.onChange(changed::release);
    while (!ledger.shown(UID, 0, "").equals(List.of(expected))) {
      if (!changed.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        assertThat(ledger.shown(UID, 0, "")).containsExactly(expected);
      }
    }
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
}
