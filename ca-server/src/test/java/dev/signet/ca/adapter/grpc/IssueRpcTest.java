package dev.signet.ca.adapter.grpc;

import static dev.signet.ca.adapter.grpc.Calls.assertRefused;
import static dev.signet.ca.adapter.grpc.Calls.item;
import static dev.signet.ca.adapter.grpc.Calls.request;
import static dev.signet.ca.adapter.grpc.EndpointFixture.CART_TOKEN;
import static dev.signet.ca.adapter.grpc.EndpointFixture.csr;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.attestation.ScriptedKubernetes;
import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.World;
import dev.signet.proto.agent.v1.AgentReview;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Status;
import io.grpc.internal.testing.StreamRecorder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class IssueRpcTest {
  private final EndpointFixture ca = new EndpointFixture();
  private final CertificateAuthorityServiceStub agent = ca.as(ca.liveAgent(World.NODE));

  @AfterEach
  void close() {
    ca.close();
  }

  @Test
  void podOfTheAgentsNode_itsSvid() throws Exception {
    KeyPair keys = TestAuthority.keys();

    IssueX509SvidsResponse answer =
        Calls.answers(Calls.issue(agent, request(item(7, CART_TOKEN, csr(keys, ""))))).get(7);

    assertThat(answer.getSvid().getSpiffeId()).isEqualTo("spiffe://shop.example/ns/cart/sa/cart");
    VerifiedX509Svid verified =
        X509SvidVerifier.verify(
            PresentedX509Chain.parse(answer.getSvid().getCertificates(0).toByteArray()),
            X509BundleSet.of(ca.bundles.get().x509()),
            World.NOW);
    assertThat(verified.id()).hasToString("spiffe://shop.example/ns/cart/sa/cart");
    assertThat(verified.leaf().getPublicKey()).isEqualTo(keys.getPublic());
    AuditEvent.SvidIssued event =
        ca.awaitAudit(AuditEvent.SvidIssued.class, e -> e.attestation().isPresent());
    assertThat(event.attestation().orElseThrow().podUid()).isEqualTo(World.POD_UID);
    assertThat(event.caller().agent().orElseThrow().nodeName()).isEqualTo(World.NODE);
  }

  /** THREATS I5: a status an item, and a bad one spoils none of the others. */
  @Test
  void goodAndBadItems_eachItsOwnAnswer() throws Exception {
    KeyPair shared = TestAuthority.keys();
    String first = ca.pod("frontend", 1);
    String second = ca.pod("frontend", 2);

    Calls.Answers answers =
        Calls.answers(
            Calls.issue(
                agent,
                request(
                    item(1, first, csr(shared, "")),
                    item(2, second, csr(shared, "")),
                    item(3, "unknown.token.1", csr()),
                    item(4, "no token", csr()),
                    item(5, CART_TOKEN, new byte[] {1}),
                    item(6, CART_TOKEN, csr(TestAuthority.keys(), "CN=payments")),
                    item(7, EndpointFixture.AGENT_TOKEN, csr()),
                    item(8, "x".repeat(20_000), csr()),
                    // The same pod twice, with two keys: nothing is wrong with that.
                    item(9, CART_TOKEN, csr()),
                    item(10, CART_TOKEN, csr()))));

    assertThat(answers.count()).isEqualTo(10);
    assertThat(answers.get(1).hasSvid()).isTrue();
    assertThat(reason(answers.get(2))).isEqualTo("CSR_KEY_REUSED");
    assertThat(reason(answers.get(3))).isEqualTo("TOKEN_REJECTED");
    assertThat(reason(answers.get(4))).isEqualTo("TOKEN_MALFORMED");
    assertThat(reason(answers.get(5))).isEqualTo("CSR_MALFORMED");
    assertThat(reason(answers.get(6))).isEqualTo("CSR_ASKS_FOR_MORE");
    assertThat(reason(answers.get(7))).isEqualTo("TOKEN_REJECTED");
    assertThat(reason(answers.get(8))).isEqualTo("TOKEN_MALFORMED");
    assertThat(answers.get(9).hasSvid()).isTrue();
    assertThat(answers.get(10).hasSvid()).isTrue();
    assertThat(ca.audited.stream().filter(e -> e instanceof AuditEvent.SvidRefused)).hasSize(7);
  }

  /** THREATS T14. */
  @Test
  void podOfAnotherNode_refused() throws Exception {
    CertificateAuthorityServiceStub other = ca.as(ca.liveAgent("node-2"));

    IssueX509SvidsResponse answer =
        Calls.answers(Calls.issue(other, request(item(1, CART_TOKEN, csr())))).get(1);

    assertThat(reason(answer)).isEqualTo("NODE_MISMATCH");
    assertThat(answer.getRefusal().getRetryable()).isFalse();
  }

  /** T48: this CA's configuration does not name the cluster as one whose agents review. */
  @Test
  void agentsOwnReview_refusedBeforeAnythingIsAsked() throws Exception {
    IssueX509SvidsRequest.Item reviewed =
        item(1, CART_TOKEN, csr()).toBuilder()
            .setAgentReview(AgentReview.newBuilder().setUsername("system:serviceaccount:cart:cart"))
            .build();

    IssueX509SvidsResponse answer = Calls.answers(Calls.issue(agent, request(reviewed))).get(1);

    assertThat(reason(answer)).isEqualTo("AGENT_REVIEW_NOT_ALLOWED");
    assertThat(answer.getRefusal().getRetryable()).isFalse();
    assertThat(ca.kubernetes.askedAudiences).isEmpty();
  }

  @Test
  void apiServerDown_retryable() throws Exception {
    ca.kubernetes.down = true;

    IssueX509SvidsResponse answer =
        Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).get(1);

    assertThat(reason(answer)).isEqualTo("KUBERNETES_UNAVAILABLE");
    assertThat(answer.getRefusal().getRetryable()).isTrue();
  }

  /** One slow review must not hold the batch. */
  @Test
  void answers_comeAsEachIsDecided() throws Exception {
    ca.kubernetes.reviewGate = ScriptedKubernetes.Gate.shut(1);
    BlockingQueue<Integer> answered = new LinkedBlockingQueue<>();
    agent.issueX509Svids(
        request(item(1, CART_TOKEN, csr()), item(2, "not a token", csr())), ids(answered));

    assertThat(answered.poll(10, TimeUnit.SECONDS)).isEqualTo(2);
    ca.kubernetes.reviewGate.release();
    assertThat(answered.poll(10, TimeUnit.SECONDS)).isEqualTo(1);
  }

  @Test
  void noItems_tooMany_orAnIdTwice_invalid() throws Exception {
    List<IssueX509SvidsRequest.Item> many = new ArrayList<>();
    for (int i = 0; i < 257; i++) {
      many.add(item(i, "t", new byte[0]));
    }
    for (IssueX509SvidsRequest bad :
        List.of(
            IssueX509SvidsRequest.getDefaultInstance(),
            IssueX509SvidsRequest.newBuilder().addAllItems(many).build(),
            request(item(1, CART_TOKEN, csr()), item(1, CART_TOKEN, csr())))) {
      assertRefused(
          Calls.issue(agent, bad), Status.Code.INVALID_ARGUMENT, RefusalReason.REQUEST_MALFORMED);
    }
    assertThat(
            Calls.answers(
                    Calls.issue(
                        agent,
                        request(many.subList(0, 256).toArray(IssueX509SvidsRequest.Item[]::new))))
                .count())
        .isEqualTo(256);
  }

  @Test
  void cancelledCall_stopsWhatIsUnderWay() throws Exception {
    ca.kubernetes.podGate = ScriptedKubernetes.Gate.shut(1);
    ClientCall<IssueX509SvidsRequest, IssueX509SvidsResponse> call =
        agent
            .getChannel()
            .newCall(
                CertificateAuthorityServiceGrpc.getIssueX509SvidsMethod(), CallOptions.DEFAULT);
    StreamRecorder<IssueX509SvidsResponse> answers = StreamRecorder.create();
    ClientCalls.asyncServerStreamingCall(call, request(item(1, CART_TOKEN, csr())), answers);
    ca.kubernetes.podGate.awaitArrivals();
    assertThat(ca.items.count()).isEqualTo(1);

    call.cancel("not wanted any more", null);

    // Room for all 600 is there only once the cancelled one has left.
    Awaiting.until(() -> ca.items.count() == 0);
    assertThat(ca.audited).noneMatch(e -> e instanceof AuditEvent.SvidRefused);
  }

  @Test
  void moreCallsThanOneCallerMayHave_overloaded_withAHintWhenToComeBack() throws Exception {
    ca.kubernetes.reviewGate = ScriptedKubernetes.Gate.shut(8);
    List<StreamRecorder<IssueX509SvidsResponse>> eight = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      StreamRecorder<IssueX509SvidsResponse> one = StreamRecorder.create();
      agent.issueX509Svids(request(item(1, ca.pod("frontend", i), csr())), one);
      eight.add(one);
    }
    ca.kubernetes.reviewGate.awaitArrivals();

    StreamRecorder<IssueX509SvidsResponse> ninth =
        Calls.issue(agent, request(item(1, CART_TOKEN, csr())));

    assertRefused(ninth, Status.Code.UNAVAILABLE, RefusalReason.OVERLOADED);
    assertThat(Calls.trailers(ninth).get(RefusalStatus.PUSHBACK)).isEqualTo("1000");
    ca.kubernetes.reviewGate.release();
    for (StreamRecorder<IssueX509SvidsResponse> one : eight) {
      assertThat(one.awaitCompletion(15, TimeUnit.SECONDS)).isTrue();
      assertThat(Calls.answers(one).get(1).hasSvid()).isTrue();
    }
    // Their permits are free again.
    assertThat(Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).count())
        .isEqualTo(1);
  }

  @Test
  void moreItemsThanTheServerHasRoomFor_overloaded() throws Exception {
    try (ItemsUnderWay.Share _ = ca.items.enter(600)) {
      assertRefused(
          Calls.issue(agent, request(item(1, CART_TOKEN, csr()))),
          Status.Code.UNAVAILABLE,
          RefusalReason.OVERLOADED);
    }
    assertThat(Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).count())
        .isEqualTo(1);
  }

  @Test
  void noCertificate_callerNotAgent() throws Exception {
    assertRefused(
        Calls.issue(ca.anonymous(), request(item(1, CART_TOKEN, csr()))),
        Status.Code.UNAUTHENTICATED,
        RefusalReason.CALLER_NOT_AGENT);
    assertThat(ca.awaitAudit(AuditEvent.CallRefused.class, _ -> true).method())
        .endsWith("/IssueX509Svids");
  }

  /** THREATS T16: a workload, the CA itself or a half agent is no agent. */
  @Test
  void validSvidOfAnotherKind_callerNotAgent() throws Exception {
    for (String path :
        List.of(
            "/ns/cart/sa/cart",
            "/signet/ca",
            "/signet/agent/demo",
            "/signet/agent/demo/node-1/x",
            "/ns/agent/demo/node-1",
            "/Signet/agent/demo/node-1")) {
      TestAuthority.Leaf leaf =
          ca.authority.leaf(
              "spiffe://shop.example" + path,
              World.NOW.minusSeconds(60),
              World.NOW.plusSeconds(600));
      assertRefused(
          Calls.issue(ca.as(leaf), request(item(1, CART_TOKEN, csr()))),
          Status.Code.UNAUTHENTICATED,
          RefusalReason.CALLER_NOT_AGENT);
    }
  }

  /** THREATS T13: once a newer SVID is out, the older one is of no use, on any connection. */
  @Test
  void supersededSerial_agentNotLive() throws Exception {
    assertThat(Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).count())
        .isEqualTo(1);
    CertificateAuthorityServiceStub newer = ca.as(ca.liveAgent(World.NODE));

    assertRefused(
        Calls.issue(agent, request(item(1, CART_TOKEN, csr()))),
        Status.Code.UNAVAILABLE,
        RefusalReason.AGENT_NOT_LIVE);
    assertThat(Calls.answers(Calls.issue(newer, request(item(1, CART_TOKEN, csr())))).count())
        .isEqualTo(1);
  }

  /** THREATS T21: an open connection does not outlive the certificate it began with. */
  @Test
  void certificateEndsOnAnOpenConnection_refused() throws Exception {
    assertThat(Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).count())
        .isEqualTo(1);
    ca.clock.advance(Duration.ofHours(1).plusSeconds(1));

    assertRefused(
        Calls.issue(agent, request(item(1, CART_TOKEN, csr()))),
        Status.Code.UNAUTHENTICATED,
        RefusalReason.CALLER_NOT_AGENT);
  }

  /** THREATS T20: nor the authority. */
  @Test
  void authorityLeavesTheBundle_openConnectionRefused() throws Exception {
    assertThat(Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).count())
        .isEqualTo(1);
    ca.bundles.publish(Bundles.of(2, new TestAuthority("root-b")));

    assertRefused(
        Calls.issue(agent, request(item(1, CART_TOKEN, csr()))),
        Status.Code.UNAUTHENTICATED,
        RefusalReason.CALLER_NOT_AGENT);
  }

  @Test
  void storeDown_refusedRetryably() throws Exception {
    ca.agents.down = true;

    assertRefused(
        Calls.issue(agent, request(item(1, CART_TOKEN, csr()))),
        Status.Code.UNAVAILABLE,
        RefusalReason.STORE_UNAVAILABLE);
  }

  @Test
  void defectInTheCa_internalErrorWithoutDetail() throws Exception {
    ca.csrs =
        _ -> {
          throw new IllegalStateException("secret detail");
        };

    IssueX509SvidsResponse answer =
        Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).get(1);

    assertThat(reason(answer)).isEqualTo("INTERNAL_ERROR");
    assertThat(answer.toString()).doesNotContain("secret detail");
  }

  /** THREATS I13. */
  @Test
  void messageBeyondTheBound_refusedWithoutReadingIt() throws Exception {
    StreamRecorder<IssueX509SvidsResponse> answers =
        Calls.issue(agent, request(item(1, "x".repeat(5 * 1024 * 1024), csr())));

    assertThat(Status.fromThrowable(answers.getError()).getCode())
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(Calls.answers(Calls.issue(agent, request(item(1, CART_TOKEN, csr())))).count())
        .isEqualTo(1);
  }

  private static String reason(IssueX509SvidsResponse answer) {
    return Optional.of(answer.getRefusal().getReason()).filter(r -> !r.isEmpty()).orElse("none");
  }

  private static StreamObserver<IssueX509SvidsResponse> ids(BlockingQueue<Integer> answered) {
    return new StreamObserver<>() {
      @Override
      public void onNext(IssueX509SvidsResponse answer) {
        answered.add(answer.getId());
      }

      @Override
      public void onError(Throwable error) {
        answered.add(-1);
      }

      @Override
      public void onCompleted() {}
    };
  }
}
