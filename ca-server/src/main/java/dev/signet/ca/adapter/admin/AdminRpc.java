package dev.signet.ca.adapter.admin;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Operator;
import dev.signet.ca.rotation.RotationRefusal;
import dev.signet.ca.rotation.RotationRefusedException;
import dev.signet.ca.rotation.TrustOperations;
import dev.signet.process.message.Printable;
import dev.signet.proto.admin.v1.AbortRequest;
import dev.signet.proto.admin.v1.AbortResponse;
import dev.signet.proto.admin.v1.AdminServiceGrpc;
import dev.signet.proto.admin.v1.BanRequest;
import dev.signet.proto.admin.v1.BanResponse;
import dev.signet.proto.admin.v1.Node;
import dev.signet.proto.admin.v1.OverrideRequest;
import dev.signet.proto.admin.v1.OverrideResponse;
import dev.signet.proto.admin.v1.OverviewRequest;
import dev.signet.proto.admin.v1.OverviewResponse;
import dev.signet.proto.admin.v1.PauseRequest;
import dev.signet.proto.admin.v1.PauseResponse;
import dev.signet.proto.admin.v1.PlanRequest;
import dev.signet.proto.admin.v1.PlanResponse;
import dev.signet.proto.admin.v1.ResumeRequest;
import dev.signet.proto.admin.v1.ResumeResponse;
import dev.signet.proto.admin.v1.RevokeRequest;
import dev.signet.proto.admin.v1.RevokeResponse;
import dev.signet.proto.admin.v1.StartRequest;
import dev.signet.proto.admin.v1.StartResponse;
import dev.signet.proto.admin.v1.TaintRequest;
import dev.signet.proto.admin.v1.TaintResponse;
import dev.signet.proto.admin.v1.UnbanRequest;
import dev.signet.proto.admin.v1.UnbanResponse;
import dev.signet.proto.admin.v1.WatchRequest;
import dev.signet.proto.admin.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls of operators, each one call of {@link TrustOperations}. Thread-safe. */
final class AdminRpc extends AdminServiceGrpc.AdminServiceImplBase {
  private static final Logger log = LoggerFactory.getLogger(AdminRpc.class);

  /** Whose call it is, as the kernel says. */
  static final Context.Key<Integer> UID = Context.key("operator-uid");

  private final TrustOperations operations;
  private final AuditTrail audit;
  private final Watches watches;

  AdminRpc(TrustOperations operations, AuditTrail audit, Watches watches) {
    this.operations = operations;
    this.audit = audit;
    this.watches = watches;
  }

  private interface Question<A> {
    A answer() throws RotationRefusedException, RefusedException;
  }

  private interface Deed {
    void run(Operator by) throws RotationRefusedException, RefusedException;
  }

  @Override
  public void overview(OverviewRequest request, StreamObserver<OverviewResponse> observer) {
    answer(
        observer,
        () ->
            OverviewResponse.newBuilder()
                .setOverview(AdminMessages.overview(operations.overview(), request.getWithPods()))
                .build());
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
    if (!watches.start((ServerCallStreamObserver<WatchResponse>) observer, request.getWithPods())) {
      observer.onError(
          AdminRefusals.status(
              new RefusedException(
                  Refusal.of(
                      RefusalReason.OVERLOADED,
                      Watches.MOST + " watch already, or the CA is stopping; end one of them"))));
    }
  }

  @Override
  public void start(StartRequest request, StreamObserver<StartResponse> observer) {
    change(
        observer,
        "start" + (request.getForced() ? " --forced" : ""),
        request.getReason(),
        StartResponse.getDefaultInstance(),
        by -> operations.start(by, request.getForced()));
  }

  @Override
  public void pause(PauseRequest request, StreamObserver<PauseResponse> observer) {
    change(
        observer,
        "pause",
        request.getReason(),
        PauseResponse.getDefaultInstance(),
        operations::pause);
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
    change(
        observer,
        "resume",
        request.getReason(),
        ResumeResponse.getDefaultInstance(),
        operations::resume);
  }

  @Override
  public void abort(AbortRequest request, StreamObserver<AbortResponse> observer) {
    change(
        observer,
        "abort",
        request.getReason(),
        AbortResponse.getDefaultInstance(),
        operations::abort);
  }

  @Override
  public void override(OverrideRequest request, StreamObserver<OverrideResponse> observer) {
    change(
        observer,
        "override",
        request.getReason(),
        OverrideResponse.getDefaultInstance(),
        operations::override);
  }

  @Override
  public void taint(TaintRequest request, StreamObserver<TaintResponse> observer) {
    change(
        observer,
        "taint " + request.getAuthority(),
        request.getReason(),
        TaintResponse.getDefaultInstance(),
        by -> operations.taint(authority(request.getAuthority()), by));
  }

  @Override
  public void revoke(RevokeRequest request, StreamObserver<RevokeResponse> observer) {
    change(
        observer,
        "revoke " + request.getRoot() + (request.getOverride() ? " --override" : ""),
        request.getReason(),
        RevokeResponse.getDefaultInstance(),
        by -> operations.revoke(authority(request.getRoot()), by, request.getOverride()));
  }

  @Override
  public void plan(PlanRequest request, StreamObserver<PlanResponse> observer) {
    answer(
        observer,
        () ->
            PlanResponse.newBuilder()
                .setGate(AdminMessages.gate(operations.plan(authority(request.getRoot()))))
                .build());
  }

  @Override
  public void ban(BanRequest request, StreamObserver<BanResponse> observer) {
    change(
        observer,
        "ban " + name(request.getNode()),
        request.getReason(),
        BanResponse.getDefaultInstance(),
        by -> operations.ban(node(request.getNode()), by));
  }

  @Override
  public void unban(UnbanRequest request, StreamObserver<UnbanResponse> observer) {
    change(
        observer,
        "unban " + name(request.getNode()),
        request.getReason(),
        UnbanResponse.getDefaultInstance(),
        by -> operations.unban(node(request.getNode()), by));
  }

  private <A> void answer(StreamObserver<A> observer, Question<A> question) {
    A answer;
    try {
      answer = question.answer();
    } catch (RotationRefusedException e) {
      observer.onError(AdminRefusals.status(e));
      return;
    } catch (RefusedException e) {
      observer.onError(AdminRefusals.status(e));
      return;
    } catch (RuntimeException e) {
      observer.onError(unforeseen(e));
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  /** What was asked for is in the audit trail before anybody learns what came of it. */
  private <A> void change(
      StreamObserver<A> observer, String what, String reason, A answer, Deed deed) {
    Operator by = new Operator("uid " + Objects.requireNonNull(UID.get(), "no user"), reason);
    try {
      deed.run(by);
      audit.record(new AuditEvent.OperatorAsked(what, by.who(), by.why(), "DONE", ""));
    } catch (RotationRefusedException e) {
      refused(what, by, e.reason().name(), String.valueOf(e.getMessage()));
      observer.onError(AdminRefusals.status(e));
      return;
    } catch (RefusedException e) {
      refused(what, by, e.refusal().reason().name(), e.refusal().detail());
      observer.onError(AdminRefusals.status(e));
      return;
    } catch (RuntimeException e) {
      refused(what, by, RefusalReason.INTERNAL_ERROR.name(), e.toString());
      observer.onError(unforeseen(e));
      return;
    }
    observer.onNext(answer);
    observer.onCompleted();
  }

  private void refused(String what, Operator by, String reason, String detail) {
    audit.record(new AuditEvent.OperatorAsked(what, by.who(), by.why(), reason, detail));
  }

  private static StatusRuntimeException unforeseen(RuntimeException e) {
    log.error("an operator's call failed", e);
    return AdminRefusals.status(Status.Code.INTERNAL, AdminRefusals.unforeseen());
  }

  /** A text that cannot be the name of an authority is the name of none. */
  private static KeyId authority(String name) throws RotationRefusedException {
    try {
      return new KeyId(name);
    } catch (IllegalArgumentException e) {
      throw new RotationRefusedException(
          RotationRefusal.NO_SUCH_AUTHORITY, Printable.quoted(name) + " is the name of none");
    }
  }

  private static NodeRef node(Node node) throws RotationRefusedException {
    if (node.getCluster().isEmpty() || node.getName().isEmpty()) {
      throw new RotationRefusedException(
          RotationRefusal.NO_SUCH_NODE, Printable.quoted(name(node)) + " is no CLUSTER/NODE");
    }
    return new NodeRef(node.getCluster(), node.getName());
  }

  private static String name(Node node) {
    return node.getCluster() + "/" + node.getName();
  }
}
