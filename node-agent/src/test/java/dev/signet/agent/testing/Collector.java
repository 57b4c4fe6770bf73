package dev.signet.agent.testing;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Collects a stream's messages and how it ended; waits ten seconds for either. */
public final class Collector<T> implements StreamObserver<T> {
  private final BlockingQueue<T> messages = new LinkedBlockingQueue<>();
  private final CompletableFuture<Status> end = new CompletableFuture<>();

  @Override
  public void onNext(T message) {
    messages.add(message);
  }

  @Override
  public void onError(Throwable error) {
    end.complete(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
  }

  /** The next message. */
  public T next() throws InterruptedException {
    T message = messages.poll(10, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError("no message; ended: " + end);
    }
    return message;
  }

  /** How the stream ended. */
  public Status end() throws InterruptedException {
    try {
      return end.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("the stream did not end", e);
    }
  }

  public boolean isOpen() {
    return !end.isDone();
  }

  /** What came and was not taken yet. */
  public List<T> rest() {
    var rest = new ArrayList<T>();
    messages.drainTo(rest);
    return rest;
  }
}
