package dev.signet.ca.adapter.admin;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.TrustOperations;
import dev.signet.proto.admin.v1.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One who watches. Sends how things stand at once and after each change, as one what changed within
 * {@link #PACE}; looks besides each {@link #LOOK}, for with time alone evidence becomes enough and
 * leaves end. Sends nothing that is as it was. Runs on one thread; told from any.
 */
final class WatchStream {
  private static final Logger log = LoggerFactory.getLogger(WatchStream.class);

  /** Between two messages; five a second. */
  static final Duration PACE = Duration.ofMillis(200);

  private static final Duration LOOK = Duration.ofSeconds(1);

  private final TrustOperations operations;
  private final ServerCallStreamObserver<WatchResponse> to;
  private final boolean withPods;
  private boolean changed;
  private boolean stopped;
  private WatchResponse last = WatchResponse.getDefaultInstance();

  WatchStream(
      TrustOperations operations, ServerCallStreamObserver<WatchResponse> to, boolean withPods) {
    this.operations = operations;
    this.to = to;
    this.withPods = withPods;
  }

  /** Something may have changed. Does not block. */
  synchronized void changed() {
    changed = true;
    notifyAll();
  }

  /** The other side can take more. */
  synchronized void wake() {
    notifyAll();
  }

  /** The stream ends. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  void run() {
    try (TrustOperations.Watch _ = operations.watch(this::changed)) {
      while (awaitTaker()) {
        long began = System.nanoTime();
        look();
        if (!awaitChange(began)) {
          break;
        }
      }
      end(Status.UNAVAILABLE.withDescription(RefusalReason.SHUTTING_DOWN.name()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(Status.UNAVAILABLE.withDescription(RefusalReason.SHUTTING_DOWN.name()));
    } catch (RuntimeException e) {
      log.error("an operator's watch failed", e);
      end(Status.INTERNAL.withDescription(RefusalReason.INTERNAL_ERROR.name()));
    }
  }

  private void look() {
    WatchResponse now;
    try {
      now =
          WatchResponse.newBuilder()
              .setOverview(AdminMessages.overview(operations.overview(), withPods))
              .build();
    } catch (RefusedException e) {
      now = WatchResponse.newBuilder().setTrouble(AdminRefusals.message(e)).build();
    }
    if (!timeless(now).equals(timeless(last))) {
      last = now;
      to.onNext(now);
    }
  }

  private static WatchResponse timeless(WatchResponse message) {
    if (!message.hasOverview()) {
      return message;
    }
    return message.toBuilder().setOverview(message.getOverview().toBuilder().clearAt()).build();
  }

  /** Until the other side takes more; whether it is to go on. */
  private synchronized boolean awaitTaker() throws InterruptedException {
    while (!stopped && !to.isReady()) {
      wait(LOOK.toMillis());
    }
    changed = false;
    return !stopped;
  }

  /** Until it is time to look again; whether it is to go on. */
  private synchronized boolean awaitChange(long began) throws InterruptedException {
    long left;
    while (!stopped && (left = (changed ? PACE : LOOK).toNanos() - elapsed(began)) > 0) {
      wait(left / 1_000_000 + 1);
    }
    return !stopped;
  }

  private static long elapsed(long began) {
    return System.nanoTime() - began;
  }

  private void end(Status status) {
    if (!to.isCancelled()) {
      to.onError(status.asRuntimeException());
    }
  }
}
