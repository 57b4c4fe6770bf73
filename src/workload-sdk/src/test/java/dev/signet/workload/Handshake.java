package dev.signet.workload;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/** Two engines that talk through memory. */
final class Handshake {

  private static final int MAX_STEPS = 200;

  private final SSLEngine engine;
  private final ByteBuffer outgoing = ByteBuffer.allocate(128 * 1024);
  private final ByteBuffer plain = ByteBuffer.allocate(64 * 1024);

  private Handshake(SSLEngine engine) {
    this.engine = engine;
  }

  /**
   * Runs the handshake until neither side has anything to say; the bytes sent by the second after
   * it was finished.
   */
  static int run(SSLEngine client, SSLEngine server) throws SSLException {
    Handshake calling = new Handshake(client);
    Handshake accepting = new Handshake(server);
    client.beginHandshake();
    server.beginHandshake();
    int afterwards = 0;
    for (int i = 0; i < MAX_STEPS; i++) {
      boolean finishedBefore = client.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
      boolean moved = calling.step(accepting.outgoing);
      int before = accepting.outgoing.position();
      moved |= accepting.step(calling.outgoing);
      if (finishedBefore) {
        afterwards += accepting.outgoing.position() - before;
      }
      if (!moved) {
        return afterwards;
      }
    }
    throw new AssertionError("the handshake does not end");
  }

  private boolean step(ByteBuffer incoming) throws SSLException {
    runTasks();
    boolean moved = false;
    if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
      SSLEngineResult wrapped = engine.wrap(ByteBuffer.allocate(0), outgoing);
      moved = wrapped.bytesProduced() > 0;
    } else if (incoming.position() > 0) {
      incoming.flip();
      SSLEngineResult unwrapped = engine.unwrap(incoming, plain);
      incoming.compact();
      moved = unwrapped.bytesConsumed() > 0 || unwrapped.bytesProduced() > 0;
    }
    return runTasks() || moved;
  }

  private boolean runTasks() {
    boolean ran = false;
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
      ran = true;
    }
    return ran;
  }
}
