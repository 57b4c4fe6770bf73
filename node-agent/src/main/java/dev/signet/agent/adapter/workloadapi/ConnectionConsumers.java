package dev.signet.agent.adapter.workloadapi;

import dev.signet.agent.adapter.unix.UnixPeer;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.bundle.HandedLeaf;
import dev.signet.agent.pod.PodUid;
import java.util.HashMap;
import java.util.Map;

/**
 * The connections of one socket as consumers of bundle and leaf: a connection counts while it has a
 * stream, and holds the oldest revision and the oldest leaf that any of its streams was sent.
 * Thread-safe.
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
    connection.sent.put(stream, Sent.NOTHING);
    return stream;
  }

  /** The client on this connection says that it uses a revision and a leaf. */
  synchronized void acknowledged(UnixPeer peer, long revision, String serial) {
    Connection connection = connections.get(peer);
    if (connection != null) {
      connection.consumer.acknowledged(revision, serial);
    }
  }

  private synchronized HandedLeaf handing(StreamConsumer stream, EncodedMessage message) {
    Connection connection = connections.get(stream.peer);
    return connection == null
        ? HandedLeaf.NONE
        : connection.consumer.handing(message.revision(), message.serial());
  }

  private synchronized void sent(StreamConsumer stream, Sent sent) {
    Connection connection = connections.get(stream.peer);
    if (connection != null && connection.sent.replace(stream, sent) != null) {
      connection.tell();
    }
  }

  private synchronized void close(StreamConsumer stream) {
    Connection connection = connections.get(stream.peer);
    if (connection == null || connection.sent.remove(stream) == null) {
      return;
    }
    if (connection.sent.isEmpty()) {
      connections.remove(stream.peer);
      connection.consumer.close();
    } else {
      connection.tell();
    }
  }

  /** One connection and what each of its streams was sent. */
  private static final class Connection {
    private final ConsumerLedger.Consumer consumer;
    private final Map<StreamConsumer, Sent> sent = new HashMap<>();

    Connection(ConsumerLedger.Consumer consumer) {
      this.consumer = consumer;
    }

    void tell() {
      Sent oldest = sent.values().stream().reduce(Sent::oldest).orElse(Sent.NOTHING);
      consumer.sent(oldest.revision(), oldest.leaf());
    }
  }

  /** What a stream was sent last. */
  private record Sent(long revision, HandedLeaf leaf) {
    static final Sent NOTHING = new Sent(0, HandedLeaf.NONE);

    Sent oldest(Sent other) {
      return new Sent(Math.min(revision, other.revision), HandedLeaf.older(leaf, other.leaf));
    }
  }

  /** One stream. */
  final class StreamConsumer {
    private final UnixPeer peer;
    private HandedLeaf handed = HandedLeaf.NONE;

    private StreamConsumer(UnixPeer peer) {
      this.peer = peer;
    }

    /** This message is about to be written: its leaf may be acknowledged from now on. */
    void handing(EncodedMessage message) {
      handed = ConnectionConsumers.this.handing(this, message);
    }

    /** The message that was handed last has left the process. */
    void sent(EncodedMessage message) {
      ConnectionConsumers.this.sent(this, new Sent(message.revision(), handed));
    }

    void close() {
      ConnectionConsumers.this.close(this);
    }
  }
}
