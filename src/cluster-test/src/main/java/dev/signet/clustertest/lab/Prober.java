package dev.signet.clustertest.lab;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.sandbox.world.Eventually;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Pairs of pods that make a new mutual-TLS connection every 100 ms, each a whole handshake, and
 * count those that fail (FAULTS.md). A drill that promises no failed handshake runs inside {@link
 * #unharmedBy}. The counts are read from the pods themselves, whatever has become of the API
 * server.
 */
public final class Prober {
  private static final int SERVICE = 8443;
  private static final int STATS = 8080;
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String CALLER = "caller";
  private static final String CALLEE = "callee";

  private final List<Client> clients;

  private Prober(List<Client> clients) {
    this.clients = clients;
  }

  /** Something that is done to the cluster. */
  @FunctionalInterface
  public interface Drill {
    void run() throws Exception;
  }

  private record Client(ProbePod pod, String address) {}

  private record Counts(int calls, int failed, String lastError) {}

  /** Two pairs, which call each other across two nodes in both directions. */
  public static Prober between(String namespace, String one, String other)
      throws InterruptedException {
    return start(namespace, List.of(List.of(one, other), List.of(other, one)));
  }

  /** One pair on a node. */
  public static Prober within(String namespace, String node) throws InterruptedException {
    return start(namespace, List.of(List.of(node, node)));
  }

  private static Prober start(String namespace, List<List<String>> routes)
      throws InterruptedException {
    Signet.account(namespace, CALLER);
    Signet.account(namespace, CALLEE);
    List<ProbePod> servers = new ArrayList<>();
    for (List<String> route : routes) {
      servers.add(
          ProbePod.of(
                  namespace,
                  "callee-on-" + route.get(1),
                  CALLEE,
                  route.get(1),
                  "serve",
                  "--allow",
                  Signet.id(namespace, CALLER))
              .create());
    }
    List<ProbePod> callers = new ArrayList<>();
    for (int i = 0; i < routes.size(); i++) {
      callers.add(
          ProbePod.of(
                  namespace,
                  "caller-on-" + routes.get(i).get(0),
                  CALLER,
                  routes.get(i).get(0),
                  "load",
                  servers.get(i).awaitReady().address() + ":" + SERVICE,
                  "--expect",
                  Signet.id(namespace, CALLEE))
              .create());
    }
    List<Client> clients = new ArrayList<>();
    for (ProbePod caller : callers) {
      clients.add(new Client(caller.awaitReady(), caller.address()));
    }
    var prober = new Prober(clients);
    for (Client client : clients) {
      prober.awaitCall(client);
    }
    return prober;
  }

  /** Until one has succeeded: a server may still wait for its SVID. */
  private void awaitCall(Client client) throws InterruptedException {
    if (Eventually.await(SOON, () -> counts(client).filter(seen -> seen.calls > seen.failed))
        .isEmpty()) {
      throw new AssertionError(client.pod.name() + " has not come through: " + client.pod.events());
    }
  }

  /**
   * Runs a drill, and one call of each pair after it. Fails if a handshake failed meanwhile, or if
   * none was made.
   */
  public void unharmedBy(Drill drill) throws Exception {
    List<Counts> before = new ArrayList<>();
    for (Client client : clients) {
      before.add(certain(client));
    }
    drill.run();
    for (int i = 0; i < clients.size(); i++) {
      Client client = clients.get(i);
      Counts then = before.get(i);
      int enough = certain(client).calls + 1;
      Counts now =
          Eventually.await(SOON, () -> counts(client).filter(seen -> seen.calls >= enough))
              .orElseThrow(() -> new AssertionError(client.pod.name() + " makes no more calls"));
      int failed = now.failed - then.failed;
      System.out.printf(
          "%s: %d handshakes, %d failed%n", client.pod.name(), now.calls - then.calls, failed);
      if (failed != 0 || now.calls <= then.calls) {
        throw new AssertionError(
            "of %d handshakes of %s %d failed, the last with: %s"
                .formatted(now.calls - then.calls, client.pod.name(), failed, now.lastError));
      }
    }
  }

  private static Counts certain(Client client) {
    return counts(client)
        .orElseThrow(() -> new AssertionError(client.pod.name() + " does not answer"));
  }

  private static Optional<Counts> counts(Client client) {
    try {
      JsonObject seen =
          JsonParser.parseString(Http.ask(client.address, STATS, "/").body()).getAsJsonObject();
      return Optional.of(
          new Counts(
              seen.get("calls").getAsInt(),
              seen.get("failed").getAsInt(),
              seen.get("last_error").getAsString()));
    } catch (UncheckedIOException e) {
      return Optional.empty();
    }
  }
}
