package dev.signet.ca.adapter.grpc;

import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call behind the door: it ends once, with a status that says no more than it should. */
final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private static final Logger log = LoggerFactory.getLogger(GuardedCall.class);

  private final Recorder recorder;
  private final AtomicBoolean closed = new AtomicBoolean();
  private Caller caller;
  private Optional<CallLimits.Permit> permit = Optional.empty();

  /** Writes down a refusal that nobody has written down yet. */
  interface Recorder {
    void record(String method, Refusal refusal, Caller caller);
  }

  GuardedCall(ServerCall<Q, A> call, Recorder recorder, Caller caller) {
    super(call);
    this.recorder = recorder;
    this.caller = caller;
  }

  void calledBy(Caller known) {
    caller = known;
  }

  void holds(CallLimits.Permit taken) {
    permit = Optional.of(taken);
  }

  @Override
  public void close(Status status, Metadata trailers) {
    if (status.getCause() instanceof RefusedException refused) {
      refuse(refused.refusal());
    } else if (!status.isOk() && status.getCause() != null) {
      failed(status.getCause());
    } else {
      end(status, trailers);
    }
  }

  void refuse(Refusal refusal) {
    if (closed.get()) {
      return;
    }
    recorder.record(getMethodDescriptor().getFullMethodName(), refusal, caller);
    end(RefusalStatus.status(refusal.reason()), RefusalStatus.trailers(refusal));
  }

  void failed(Throwable cause) {
    log.error("{} failed", getMethodDescriptor().getFullMethodName(), cause);
    refuse(Refusal.of(RefusalReason.INTERNAL_ERROR, cause.getClass().getSimpleName()));
  }

  private void end(Status status, Metadata trailers) {
    permit.ifPresent(CallLimits.Permit::end);
    if (closed.compareAndSet(false, true)) {
      super.close(status, trailers);
    }
  }

  /** Ends the call if its handler throws, and its permit when it is over. */
  ServerCall.Listener<Q> watch(ServerCall.Listener<Q> listener) {
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        guarded(() -> super.onMessage(message));
      }

      @Override
      public void onHalfClose() {
        guarded(super::onHalfClose);
      }

      @Override
      public void onReady() {
        guarded(super::onReady);
      }

      @Override
      public void onCancel() {
        permit.ifPresent(CallLimits.Permit::end);
        guarded(super::onCancel);
      }

      @Override
      public void onComplete() {
        permit.ifPresent(CallLimits.Permit::end);
        guarded(super::onComplete);
      }

      private void guarded(Runnable handler) {
        try {
          handler.run();
        } catch (RuntimeException e) {
          failed(e);
        }
      }
    };
  }
}
