package dev.signet.sandbox.world;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;

/**
 * Ports for processes whose address others have to know before they run, and after they were
 * killed. Taken from below the kernel's range for outgoing connections: a client that tries such a
 * port while nobody serves it could be connected to itself, and then holds the port.
 */
final class Ports {
  private static final int LOWEST = 20_000;
  private static final int COUNT = 10_000;
  private static final int TRIES = 200;

  private final SecureRandom random = new SecureRandom();

  /** A port of the loopback address that is free now. */
  int free() {
    for (int i = 0; i < TRIES; i++) {
      int port = LOWEST + random.nextInt(COUNT);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (IOException e) {
        // Taken: the next one.
      }
    }
    throw new WorldException(
        "no free port between " + LOWEST + " and " + (LOWEST + COUNT - 1) + " on this machine");
  }
}
