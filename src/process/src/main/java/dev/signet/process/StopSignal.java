package dev.signet.process;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGTERM and SIGINT as a request to stop. The first lets the main thread close what runs and end
 * with exit code 0; a second ends the process at once.
 *
 * <p>A shutdown hook cannot do this: once the virtual machine shuts down, its exit code is 143, and
 * {@link Runtime#halt} from within would skip the deletion of temporary files. {@code
 * sun.misc.Signal} (module jdk.unsupported, there to stay until something replaces it, JEP 260) is
 * reached by reflection since javac has a warning for it that nothing silences.
 */
final class StopSignal {
  private static final Logger log = LoggerFactory.getLogger(StopSignal.class);
  private static final int HALTED = 130;

  private final CompletableFuture<String> first = new CompletableFuture<>();

  private StopSignal() {}

  static StopSignal install() {
    StopSignal stop = new StopSignal();
    for (String name : List.of("TERM", "INT")) {
      stop.handle(name);
    }
    return stop;
  }

  /** Waits for the first signal, and returns its name. */
  String await() throws InterruptedException {
    try {
      return first.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends the process, with exit code 1, if it still runs after {@code limit}. */
  void haltAfter(Duration limit, Runnable farewell) {
    // Its threads are daemons: they do not keep the process from ending sooner.
    CompletableFuture.delayedExecutor(limit.toNanos(), TimeUnit.NANOSECONDS)
        .execute(() -> {
          farewell.run();
          Runtime.getRuntime().halt(ProcessMain.FAILED);
        });
  }

  // Not private: only the method handle below calls it.
  void received(String name) {
    if (!first.complete("SIG" + name)) {
      Runtime.getRuntime().halt(HALTED);
    }
  }

  private void handle(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandle received =
          MethodHandles.lookup()
              .findVirtual(
                  StopSignal.class, "received", MethodType.methodType(void.class, String.class));
      MethodHandle handle =
          MethodHandles.dropArguments(
              MethodHandles.insertArguments(received, 0, this, name), 0, signal);
      signal
          .getMethod("handle", signal, handler)
          .invoke(
              null,
              signal.getConstructor(String.class).newInstance(name),
              MethodHandleProxies.asInterfaceInstance(handler, handle));
    } catch (ReflectiveOperationException e) {
      // With -Xrs the virtual machine leaves signals alone: the process then ends by the default
      // action.
      log.warn("SIG{} will end the process without closing it in good order", name, e);
    }
  }
}
