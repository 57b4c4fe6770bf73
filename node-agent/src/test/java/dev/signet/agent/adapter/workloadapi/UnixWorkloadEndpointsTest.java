package dev.signet.agent.adapter.workloadapi;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.agent.svid.SvidStatus;
import dev.signet.agent.svid.WorkloadSnapshot;
import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.proto.spiffe.X509BundlesResponse;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.Status;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What streams on a pod's socket get, and how they end. */
class UnixWorkloadEndpointsTest extends PodSocketFixture {
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
  void streamWithoutAnIdentity_isUnavailableAfterHalfAMinute_andNotBefore() throws Exception {
    endpoint.close();
    var time = new ManualLoop(clock);
    endpoint =
        new UnixWorkloadEndpoints(group, time, clock, bundles, ledger, streams::addAndGet)
            .open(path, UID, feed);
    Collector<X509SVIDResponse> stream = fetchSvid(client.workload(path));
    time.awaitTimer();

    time.advance(Duration.ofSeconds(29));
    assertThat(stream.isOpen()).isTrue();
    time.advance(Duration.ofSeconds(1));

    assertThat(stream.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
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
}
