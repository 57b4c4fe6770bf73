package dev.signet.workload;

import dev.signet.proto.spiffe.SpiffeWorkloadAPIGrpc;
import dev.signet.proto.spiffe.X509SVIDRequest;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.workload.SourceStatus.Kind;
import dev.signet.workload.SourceStatus.Problem;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one stream of X509-SVIDs up, for ever: whatever ends it, it is opened again, on a
 * connection of its own.
 *
 * <p>Confined to the executor of its runtime, and calls its receiver there.
 */
final class WorkloadApiClient {

  /**
   * Who is told. Called in order, on the executor; what it throws ends the stream, which is then
   * opened again.
   */
  interface Receiver {

    /** A good message: it replaces everything before it. */
    void received(X509Message message);

    /** A message that is not to be used; the stream goes on. */
    void discarded(String problem);

    /** The stream has ended; the next try comes after the wait. */
    void ended(Problem problem, Duration wait);

    /** A Signet agent has confirmed that what was received last is loaded. */
    void acknowledged(long revision);
  }

  private final WorkloadApiTransport transport;
  private final SourceRuntime runtime;
  private final Receiver receiver;
  private final Backoff backoff;
  private @Nullable Connection connection;
  private boolean closed;

  WorkloadApiClient(WorkloadApiTransport transport, SourceRuntime runtime, Receiver receiver) {
    this.transport = transport;
    this.runtime = runtime;
    this.receiver = receiver;
    this.backoff = runtime.newBackoff();
  }

  void start() {
    runtime.executor().execute(this::connect);
  }

  /** Ends the stream, then the threads. May be called from any thread, once. */
  void close() {
    runtime.executor().execute(this::end);
  }

  private void connect() {
    if (closed) {
      return;
    }
    try {
      connection = new Connection(transport.open());
      connection.start();
    } catch (RuntimeException | LinkageError e) {
      // A class path that lacks a part shows here; it must be seen in the status, not die with this
      // task.
      retry(new Problem(Kind.UNAVAILABLE, "no connection can be made: " + e));
    }
  }

  private void retry(Problem problem) {
    connection = null;
    Duration wait = problem.kind() == Kind.UNSUPPORTED ? backoff.seldom() : backoff.next();
    receiver.ended(problem, wait);
    Future<?> unused =
        runtime.executor().schedule(this::connect, wait.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void end() {
    closed = true;
    if (connection != null) {
      connection.drop();
      connection = null;
    }
    transport.close(runtime.executor()::shutdownNow);
  }

  /** One connection, the stream on it, and the acknowledgements beside the stream. */
  private final class Connection implements StreamObserver<X509SVIDResponse> {
    private final ManagedChannel channel;
    private final Acknowledger acknowledger;

    Connection(ManagedChannel channel) {
      this.channel = channel;
      this.acknowledger = new Acknowledger(channel, runtime, receiver);
    }

    void start() {
      SpiffeWorkloadAPIGrpc.newStub(channel)
          .fetchX509SVID(X509SVIDRequest.getDefaultInstance(), this);
    }

    void drop() {
      acknowledger.end();
      channel.shutdownNow();
    }

    @Override
    public void onNext(X509SVIDResponse response) {
      if (connection != this) {
        return;
      }
      X509Message message;
      try {
        message = X509Message.parse(response, runtime.clock().instant());
      } catch (DiscardedMessageException e) {
        receiver.discarded(String.valueOf(e.getMessage()));
        return;
      }
      backoff.worked();
      receiver.received(message);
      acknowledger.loaded(message.context());
    }

    @Override
    public void onError(Throwable failure) {
      ended(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      ended(Status.OK);
    }

    private void ended(Status status) {
      if (connection != this) {
        return;
      }
      drop();
      retry(StreamEnds.problem(status));
    }
  }
}
