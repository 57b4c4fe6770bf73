package dev.signet.agent.adapter.workloadapi;

import static dev.signet.agent.testing.Fixtures.CART;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.agent.testing.Collector;
import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The metadata that every call must carry (W-4, THREATS.md T7). */
class WorkloadHeaderTest extends PodSocketFixture {
  private static final Metadata.Key<String> HEADER =
      Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

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
}
