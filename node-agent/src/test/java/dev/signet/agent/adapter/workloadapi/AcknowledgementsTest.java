package dev.signet.agent.adapter.workloadapi;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.agent.bundle.Evidence;
import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
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
