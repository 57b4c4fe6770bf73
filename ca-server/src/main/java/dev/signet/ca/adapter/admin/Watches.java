package dev.signet.ca.adapter.admin;

import dev.signet.ca.rotation.TrustOperations;
import dev.signet.proto.admin.v1.WatchResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.HashSet;
import java.util.Set;

/**
 * The streams of those who watch: a few, each with a thread of its own, so that one who does not
 * read holds up nobody. Thread-safe.
 */
final class Watches implements AutoCloseable {
  /** At once. */
  static final int MOST = 8;

  private final TrustOperations operations;
  private final Set<WatchStream> open = new HashSet<>();
  private boolean closed;

  Watches(TrustOperations operations) {
    this.operations = operations;
  }

  /**
   * Begins a stream on a thread of its own.
   *
   * @return false if there are too many, or all of it has ended
   */
  synchronized boolean start(ServerCallStreamObserver<WatchResponse> to, boolean withPods) {
    if (closed || open.size() >= MOST) {
      return false;
    }
    WatchStream stream = new WatchStream(operations, to, withPods);
    open.add(stream);
    to.setOnCancelHandler(stream::stop);
    to.setOnReadyHandler(stream::wake);
    Thread.ofPlatform()
        .name("admin-watch")
        .daemon()
        .start(() -> {
          try {
            stream.run();
          } finally {
            ended(stream);
          }
        });
    return true;
  }

  private synchronized void ended(WatchStream stream) {
    open.remove(stream);
  }

  @Override
  public synchronized void close() {
    closed = true;
    open.forEach(WatchStream::stop);
  }
}
