package dev.signet.agent.adapter.workloadapi;

import dev.signet.agent.adapter.unix.UnixPeer;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.WorkloadFeed;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.IntConsumer;

/**
 * One volume's socket as its streams see it: whose it is, and whether it is published still.
 * Thread-safe.
 */
final class PodSocket {
  /** What all sockets of the agent share. */
  record Shared(
      AgentLoop loop,
      InstantSource clock,
      BundleHolder bundles,
      ConsumerLedger ledger,
      IntConsumer streams) {}

  private final Shared shared;
  private final WorkloadFeed feed;
  private final ConnectionConsumers consumers;
  private final StateEncoder encoder = new StateEncoder();
  private volatile boolean open = true;

  PodSocket(Shared shared, PodUid pod, WorkloadFeed feed) {
    this.shared = shared;
    this.feed = feed;
    this.consumers = new ConnectionConsumers(shared.ledger(), pod);
  }

  /** Looked at before each send: after an unpublish nothing more leaves. */
  boolean isOpen() {
    return open;
  }

  void close() {
    open = false;
    encoder.clear();
  }

  WorkloadFeed feed() {
    return feed;
  }

  StateEncoder encoder() {
    return encoder;
  }

  ConnectionConsumers.StreamConsumer consumer(UnixPeer peer) {
    return consumers.open(peer);
  }

  /**
   * Takes a client's word for the bundle and the leaf that it uses.
   *
   * @return the bundle's revision; 0 where it is none of ours
   */
  long acknowledged(UnixPeer peer, byte[] digest, String serial) {
    long revision = shared.bundles().revisionOf(digest);
    consumers.acknowledged(peer, revision, serial);
    return revision;
  }

  AgentLoop loop() {
    return shared.loop();
  }

  Instant now() {
    return shared.clock().instant();
  }

  /** Counts streams up and down. */
  IntConsumer streams() {
    return shared.streams();
  }
}
