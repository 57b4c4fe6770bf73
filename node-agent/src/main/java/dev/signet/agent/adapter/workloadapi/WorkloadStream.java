package dev.signet.agent.adapter.workloadapi;

import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.svid.WorkloadFeed;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One open stream of one workload. It sends the newest state when there is one it has not sent and
 * the one before has left this process: a slow reader costs one message of memory and skips what
 * was replaced meanwhile.
 *
 * <p>It never ends with OK or CANCELLED, which clients take as final (SPIFFE.md C-1, C-2): with
 * UNAVAILABLE when there was nothing for {@link #HOLD}, with PERMISSION_DENIED when that was
 * decided.
 *
 * <p>Thread-safe; driven by the loop, which changes the state, and by the I/O thread, which drains.
 */
final class WorkloadStream {
  static final Duration HOLD = Duration.ofSeconds(30);

  private final PodSocket socket;
  private final StateEncoder.View view;
  private final ServerCallStreamObserver<EncodedMessage> call;
  private final ConnectionConsumers.StreamConsumer consumer;
  private WorkloadFeed.@Nullable Subscription subscription;
  private AgentLoop.@Nullable Timer hold;
  private @Nullable EncodedMessage last;
  private boolean onItsWay;
  private boolean over;

  WorkloadStream(
      PodSocket socket,
      StateEncoder.View view,
      ServerCallStreamObserver<EncodedMessage> call,
      ConnectionConsumers.StreamConsumer consumer) {
    this.socket = socket;
    this.view = view;
    this.call = call;
    this.consumer = consumer;
  }

  /** Begins; to be called while the call is being started. */
  void start() {
    // One byte: ready means that all that was written has left, which is what "sent" means.
    call.setOnReadyThreshold(1);
    call.setOnReadyHandler(this::move);
    call.setOnCancelHandler(this::ended);
    synchronized (this) {
      subscription = socket.feed().subscribe(this::move);
    }
    socket.streams().accept(1);
    move();
  }

  private synchronized void move() {
    if (over || !socket.isOpen() || !call.isReady()) {
      return;
    }
    if (last != null && onItsWay) {
      onItsWay = false;
      consumer.sent(last);
    }
    switch (view.next(socket.feed().snapshot(), socket.now())) {
      case StateEncoder.Next.Send(EncodedMessage message) -> send(message);
      case StateEncoder.Next.Hold() -> startHold();
      case StateEncoder.Next.Deny(String reason) ->
          end(Status.PERMISSION_DENIED.withDescription(reason));
    }
  }

  private void send(EncodedMessage message) {
    stopHold();
    if (message == last) {
      return;
    }
    last = message;
    onItsWay = true;
    consumer.handing(message);
    call.onNext(message);
    if (call.isReady()) {
      onItsWay = false;
      consumer.sent(message);
    }
  }

  private void startHold() {
    if (hold == null) {
      hold = socket.loop().after(HOLD, this::holdOver);
    }
  }

  private void stopHold() {
    if (hold != null) {
      hold.cancel();
      hold = null;
    }
  }

  private synchronized void holdOver() {
    if (!over && hold != null && socket.isOpen()) {
      end(Status.UNAVAILABLE.withDescription("the identity is not ready: try again"));
    }
  }

  private void end(Status status) {
    ended();
    call.onError(status.asRuntimeException());
  }

  private synchronized void ended() {
    if (over) {
      return;
    }
    over = true;
    stopHold();
    if (subscription != null) {
      subscription.cancel();
    }
    consumer.close();
    socket.streams().accept(-1);
  }
}
