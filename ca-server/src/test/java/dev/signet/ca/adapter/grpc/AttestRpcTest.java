package dev.signet.ca.adapter.grpc;

import static dev.signet.ca.adapter.grpc.Calls.assertRefused;
import static dev.signet.ca.adapter.grpc.EndpointFixture.AGENT_TOKEN;
import static dev.signet.ca.adapter.grpc.EndpointFixture.csr;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.SvidKind;
import dev.signet.ca.issuance.TokenAudience;
import dev.signet.ca.issuance.World;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.internal.testing.StreamRecorder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AttestRpcTest {
  private static final PodState FORMER =
      new PodState(
          "signet-system",
          "signet-agent-0",
          "agent-pod-uid-0",
          "signet-agent",
          World.NODE,
          PodState.Phase.RUNNING,
          false);

  /** A client that sends the headers of a call with one message before that message. */
  private static final MethodDescriptor<AttestAgentRequest, AttestAgentResponse> HEADERS_AT_ONCE =
      CertificateAuthorityServiceGrpc.getAttestAgentMethod().toBuilder()
          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
          .build();

  private final EndpointFixture ca = new EndpointFixture();

  @AfterEach
  void close() {
    ca.close();
  }

  @Test
  void allowedAgent_itsSvidAndTheBundle() throws Exception {
    StreamRecorder<AttestAgentResponse> answers = Calls.attest(ca.anonymous(), AGENT_TOKEN, csr());

    AttestAgentResponse answer = answers.firstValue().get();
    assertThat(answer.getSvid().getSpiffeId())
        .isEqualTo("spiffe://shop.example/signet/agent/demo/node-1");
    assertThat(answer.getBundle().getRevision()).isEqualTo(1);
    assertThat(answer.getBundle().getX509AuthoritiesList())
        .singleElement()
        .satisfies(der ->
            assertThat(der.toByteArray()).isEqualTo(ca.authority.certificate().getEncoded()));
    AuditEvent.SvidIssued event =
        ca.awaitAudit(AuditEvent.SvidIssued.class, e -> e.kind() == SvidKind.AGENT);
    assertThat(event.caller().agent()).isEmpty();
    assertThat(event.tokenSha256()).hasSize(64);
  }

  /** THREATS T17. */
  @Test
  void accountThatIsNotAllowed_refusedForGood() throws Exception {
    ca.kubernetes.answers(
        "cart.agent.1", World.review(TokenAudience.AGENT, "cart", "cart", "cart-1", World.POD_UID));

    assertRefused(
        Calls.attest(ca.anonymous(), "cart.agent.1", csr()),
        Status.Code.PERMISSION_DENIED,
        RefusalReason.AGENT_ACCOUNT_NOT_ALLOWED);
    AuditEvent.SvidRefused event =
        ca.awaitAudit(AuditEvent.SvidRefused.class, e -> e.kind() == SvidKind.AGENT);
    assertThat(event.subject().orElseThrow().podUid()).isEqualTo(World.POD_UID);
    assertThat(ca.audited).as("recorded once").noneMatch(e -> e instanceof AuditEvent.CallRefused);
  }

  /** THREATS T27: a place that is held and not used is taken back. */
  @Test
  void messageKeptBack_callRefusedAndItsPlaceFreed() throws Exception {
    int timers = ca.clock.waiting();
    CompletableFuture<Status> ended = new CompletableFuture<>();
    CompletableFuture<Metadata> trailers = new CompletableFuture<>();
    ClientCall<AttestAgentRequest, AttestAgentResponse> call =
        ca.anonymous().getChannel().newCall(HEADERS_AT_ONCE, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata last) {
            trailers.complete(last);
            ended.complete(status);
          }
        },
        new Metadata());
    Awaiting.until(() -> ca.clock.waiting() > timers);
    ca.clock.advance(Duration.ofSeconds(10));

    assertThat(ended.get().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    assertThat(trailers.get().get(RefusalStatus.REASON)).isEqualTo("REQUEST_MALFORMED");
    assertThat(Calls.attest(ca.anonymous(), AGENT_TOKEN, csr()).firstValue().get().hasSvid())
        .isTrue();
  }

  @Test
  void workloadsToken_refused() throws Exception {
    assertRefused(
        Calls.attest(ca.anonymous(), EndpointFixture.CART_TOKEN, csr()),
        Status.Code.UNAUTHENTICATED,
        RefusalReason.TOKEN_REJECTED);
  }

  @Test
  void anotherAgentLivesThere_refusedRetryably_untilItsPodGoes() throws Exception {
    ca.agents.put(
        new LiveAgent(
            World.CLUSTER,
            World.NODE,
            World.NODE_UID,
            "signet-system",
            "signet-agent-0",
            "agent-pod-uid-0",
            "abc0",
            World.NOW,
            World.NOW.plusSeconds(600)));
    ca.kubernetes.has(FORMER);
    assertRefused(
        Calls.attest(ca.anonymous(), AGENT_TOKEN, csr()),
        Status.Code.UNAVAILABLE,
        RefusalReason.AGENT_ALREADY_ON_NODE);

    ca.kubernetes.delete(FORMER);

    assertThat(Calls.attest(ca.anonymous(), AGENT_TOKEN, csr()).getError()).isNull();
  }

  @Test
  void apiServerDown_unavailable() throws Exception {
    ca.kubernetes.down = true;

    assertRefused(
        Calls.attest(ca.anonymous(), AGENT_TOKEN, csr()),
        Status.Code.UNAVAILABLE,
        RefusalReason.KUBERNETES_UNAVAILABLE);
  }

  @Test
  void storeDown_unavailable() throws Exception {
    ca.agents.down = true;

    assertRefused(
        Calls.attest(ca.anonymous(), AGENT_TOKEN, csr()),
        Status.Code.UNAVAILABLE,
        RefusalReason.STORE_UNAVAILABLE);
  }
}
