package dev.signet.agent.adapter.workloadapi;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.proto.agent.v1.AcknowledgeRequest;
import dev.signet.proto.agent.v1.AcknowledgementServiceGrpc;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What one socket may cost (THREATS.md T6, I13). */
class SocketLimitsTest extends PodSocketFixture {
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
}
