package dev.signet.clustertest.latency;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Signet;
import java.io.PrintStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Measures what Signet's volume adds to the start of a pod: time from the pod's creation to its
 * SVID in the program's hand, beside the time to the first line of the same program in a pod
 * without the volume. Kinds take turns, so that what else the machine does meets all alike. Nothing
 * is left out: the first pod meets an agent and a CA that have just started.
 *
 * <pre>src/cluster-test/latency [PODS [ROUNDS [KIND...]]]</pre>
 */
public final class PodLatency {
  private static final String NAMESPACE = "latency";
  private static final String ACCOUNT = "app";
  private static final int TOGETHER = 60;
  private static final int PACE_MILLIS = 850;
  private static final int THREADS = 8;

  private final Pods pods;
  private final List<PodKind> kinds;
  private int number;

  private PodLatency(Pods pods, List<PodKind> kinds) {
    this.pods = pods;
    this.kinds = kinds;
  }

  /**
   * Measures and prints.
   *
   * @param arguments pods of each kind one at a time (200), rounds of 60 at once (3), kinds (all)
   */
  public static void main(String... arguments) throws Exception {
    int alone = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 3;
    List<PodKind> kinds =
        arguments.length > 2
            ? Arrays.stream(arguments).skip(2).map(PodKind::valueOf).toList()
            : List.of(PodKind.values());
    Signet.ensure();
    EmptyDriver.install();
    Signet.namespace(NAMESPACE, "restricted");
    Signet.account(NAMESPACE, ACCOUNT);
    try (Pods pods = new Pods(NAMESPACE, Clock.systemUTC())) {
      PodLatency latency = new PodLatency(pods, kinds);
      print(System.out, alone + " pods, one at a time", latency.oneAtATime(alone));
      print(System.out, TOGETHER + " pods at once, " + rounds + " times", latency.together(rounds));
    } finally {
      Kubectl.run("delete", "namespace", NAMESPACE, "--timeout=120s").orFail();
      EmptyDriver.remove();
    }
  }

  /**
   * A pod each {@value #PACE_MILLIS} ms, so that one has started before the next begins. Its end is
   * not waited for: kubelet tells it up to a second later.
   */
  private Map<PodKind, Figures> oneAtATime(int count) throws Exception {
    Map<PodKind, List<Future<Long>>> pending = new EnumMap<>(PodKind.class);
    try (ScheduledExecutorService pace = Executors.newScheduledThreadPool(THREADS)) {
      long after = 0;
      for (int i = 0; i < count; i++) {
        for (PodKind kind : inTurn(i)) {
          int mine = number++;
          pending
              .computeIfAbsent(kind, _ -> new ArrayList<>())
              .add(pace.schedule(() -> one(kind, mine), after, TimeUnit.MILLISECONDS));
          after += PACE_MILLIS;
        }
      }
      Map<PodKind, List<Long>> times = new EnumMap<>(PodKind.class);
      for (Map.Entry<PodKind, List<Future<Long>>> kind : pending.entrySet()) {
        for (Future<Long> time : kind.getValue()) {
          times.computeIfAbsent(kind.getKey(), _ -> new ArrayList<>()).add(time.get());
        }
      }
      return figures(times);
    }
  }

  private Map<PodKind, Figures> together(int rounds) throws Exception {
    Map<PodKind, List<Long>> times = new EnumMap<>(PodKind.class);
    for (int i = 0; i < rounds; i++) {
      for (PodKind kind : inTurn(i)) {
        List<Callable<Long>> crowd = new ArrayList<>();
        for (int k = 0; k < TOGETHER; k++) {
          int mine = number++;
          crowd.add(() -> one(kind, mine));
        }
        System.err.printf(
            "%s: %d pods with %s%n", Clock.systemUTC().instant(), TOGETHER, kind.description());
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
          for (Future<Long> time : each.invokeAll(crowd)) {
            times.computeIfAbsent(kind, _ -> new ArrayList<>()).add(time.get());
          }
        }
      }
    }
    return figures(times);
  }

  private long one(PodKind kind, int mine) throws Exception {
    return pods.measure(kind.yaml(NAMESPACE, ACCOUNT, mine), kind.lastEvent());
  }

  /** Each kind follows each other kind. */
  private List<PodKind> inTurn(int round) {
    List<PodKind> turn = new ArrayList<>(kinds);
    Collections.rotate(turn, round);
    return turn;
  }

  private static Map<PodKind, Figures> figures(Map<PodKind, List<Long>> times) {
    Map<PodKind, Figures> figures = new EnumMap<>(PodKind.class);
    times.forEach((kind, list) -> figures.put(kind, new Figures(list)));
    return figures;
  }

  private static void print(PrintStream out, String title, Map<PodKind, Figures> all) {
    out.println();
    out.println(title);
    out.println("| pods with | p50 ms | p90 ms | p99 ms | worst ms |");
    out.println("|---|---|---|---|---|");
    all.forEach((kind, figures) ->
        out.printf(
            Locale.ROOT,
            "| %s | %d | %d | %d | %d |%n",
            kind.description(),
            figures.percentile(50),
            figures.percentile(90),
            figures.percentile(99),
            figures.percentile(100)));
    added(
        out,
        "Signet's volume",
        "a pod without volumes",
        all,
        PodKind.PLAIN,
        PodKind.PLAIN_WITH_SIGNET);
    added(
        out,
        "Signet's volume",
        "an ordinary pod",
        all,
        PodKind.ORDINARY,
        PodKind.ORDINARY_WITH_SIGNET);
    added(
        out,
        "an empty volume of another CSI driver",
        "an ordinary pod",
        all,
        PodKind.ORDINARY,
        PodKind.ORDINARY_WITH_EMPTY);
  }

  private static void added(
      PrintStream out,
      String volume,
      String to,
      Map<PodKind, Figures> all,
      PodKind without,
      PodKind with) {
    Figures before = all.get(without);
    Figures after = all.get(with);
    if (before == null || after == null) {
      return;
    }
    out.printf(
        Locale.ROOT,
        "To %s %s adds %d ms at p50, %d ms at p99%n",
        to,
        volume,
        after.percentile(50) - before.percentile(50),
        after.percentile(99) - before.percentile(99));
  }
}
