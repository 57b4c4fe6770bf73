package dev.signet.sandbox.world;

import java.net.URI;
import java.time.Duration;

/** Starts the processes of a world. Thread-safe. */
final class Processes implements AutoCloseable {
  private final Installation installation;
  private final Guard guard;
  private final ReadyProbe probe = new ReadyProbe();

  Processes(Installation installation, Guard guard) {
    this.installation = installation;
    this.guard = guard;
  }

  Installation installation() {
    return installation;
  }

  Child start(Command command) {
    return Child.start(guard, command);
  }

  String awaitReady(Child child, URI readyz, Duration limit) {
    return probe.await(child, readyz, limit);
  }

  @Override
  public void close() {
    probe.close();
  }
}
