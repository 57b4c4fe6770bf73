package dev.signet.ca.adapter.grpc;

import static dev.signet.ca.adapter.grpc.EndpointFixture.csr;
import static dev.signet.proto.agent.v1.Evidence.EVIDENCE_ACKNOWLEDGED;
import static dev.signet.proto.agent.v1.Evidence.EVIDENCE_HELD;
import static dev.signet.proto.agent.v1.Evidence.EVIDENCE_SENT;
import static dev.signet.proto.agent.v1.Evidence.EVIDENCE_UNSEEN;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.issuance.World;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.Evidence;
import dev.signet.ca.session.AgentState;
import dev.signet.ca.session.Holding;
import dev.signet.ca.session.PodWord;
import dev.signet.ca.session.RemovalCause;
import dev.signet.proto.agent.v1.Acknowledgement;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc.CertificateAuthorityServiceStub;
import dev.signet.proto.agent.v1.ConsumerCount;
import dev.signet.proto.agent.v1.Heartbeat;
import dev.signet.proto.agent.v1.Hello;
import dev.signet.proto.agent.v1.PodConsumers;
import dev.signet.proto.agent.v1.PodLeaf;
import dev.signet.proto.agent.v1.Problem;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionRpcTest {
  private final EndpointFixture ca = new EndpointFixture();
  private final TestAuthority.Leaf leaf = ca.liveAgent(World.NODE);
  private final CertificateAuthorityServiceStub agent = ca.as(leaf);

  @AfterEach
  void close() {
    ca.close();
  }

  /** What a session is told, in words. */
  private static final class Told implements StreamObserver<SessionResponse> {
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final AtomicInteger empties = new AtomicInteger();

    @Override
    public void onNext(SessionResponse response) {
      // Each session begins with one; who is to be asked for is another question.
      if (response.hasReissue() && response.getReissue().getAuthorityKeyIdsCount() == 0) {
        empties.incrementAndGet();
        return;
      }
      log.add(
          switch (response.getMessageCase()) {
            case BUNDLE ->
                "bundle "
                    + response.getBundle().getRevision()
                    + " of "
                    + response.getBundle().getX509AuthoritiesCount();
            case REMOVAL ->
                response.getRemoval().getPodUid() + " " + response.getRemoval().getCause();
            case REISSUE ->
                "reissue "
                    + response.getReissue().getAuthorityKeyIdsList().stream()
                        .map(id -> HexFormat.of().formatHex(id.toByteArray()))
                        .toList();
            case MESSAGE_NOT_SET -> "nothing";
          });
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

  private final Told told = new Told();

  @Test
  void hello_bundleThenChangesAndRemovals() throws Exception {
    StreamObserver<SessionRequest> session = agent.session(told);
    session.onNext(hello("p1", "p2"));
    assertThat(told.next()).isEqualTo("bundle 1 of 1");

    ca.bundles.publish(Bundles.of(2, ca.authority, new TestAuthority("root-b")));
    assertThat(told.next()).isEqualTo("bundle 2 of 2");
    ca.sessions.removed("p2", RemovalCause.TERMINATING);
    assertThat(told.next()).isEqualTo("p2 CAUSE_TERMINATING");
    ca.sessions.removed("p3", RemovalCause.DELETED);
    ca.sessions.removed("p1", RemovalCause.FINISHED);
    assertThat(told.next()).isEqualTo("p1 CAUSE_FINISHED");
    AuditEvent.SessionOpened opened = ca.awaitAudit(AuditEvent.SessionOpened.class, _ -> true);
    assertThat(opened.pods()).isEqualTo(2);
    assertThat(opened.version()).isEqualTo("0.1.0");
  }

  @Test
  void acknowledgement_isKept() throws Exception {
    StreamObserver<SessionRequest> session = agent.session(told);
    session.onNext(hello("p1"));
    assertThat(told.next()).isEqualTo("bundle 1 of 1");
    session.onNext(
        SessionRequest.newBuilder()
            .setAcknowledgement(
                Acknowledgement.newBuilder()
                    .setRevision(1)
                    .addCounts(
                        ConsumerCount.newBuilder()
                            .setEvidence(EVIDENCE_ACKNOWLEDGED)
                            .setHolding(1)
                            .setTotal(2))
                    .addLaggardPods("p1")
                    .addPods(
                        PodLeaf.newBuilder()
                            .setPodUid("p1")
                            .setSerial("5e")
                            .addConsumers(
                                PodConsumers.newBuilder()
                                    .setEvidence(EVIDENCE_HELD)
                                    .setCount(1)
                                    .setRevision(1)
                                    .setSerial("5e"))
                            .addConsumers(
                                PodConsumers.newBuilder()
                                    .setEvidence(EVIDENCE_UNSEEN)
                                    .setCount(2)
                                    .setSerial("0"))))
            .build());
    session.onNext(
        SessionRequest.newBuilder()
            .setProblem(Problem.newBuilder().setCode("X").setPodUid("p1").setDetail("d"))
            .build());
    ca.awaitAudit(AuditEvent.AgentProblem.class, problem -> problem.code().equals("X"));

    AgentState state = ca.sessions.agents().get(0);
    assertThat(state.said().revision()).isEqualTo(1);
    assertThat(state.said().counts().get(Evidence.ACKNOWLEDGED)).isEqualTo(new Holding(1, 2));
    List<AgentReport.Seen> seen =
        List.of(
            new AgentReport.Seen(Evidence.HELD, 1, 1, "5e"),
            new AgentReport.Seen(Evidence.UNSEEN, 2, 0, "0"));
    assertThat(state.said().pods()).containsEntry("p1", new PodWord("5e", seen));
    AgentReport first = ca.words.poll(10, TimeUnit.SECONDS);
    assertThat(first.full()).isTrue();
    AgentReport second = ca.words.poll(10, TimeUnit.SECONDS);
    assertThat(second.full()).isFalse();
    assertThat(second.replica()).isEqualTo("ca-1");
    assertThat(second.revision()).isEqualTo(1);
    assertThat(second.pods()).isEqualTo(Map.of("p1", seen));
    assertThat(state.said().laggardPods()).containsExactly("p1");
  }

  @Test
  void orderToReplaceLeaves_afterTheBundle_onChangeAndToLaterSessions() throws Exception {
    agent.session(told).onNext(hello());
    assertThat(told.next()).isEqualTo("bundle 1 of 1");
    ca.sessions.reissue(Set.of("0badcafe", "00ff"));
    assertThat(told.next()).isEqualTo("reissue [00ff, 0badcafe]");
    assertThat(told.empties).hasValue(1);

    Told newer = new Told();
    ca.as(leaf).session(newer).onNext(hello());
    assertThat(newer.next()).isEqualTo("bundle 1 of 1");
    assertThat(newer.next()).isEqualTo("reissue [00ff, 0badcafe]");
    ca.sessions.reissue(Set.of());
    Awaiting.until(() -> newer.empties.get() == 1);
  }

  @Test
  void wordOfAPodThatCannotBe_refused() throws Exception {
    for (PodLeaf bad :
        new PodLeaf[] {
          pod(PodConsumers.newBuilder()),
          pod(PodConsumers.newBuilder().setEvidenceValue(99)),
          pod(PodConsumers.newBuilder().setEvidence(EVIDENCE_ACKNOWLEDGED).setSerial("5E")),
          pod(
              PodConsumers.newBuilder()
                  .setEvidence(EVIDENCE_ACKNOWLEDGED)
                  .setSerial("5".repeat(41))),
          pod(PodConsumers.newBuilder().setEvidence(EVIDENCE_ACKNOWLEDGED).setRevision(-1)),
          pod(PodConsumers.newBuilder().setEvidence(EVIDENCE_ACKNOWLEDGED).setCount(-1)),
          pod(
              PodConsumers.newBuilder().setEvidence(EVIDENCE_ACKNOWLEDGED),
              PodConsumers.newBuilder().setEvidence(EVIDENCE_ACKNOWLEDGED)),
          pod(
              PodConsumers.newBuilder().setEvidence(EVIDENCE_ACKNOWLEDGED),
              PodConsumers.newBuilder().setEvidence(EVIDENCE_SENT),
              PodConsumers.newBuilder().setEvidence(EVIDENCE_HELD),
              PodConsumers.newBuilder().setEvidence(EVIDENCE_UNSEEN),
              PodConsumers.newBuilder().setEvidence(EVIDENCE_ACKNOWLEDGED)),
          PodLeaf.newBuilder().setPodUid("p1").setSerial("x").build(),
        }) {
      Told here = new Told();
      agent
          .session(here)
          .onNext(
              SessionRequest.newBuilder()
                  .setHello(Hello.newBuilder().setState(Acknowledgement.newBuilder().addPods(bad)))
                  .build());
      assertThat(here.next()).as(bad.toString()).isEqualTo("INVALID_ARGUMENT REQUEST_MALFORMED");
    }
    assertThat(ca.words).isEmpty();
  }

  private static PodLeaf pod(PodConsumers.Builder... consumers) {
    PodLeaf.Builder pod = PodLeaf.newBuilder().setPodUid("p1");
    for (PodConsumers.Builder one : consumers) {
      pod.addConsumers(one);
    }
    return pod.build();
  }

  @Test
  void firstMessageIsNoHello_refused() throws Exception {
    agent.session(told).onNext(heartbeat());

    assertThat(told.next()).isEqualTo("INVALID_ARGUMENT REQUEST_MALFORMED");
  }

  @Test
  void secondHello_refused() throws Exception {
    StreamObserver<SessionRequest> session = agent.session(told);
    session.onNext(hello());
    assertThat(told.next()).isEqualTo("bundle 1 of 1");
    session.onNext(hello());

    assertThat(told.next()).isEqualTo("INVALID_ARGUMENT REQUEST_MALFORMED");
    ca.awaitAudit(AuditEvent.SessionEnded.class, _ -> true);
    assertThat(ca.sessions.agents()).isEmpty();
  }

  @Test
  void noHello_refusedAfterAWhile() throws Exception {
    StreamObserver<SessionRequest> session = agent.session(told);
    int timersBefore = ca.clock.waiting();
    Awaiting.until(() -> ca.clock.waiting() > timersBefore || timersBefore > 1);
    ca.clock.advance(Duration.ofSeconds(10));

    assertThat(told.next()).isEqualTo("INVALID_ARGUMENT REQUEST_MALFORMED");
    assertThat(session).isNotNull();
  }

  @Test
  void unknownEvidenceOrCountsThatCannotBe_refused() throws Exception {
    for (ConsumerCount bad :
        new ConsumerCount[] {
          ConsumerCount.newBuilder()
              .setEvidence(dev.signet.proto.agent.v1.Evidence.EVIDENCE_UNSPECIFIED)
              .build(),
          ConsumerCount.newBuilder().setEvidenceValue(99).build(),
          // Of a pod, never of its consumers.
          ConsumerCount.newBuilder().setEvidence(EVIDENCE_HELD).build(),
          ConsumerCount.newBuilder().setEvidence(EVIDENCE_UNSEEN).build(),
          ConsumerCount.newBuilder()
              .setEvidence(EVIDENCE_ACKNOWLEDGED)
              .setHolding(2)
              .setTotal(1)
              .build()
        }) {
      Told here = new Told();
      agent
          .session(here)
          .onNext(
              SessionRequest.newBuilder()
                  .setHello(
                      Hello.newBuilder().setState(Acknowledgement.newBuilder().addCounts(bad)))
                  .build());
      assertThat(here.next()).isEqualTo("INVALID_ARGUMENT REQUEST_MALFORMED");
    }
  }

  /** THREATS T13, T21: the agent that attests anew ends what runs under its older SVID. */
  @Test
  void agentAttestsAgain_itsOlderSessionEnds() throws Exception {
    agent.session(told).onNext(hello());
    assertThat(told.next()).isEqualTo("bundle 1 of 1");

    assertThat(Calls.attest(ca.anonymous(), EndpointFixture.AGENT_TOKEN, csr()).getError())
        .isNull();

    assertThat(told.next()).isEqualTo("UNAVAILABLE AGENT_NOT_LIVE");
    AuditEvent.SessionEnded ended = ca.awaitAudit(AuditEvent.SessionEnded.class, _ -> true);
    assertThat(ended.why()).isEqualTo("AGENT_NOT_LIVE");
    assertThat(ca.audited).noneMatch(e -> e instanceof AuditEvent.CallRefused);
  }

  /** THREATS T21. */
  @Test
  void certificateEnds_sessionEnds() throws Exception {
    agent.session(told).onNext(hello());
    assertThat(told.next()).isEqualTo("bundle 1 of 1");

    ca.clock.advance(Duration.ofHours(1));

    assertThat(told.next()).isEqualTo("UNAVAILABLE AGENT_NOT_LIVE");
  }

  @Test
  void newerSession_theOlderOneEnds() throws Exception {
    agent.session(told).onNext(hello());
    assertThat(told.next()).isEqualTo("bundle 1 of 1");
    Told newer = new Told();
    ca.as(leaf).session(newer).onNext(hello());

    assertThat(told.next()).isEqualTo("UNAVAILABLE AGENT_NOT_LIVE");
    assertThat(newer.next()).isEqualTo("bundle 1 of 1");
  }

  @Test
  void noCertificate_refused() throws Exception {
    ca.anonymous().session(told).onNext(hello());

    assertThat(told.next()).isEqualTo("UNAUTHENTICATED CALLER_NOT_AGENT");
  }

  /** DESIGN section 8: bundles flow on while the store is down. */
  @Test
  void storeDown_sessionOpensAllTheSame() throws Exception {
    ca.agents.down = true;
    agent.session(told).onNext(hello());

    assertThat(told.next()).isEqualTo("bundle 1 of 1");
  }

  @Test
  void storeUp_supersededAgentGetsNoSession() throws Exception {
    ca.liveAgent(World.NODE);
    agent.session(told).onNext(hello());

    assertThat(told.next()).isEqualTo("UNAVAILABLE AGENT_NOT_LIVE");
  }

  /**
   * A stream that was opened before its agent was superseded, and says Hello after the newer one
   * did: the newer session must not be ended for it (THREATS T13).
   */
  @Test
  void lateHelloOfASupersededAgent_refused_andTheNewerSessionStays() throws Exception {
    StreamObserver<SessionRequest> late = openWithoutHello(told);
    Told newer = new Told();
    TestAuthority.Leaf newest = ca.liveAgent(World.NODE);
    ca.as(newest).session(newer).onNext(hello());
    assertThat(newer.next()).isEqualTo("bundle 1 of 1");

    late.onNext(hello());

    assertThat(told.next()).isEqualTo("UNAVAILABLE AGENT_NOT_LIVE");
    ca.bundles.publish(Bundles.of(2, ca.authority, new TestAuthority("root-b")));
    assertThat(newer.next()).isEqualTo("bundle 2 of 2");
  }

  /** Its successor attested while it opened, and found no session to end. */
  @Test
  void supersededWhileItOpens_endsItself() throws Exception {
    StreamObserver<SessionRequest> late = openWithoutHello(told);
    AtomicInteger reads = new AtomicInteger();
    ca.agents.beforeRead =
        () -> {
          if (reads.incrementAndGet() == 2) {
            ca.liveAgent(World.NODE);
          }
        };

    late.onNext(hello());

    assertThat(told.next()).isEqualTo("bundle 1 of 1");
    assertThat(told.next()).isEqualTo("UNAVAILABLE AGENT_NOT_LIVE");
    ca.awaitAudit(AuditEvent.SessionEnded.class, ended -> ended.why().equals("AGENT_NOT_LIVE"));
    assertThat(ca.sessions.agents()).isEmpty();
  }

  /** ADR 9. */
  @Test
  void storeDownWhenItSaysHello_sessionOpensAllTheSame() throws Exception {
    StreamObserver<SessionRequest> late = openWithoutHello(told);
    ca.agents.down = true;

    late.onNext(hello());

    assertThat(told.next()).isEqualTo("bundle 1 of 1");
    assertThat(ca.sessions.agents()).hasSize(1);
  }

  private StreamObserver<SessionRequest> openWithoutHello(Told here) throws Exception {
    int timers = ca.clock.waiting();
    StreamObserver<SessionRequest> session = agent.session(here);
    Awaiting.until(() -> ca.clock.waiting() > timers);
    return session;
  }

  @Test
  void agentEndsIt_completed_andForgotten() throws Exception {
    StreamObserver<SessionRequest> session = agent.session(told);
    session.onNext(hello("p1"));
    assertThat(told.next()).isEqualTo("bundle 1 of 1");

    session.onCompleted();

    assertThat(told.next()).isEqualTo("completed");
    assertThat(ca.sessions.agents()).isEmpty();
  }

  @Test
  void serverStops_sessionEndsWithAReason() throws Exception {
    agent.session(told).onNext(hello());
    assertThat(told.next()).isEqualTo("bundle 1 of 1");

    ca.endpoint.close();

    assertThat(told.next()).isEqualTo("UNAVAILABLE SHUTTING_DOWN");
  }

  private static SessionRequest hello(String... pods) {
    Acknowledgement.Builder state = Acknowledgement.newBuilder();
    for (String pod : pods) {
      state.addPods(PodLeaf.newBuilder().setPodUid(pod));
    }
    return SessionRequest.newBuilder()
        .setHello(Hello.newBuilder().setAgentVersion("0.1.0").setState(state))
        .build();
  }

  private static SessionRequest heartbeat() {
    return SessionRequest.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build();
  }
}
