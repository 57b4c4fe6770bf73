package dev.signet.ca.adapter.grpc;

import static dev.signet.ca.adapter.grpc.Calls.item;
import static dev.signet.ca.adapter.grpc.Calls.request;
import static dev.signet.ca.adapter.grpc.EndpointFixture.csr;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.World;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub;
import dev.signet.proto.agent.v1.Hello;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node that an operator banned gets nothing, on whatever connection it has. */
@Timeout(60)
class BannedNodeTest {
  private static final String OTHER_NODE = "node-2";

  private final EndpointFixture ca = new EndpointFixture();
  private final TestAuthority.Leaf leaf = ca.liveAgent(World.NODE);
  private final TestAuthority.Leaf otherLeaf = ca.liveAgent(OTHER_NODE);
  private final ManagedChannel connection = ca.channel(Optional.of(leaf), "TLSv1.3");
  private final ManagedChannel otherConnection = ca.channel(Optional.of(otherLeaf), "TLSv1.3");
  private final CertificateAuthorityServiceStub agent =
      CertificateAuthorityServiceGrpc.newStub(connection);
  private final CertificateAuthorityServiceStub other =
      CertificateAuthorityServiceGrpc.newStub(otherConnection);

  @AfterEach
  void close() {
    ca.close();
  }

  @Test
  void openSession_endsAtOnce_andItsConnectionWithinASecond_othersStay() throws Exception {
    Ends ended = session(agent);
    Ends others = session(other);

    ban(World.NODE);

    assertThat(ended.next()).isEqualTo("PERMISSION_DENIED AGENT_BANNED");
    ca.awaitAudit(AuditEvent.SessionEnded.class, e -> e.why().equals("AGENT_BANNED"));
    assertThat(connection.getState(false)).isEqualTo(ConnectivityState.READY);
    ca.clock.advance(Duration.ofSeconds(1));
    Awaiting.until(() -> connection.getState(false) != ConnectivityState.READY);
    assertThat(otherConnection.getState(false)).isEqualTo(ConnectivityState.READY);
    assertThat(others.log).isEmpty();
    assertThat(ca.sessions.agents()).hasSize(1);
  }

  @Test
  void connectionWithoutASession_isClosedToo() throws Exception {
    Calls.issue(agent, request(item(1, EndpointFixture.CART_TOKEN, csr())));

    ban(World.NODE);
    ca.clock.advance(Duration.ofSeconds(1));

    Awaiting.until(() -> connection.getState(false) != ConnectivityState.READY);
  }

  @Test
  void everyCall_isRefused_withTheStoreUpAndDown_andTheNewConnectionClosed() throws Exception {
    ban(World.NODE);
    for (boolean down : new boolean[] {false, true}) {
      ca.agents.down = down;
      Calls.assertRefused(
          Calls.issue(agent, request(item(1, EndpointFixture.CART_TOKEN, csr()))),
          Status.Code.PERMISSION_DENIED,
          RefusalReason.AGENT_BANNED);
      Ends refused = new Ends();
      agent.session(refused).onNext(hello());
      assertThat(refused.next()).isEqualTo("PERMISSION_DENIED AGENT_BANNED");
    }

    awaitCutOff();
    assertThat(ca.sessions.agents()).isEmpty();
    assertThat(ca.words).isEmpty();
  }

  @Test
  void unbanned_isLetIn() throws Exception {
    ban(World.NODE);
    Ends refused = new Ends();
    agent.session(refused).onNext(hello());
    assertThat(refused.next()).isEqualTo("PERMISSION_DENIED AGENT_BANNED");
    awaitCutOff();

    ca.banned.clear();

    session(agent);
    assertThat(ca.sessions.agents()).hasSize(1);
  }

  /** The refusal may be read before the server has set the timer that cuts the connection off. */
  private void awaitCutOff() {
    Awaiting.until(() -> {
      ca.clock.advance(Duration.ofSeconds(1));
      return connection.getState(false) != ConnectivityState.READY;
    });
  }

  private void ban(String node) {
    NodeRef banned = new NodeRef(World.CLUSTER, node);
    ca.banned.add(banned);
    ca.sessions.ban(banned.cluster(), banned.nodeName());
  }

  /** A session whose first bundle came. */
  private static Ends session(CertificateAuthorityServiceStub stub) throws Exception {
    Ends ends = new Ends();
    stub.session(ends).onNext(hello());
    assertThat(ends.bundles.poll(15, TimeUnit.SECONDS)).isNotNull();
    return ends;
  }

  private static SessionRequest hello() {
    return SessionRequest.newBuilder().setHello(Hello.getDefaultInstance()).build();
  }

  /** How a session ends. */
  private static final class Ends implements StreamObserver<SessionResponse> {
    private final BlockingQueue<SessionResponse> bundles = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();

    @Override
    public void onNext(SessionResponse response) {
      if (response.hasBundle()) {
        bundles.add(response);
      }
    }

    @Override
    public void onError(Throwable error) {
      Status status = Status.fromThrowable(error);
      log.add(status.getCode() + " " + status.getDescription());
    }

    @Override
    public void onCompleted() {
      log.add("completed");
    }

    String next() throws InterruptedException {
      String next = log.poll(15, TimeUnit.SECONDS);
      return next == null ? "silence" : next;
    }
  }
}
