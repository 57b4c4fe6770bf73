package dev.signet.ca.adapter.grpc;

import dev.signet.ca.audit.Caller;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.svid.AgentSvids;
import dev.signet.ca.svid.SvidAnswer;
import dev.signet.ca.svid.SvidRequest;
import dev.signet.ca.svid.WorkloadSvids;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc.CertificateAuthorityServiceImplBase;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * The RPCs of {@code signet.agent.v1}: reads messages, calls the use cases, writes answers. {@link
 * CallGuard} stands before it. Thread-safe.
 */
final class CertificateAuthorityRpc extends CertificateAuthorityServiceImplBase {
  static final int MAX_ITEMS = 256;

  private final AgentSvids agentSvids;
  private final WorkloadSvids workloadSvids;
  private final CurrentBundle bundles;
  private final SessionRpc sessionRpc;
  private final ItemsUnderWay items;
  private final AgentBudget budget;
  private final ExecutorService threads;

  /**
   * Makes the service.
   *
   * @param threads one a call, so that a cancelled call can be stopped
   */
  CertificateAuthorityRpc(
      AgentSvids agentSvids,
      WorkloadSvids workloadSvids,
      CurrentBundle bundles,
      SessionRpc sessionRpc,
      ItemsUnderWay items,
      AgentBudget budget,
      ExecutorService threads) {
    this.agentSvids = agentSvids;
    this.workloadSvids = workloadSvids;
    this.bundles = bundles;
    this.sessionRpc = sessionRpc;
    this.items = items;
    this.budget = budget;
    this.threads = threads;
  }

  @Override
  public void attestAgent(
      AttestAgentRequest request, StreamObserver<AttestAgentResponse> responses) {
    Caller caller = CallGuard.CALLER.get();
    SvidRequest asked = SvidRequest.of(request.getToken(), request.getCsr().toByteArray());
    run(
        responses,
        () -> {
          switch (agentSvids.issue(caller, asked)) {
            case SvidAnswer.Issued(IssuedSvid svid) -> {
              responses.onNext(
                  AttestAgentResponse.newBuilder()
                      .setSvid(Messages.svid(svid))
                      .setBundle(Messages.bundle(bundles.get()))
                      .build());
              responses.onCompleted();
              // After the answer: the agent should hear of its new SVID before its session ends.
              sessionRpc.superseded(svid);
            }
            case SvidAnswer.NotIssued(Refusal refusal) ->
                responses.onError(RefusalStatus.recorded(refusal));
          }
        });
  }

  @Override
  public void issueX509Svids(
      IssueX509SvidsRequest request, StreamObserver<IssueX509SvidsResponse> responses) {
    Caller caller = CallGuard.CALLER.get();
    AgentPeer agent = caller.agent().orElseThrow();
    run(
        responses,
        () -> {
          List<IssueX509SvidsRequest.Item> asked = checked(request);
          budget.spend(agent, asked.size());
          try (ItemsUnderWay.Share _ = items.enter(asked.size())) {
            workloadSvids.issue(
                caller,
                agent,
                asked.stream().map(Messages::request).toList(),
                (index, answer) ->
                    send(responses, Messages.answer(asked.get(index).getId(), answer)));
          }
          responses.onCompleted();
        });
  }

  @Override
  public StreamObserver<SessionRequest> session(StreamObserver<SessionResponse> responses) {
    return sessionRpc.open(
        CallGuard.CALLER.get(), (ServerCallStreamObserver<SessionResponse>) responses);
  }

  private static List<IssueX509SvidsRequest.Item> checked(IssueX509SvidsRequest request)
      throws RefusedException {
    List<IssueX509SvidsRequest.Item> items = request.getItemsList();
    if (items.isEmpty() || items.size() > MAX_ITEMS) {
      throw new RefusedException(
          RefusalReason.REQUEST_MALFORMED,
          items.size() + " items, 1 to " + MAX_ITEMS + " are taken");
    }
    Set<Integer> ids = new HashSet<>();
    for (IssueX509SvidsRequest.Item item : items) {
      if (!ids.add(item.getId())) {
        throw new RefusedException(
            RefusalReason.REQUEST_MALFORMED,
            "two items have the id " + Integer.toUnsignedString(item.getId()));
      }
    }
    return items;
  }

  /** Answers come from several threads, and an observer takes one at a time. */
  private static void send(
      StreamObserver<IssueX509SvidsResponse> responses, IssueX509SvidsResponse message) {
    synchronized (responses) {
      responses.onNext(message);
    }
  }

  private interface Work {
    void run() throws RefusedException, InterruptedException;
  }

  /** Runs a call's work apart, and interrupts it when the caller goes away. */
  private <A> void run(StreamObserver<A> responses, Work work) {
    ServerCallStreamObserver<A> observer = (ServerCallStreamObserver<A>) responses;
    Future<?> running =
        threads.submit(() -> {
          try {
            work.run();
          } catch (RefusedException | RuntimeException e) {
            if (!observer.isCancelled()) {
              observer.onError(e);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    observer.setOnCancelHandler(() -> running.cancel(true));
  }
}
