package dev.signet.agent;

import static dev.signet.agent.testing.Fixtures.CA;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.testing.Collector;
import dev.signet.agent.testing.FakeCa;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509BundlesRequest;
import dev.signet.proto.spiffe.X509BundlesResponse;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent between kubelet's calls, a CA over TLS, and plain clients on pods' sockets. */
abstract class AgentFixture {
  static final String POD = UID.value();
  static final String TOKEN = TestTokens.compact(POD, "one");

  @TempDir Path folder;

  final TestAuthority authority = new TestAuthority(SHOP, Instant.now());
  TestNode node;
  FakeCa ca;
  NodeAgent agent;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(folder);
    node.mountBundle(authority.bundle());
    ca = FakeCa.start(authority, CA);
    agent = node.start(ca.port());
  }

  @AfterEach
  void stop() {
    agent.close();
    ca.close();
    node.close();
  }

  final Collector<X509SVIDResponse> fetch(String uid, String volume) throws Exception {
    var stream = new Collector<X509SVIDResponse>();
    SpiffeWorkloadAPIGrpc.newStub(
            node.client().workload(node.target(uid, volume).toRealPath().resolve("api.sock")))
        .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), stream);
    return stream;
  }

  final Collector<X509BundlesResponse> fetchBundles(String uid, String volume) throws Exception {
    var stream = new Collector<X509BundlesResponse>();
    SpiffeWorkloadAPIGrpc.newStub(
            node.client().workload(node.target(uid, volume).toRealPath().resolve("api.sock")))
        .fetchX509Bundles(X509BundlesRequest.getDefaultInstance(), stream);
    return stream;
  }

  final void awaitReport(Predicate<SessionRequest> wanted) throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      if (wanted.test(ca.nextReport())) {
        return;
      }
    }
    throw new AssertionError("no such report among a hundred");
  }

  static List<String> ended(SessionRequest report) {
    return report.getAcknowledgement().getEndedPodsList();
  }

  static String leaf(SessionRequest report, String uid) {
    return report.getAcknowledgement().getPodsList().stream()
        .filter(pod -> pod.getPodUid().equals(uid))
        .map(pod -> pod.getSerial())
        .findFirst()
        .orElse("");
  }

  final void awaitPage(String path, Predicate<String> wanted) throws Exception {
    awaitPage(agent, path, wanted);
  }

  static void awaitPage(NodeAgent of, String path, Predicate<String> wanted) throws Exception {
    Instant end = Instant.now().plusSeconds(10);
    String page = TestNode.page(of, path);
    while (!wanted.test(page)) {
      assertThat(Instant.now()).as(page).isBefore(end);
      page = TestNode.page(of, path);
    }
  }
}
