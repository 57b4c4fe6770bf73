package dev.signet.ca;

import dev.signet.ca.adapter.postgresql.PostgresServer;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.KillDrill;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Kills one process after another over the same store, by SIGKILL, at the steps of issuance and
 * rotation in an order that a seed decides, and looks at what each has left behind. Of one thread.
 */
final class KillCampaign {
  /** A step that is not come to by then is never come to. */
  private static final Duration LONGEST = Duration.ofMinutes(2);

  /** By which each process is later than the one before: their leaves end in time. */
  private static final Duration LATER = Duration.ofMinutes(4);

  private static final int KILLED = 128 + 9;

  private final Path folder;
  private final Optional<String> url;
  private final List<String> java;
  private final Random random;
  private final StoreAudit audit;
  private final List<IssuanceStep> next = new ArrayList<>();
  private Duration ahead = Duration.ZERO;
  private int kills;

  /** Something is not as it must be; says what, and after which kill. */
  static final class ViolationException extends Exception {
    private static final long serialVersionUID = 1;

    ViolationException(String message) {
      super(message);
    }
  }

  /**
   * Sets a CA up.
   *
   * @param folder empty; in it is the data folder, and what lies beside it
   * @param url of the empty database that is the store, if one is
   * @param java how a JVM is started that has these classes
   */
  KillCampaign(Path folder, Optional<String> url, List<String> java, long seed) throws Exception {
    this.folder = folder;
    this.url = url;
    this.java = java;
    this.random = new Random(seed);
    StorePlace store = url.map(KillDrill::postgres).orElseGet(StorePlace.InFolder::new);
    IssuingCa.init(KillDrill.settings(data(), store), InstantSource.system(), IssuanceSteps.NONE);
    try (Connection connection = connect()) {
      this.audit = new StoreAudit(connection);
    }
  }

  private Path data() {
    return folder.resolve("data");
  }

  int kills() {
    return kills;
  }

  /** Rotations that came to their end. */
  int rotations() {
    return audit.completed();
  }

  int certificates() {
    return audit.recorded();
  }

  /** The steps in the order in which they come; each once before any comes again. */
  void kill() throws Exception {
    if (next.isEmpty()) {
      next.addAll(Arrays.asList(IssuanceStep.values()));
      Collections.shuffle(next, random);
    }
    IssuanceStep step = next.removeLast();
    kill(step, 1 + random.nextInt(most(step)));
  }

  /** One process, which dies as soon as it comes to a step for the n-th time. */
  void kill(IssuanceStep step, int occurrence) throws Exception {
    Run run = run(step.name(), occurrence);
    kills++;
    look(run, "kill %d, occurrence %d of %s".formatted(kills, occurrence, step), KILLED);
  }

  /** One more process, which nobody kills: it goes on where the last one stopped, and ends. */
  void settle() throws Exception {
    look(run("NONE", 1), "the last start", 0);
    List<String> useless = audit.useless(keys());
    if (!useless.isEmpty()) {
      throw new ViolationException("keys of roots that are gone were not destroyed: " + useless);
    }
  }

  /** So many times a process comes to a step within some tenths of a second. */
  private static int most(IssuanceStep step) {
    return switch (step) {
      case GROUP_BEGUN, GROUP_WRITTEN, GROUP_COMMITTED -> 40;
      case BUILT, LINTED, RECORDED, SIGNED, VALIDATED -> 25;
      case KEY_WRITTEN, KEY_CREATED, AUTHORITY_ACTIVATED -> 3;
      case TRUST_READ, BUNDLE_ADOPTED, SIGNER_ADOPTED, AGENTS_TOLD -> 4;
      case ROTATION_PREPARED, ROTATION_PUBLISHED, ROTATION_ACTIVATED -> 2;
      default -> 1;
    };
  }

  private record Run(int exit, boolean late, List<String> lines) {}

  private void look(Run run, String when, int exit) throws Exception {
    List<String> wrong = new ArrayList<>();
    if (run.late()) {
      wrong.add("it was not come to within " + LONGEST.toSeconds() + " s");
    } else if (run.exit() != exit) {
      wrong.add("the process ended with " + run.exit());
    }
    try (Connection connection = connect()) {
      wrong.addAll(audit.look(connection, run.lines(), keys()).stream().distinct().toList());
    }
    wrong.addAll(
        DrilledConsumer.broken(
            DrilledConsumer.all(folder.resolve("consumers")), Instant.now().plus(ahead)));
    if (!wrong.isEmpty()) {
      List<String> last =
          run.lines().subList(Math.max(0, run.lines().size() - 40), run.lines().size());
      throw new ViolationException(
          when
              + ":\n  "
              + String.join("\n  ", wrong)
              + "\nIt said:\n  "
              + String.join("\n  ", last));
    }
  }

  private Run run(String step, int occurrence) throws IOException, InterruptedException {
    ahead = ahead.plus(LATER);
    List<String> command = new ArrayList<>(java);
    command.addAll(
        List.of(
            RotationDrill.class.getName(),
            data().toString(),
            step,
            Integer.toString(occurrence),
            Long.toString(ahead.toSeconds()),
            Long.toString(random.nextLong())));
    url.ifPresent(command::add);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    CompletableFuture<Void> watch =
        CompletableFuture.runAsync(
            process.toHandle()::destroyForcibly,
            CompletableFuture.delayedExecutor(LONGEST.toMillis(), TimeUnit.MILLISECONDS));
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (line.startsWith("at ")) {
          // By its handle: what it said before stays to be read.
          process.toHandle().destroyForcibly();
        }
      }
      return new Run(process.waitFor(), watch.isDone(), lines);
    } finally {
      watch.cancel(false);
      process.destroyForcibly();
    }
  }

  /** SQLite's files are copied first: it is the next process that is to find what the last left. */
  private Connection connect() throws SQLException, IOException {
    if (url.isPresent()) {
      return PostgresServer.connect(url.get());
    }
    Path copy = Files.createDirectories(folder.resolve("copy"));
    for (String file : List.of("signet.db", "signet.db-wal", "signet.db-shm")) {
      Files.deleteIfExists(copy.resolve(file));
      if (!file.endsWith("-shm") && Files.exists(data().resolve(file))) {
        Files.copy(data().resolve(file), copy.resolve(file));
      }
    }
    return DriverManager.getConnection("jdbc:sqlite:" + copy.resolve("signet.db"));
  }

  private List<String> keys() throws SQLException, IOException {
    if (url.isPresent()) {
      return KillDrillContract.strings(connect(), "SELECT key_id FROM sealed_key");
    }
    try (var files = Files.list(data().resolve("keys"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".key"))
          .map(name -> name.substring(0, name.length() - ".key".length()))
          .toList();
    }
  }
}
