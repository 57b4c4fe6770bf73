package dev.signet.process;

import dev.signet.process.Arguments.Help;
import dev.signet.process.Arguments.Run;
import dev.signet.process.Arguments.Wrong;
import dev.signet.process.Command.ServiceCommand;
import dev.signet.process.Command.TaskCommand;
import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main of a process: its verbs, its configuration file, its exit code and its orderly end.
 *
 * <p>Exit codes: 0 done, or stopped by a signal in good order; 1 the start was refused or something
 * failed; 2 the command line or the configuration is wrong, and nothing was started.
 *
 * <p>Memory: a process of Signet runs with {@code -XX:+ExitOnOutOfMemoryError}. After an
 * OutOfMemoryError no promise of the code holds (a thread may have died anywhere), so it ends at
 * once and is started again.
 */
public final class ProcessMain {
  public static final int OK = 0;
  public static final int FAILED = 1;
  public static final int USAGE = 2;

  private static final Logger log = LoggerFactory.getLogger(ProcessMain.class);
  // Kubernetes kills after 30 s: end before that by ourselves, and say so.
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  private final String name;
  private final Map<String, Command> verbs;
  private final PrintStream out;
  private final PrintStream err;

  ProcessMain(String name, Map<String, Command> verbs, PrintStream out, PrintStream err) {
    this.name = name;
    this.verbs = new TreeMap<>(verbs);
    this.out = out;
    this.err = err;
  }

  /**
   * Runs {@code VERB --config FILE}. To be called once, by {@code main}, which hands the result to
   * {@link System#exit}.
   *
   * @param name of the process, as its user calls it
   * @return the exit code
   */
  public static int run(String name, String[] args, Map<String, Command> verbs) {
    return new ProcessMain(name, verbs, System.out, System.err).run(args);
  }

  int run(String... args) {
    return switch (Arguments.parse(List.of(args), verbs.keySet())) {
      case Help() -> {
        out.println(usage());
        yield OK;
      }
      case Wrong(String text) -> {
        err.println(name + ": " + text);
        yield USAGE;
      }
      case Run run -> run(run);
    };
  }

  private int run(Run run) {
    try {
      ConfigDocument config = ConfigDocument.read(run.config());
      switch (Objects.requireNonNull(verbs.get(run.verb()))) {
        case TaskCommand(_, Command.Task task) -> out.println(task.run(config));
        case ServiceCommand(_, Command.Service service) -> serve(service, config);
      }
      return OK;
    } catch (ConfigException e) {
      err.println(e.getMessage());
      return USAGE;
    } catch (StartRefusedException e) {
      err.println(name + ": " + e.getMessage());
      return FAILED;
    } catch (IOException e) {
      err.println(
          name
              + ": "
              + run.verb()
              + " failed: "
              + Objects.requireNonNullElse(e.getMessage(), e.toString()));
      log.debug("{} failed", run.verb(), e);
      return FAILED;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILED;
    } catch (Exception e) {
      log.error("{} failed", run.verb(), e);
      err.println(name + ": " + run.verb() + " failed: " + e);
      return FAILED;
    }
  }

  private void serve(Command.Service service, ConfigDocument config) throws Exception {
    StopSignal stop = StopSignal.install();
    try (Resources running = new Resources()) {
      running.add(service.start(config));
      String signal = stop.await();
      log.info("stopping on {}", signal);
      stop.haltAfter(
          STOP_LIMIT,
          () -> err.println(name + ": did not stop within " + STOP_LIMIT.toSeconds() + " s"));
    }
    log.info("stopped");
  }

  private String usage() {
    StringBuilder text = new StringBuilder("usage: " + name + " VERB --config FILE\n");
    verbs.forEach((verb, command) ->
        text.append(String.format(Locale.ROOT, "\n  %-10s %s", verb, command.description())));
    return text.toString();
  }
}
