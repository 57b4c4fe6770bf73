package dev.signet.agent.adapter.workloadapi;

import dev.signet.agent.adapter.unix.UnixPeer;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.pod.PodUid;
import java.util.HashMap;
import java.util.Map;

/**
 * The connections of one socket as consumers of the bundle: a connection counts while it has a
 * stream, and holds the oldest revision that any of its streams was sent. Thread-safe.
 */
final class ConnectionConsumers {
  private final ConsumerLedger ledger;
  private final PodUid pod;
  private final Map<UnixPeer, Connection> connections = new HashMap<>();

  ConnectionConsumers(ConsumerLedger ledger, PodUid pod) {
    this.ledger = ledger;
    this.pod = pod;
  }

  /** A stream on a connection. */
  synchronized StreamConsumer open(UnixPeer peer) {
    Connection connection =
        connections.computeIfAbsent(peer, _ -> new Connection(ledger.open(pod)));
    var stream = new StreamConsumer(peer);
    connection.sent.put(stream, 0L);
    return stream;
  }

  /** The client on this connection says that it uses a revision. */
  synchronized void acknowledged(UnixPeer peer, long revision) {
    Connection connection = connections.get(peer);
    if (connection != null) {
      connection.consumer.acknowledged(revision);
    }
  }

  private synchronized void sent(StreamConsumer stream, long revision) {
    Connection connection = connections.get(stream.peer);
    if (connection != null && connection.sent.replace(stream, revision) != null) {
      connection.consumer.sent(
          connection.sent.values().stream().mapToLong(Long::longValue).min().orElse(0));
    }
  }

  private synchronized void close(StreamConsumer stream) {
    Connection connection = connections.get(stream.peer);
    if (connection != null && connection.sent.remove(stream) != null && connection.sent.isEmpty()) {
      connections.remove(stream.peer);
      connection.consumer.close();
    }
  }

  /** One connection and what each of its streams was sent. */
  private static final class Connection {
    private final ConsumerLedger.Consumer consumer;
    private final Map<StreamConsumer, Long> sent = new HashMap<>();

    Connection(ConsumerLedger.Consumer consumer) {
      this.consumer = consumer;
    }
  }

  /** One stream. */
  final class StreamConsumer {
    private final UnixPeer peer;

    private StreamConsumer(UnixPeer peer) {
      this.peer = peer;
    }

    /** A message with this revision has left the process. */
    void sent(long revision) {
      ConnectionConsumers.this.sent(this, revision);
    }

    void close() {
      ConnectionConsumers.this.close(this);
    }
  }
}
