package dev.signet.sandbox.endtoend;

import dev.signet.ca.CaConfig;
import dev.signet.ca.CaServer;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.process.config.ConfigDocument;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The real CA but for one thing: it is killed, by SIGKILL, in the moment after it has done a given
 * step for the n-th time. {@code DyingCa STEP N CONFIG}.
 */
final class DyingCa {
  private DyingCa() {}

  public static void main(String[] args) throws Exception {
    IssuanceStep last = IssuanceStep.valueOf(args[0]);
    AtomicInteger left = new AtomicInteger(Integer.parseInt(args[1]));
    CaConfig config = CaConfig.from(ConfigDocument.read(Path.of(args[2])));
    CaServer.start(
        config,
        InstantSource.system(),
        step -> {
          if (step == last && left.decrementAndGet() == 0) {
            die();
          }
        },
        why -> Runtime.getRuntime().halt(1));
    new CountDownLatch(1).await();
  }

  /** The thread that did the step does no other. */
  private static void die() {
    try {
      new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid())).start();
      new CountDownLatch(1).await();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
