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
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call behind the door: it ends once, with a status that says no more than it should. */
final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
  private static final Logger log = LoggerFactory.getLogger(GuardedCall.class);

  private final Recorder recorder;
  private final AtomicBoolean closed = new AtomicBoolean();
  private Caller caller;
  private final AtomicBoolean requestAwaited = new AtomicBoolean();
  private Optional<CallLimits.Permit> permit = Optional.empty();
  private Optional<Future<?>> deadline = Optional.empty();

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

  /** Refuses the call unless its one message is whole in time. */
  void requireRequest(ScheduledExecutorService timers, Duration most) {
    requestAwaited.set(true);
    deadline =
        Optional.of(timers.schedule(this::requestLate, most.toMillis(), TimeUnit.MILLISECONDS));
  }

  private void requestLate() {
    if (requestAwaited.compareAndSet(true, false)) {
      refuse(Refusal.of(RefusalReason.REQUEST_MALFORMED, "its message did not come in time"));
    }
  }

  /** False if the call was refused for its message's lateness: nobody is to answer it now. */
  private boolean requestWhole() {
    boolean inTime = deadline.isEmpty() || requestAwaited.compareAndSet(true, false);
    deadline.ifPresent(timer -> timer.cancel(false));
    return inTime;
  }

  private void over() {
    requestAwaited.set(false);
    deadline.ifPresent(timer -> timer.cancel(false));
    permit.ifPresent(CallLimits.Permit::end);
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
    over();
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
        if (requestWhole()) {
          guarded(super::onHalfClose);
        }
      }

      @Override
      public void onReady() {
        guarded(super::onReady);
      }

      @Override
      public void onCancel() {
        over();
        guarded(super::onCancel);
      }

      @Override
      public void onComplete() {
        over();
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
