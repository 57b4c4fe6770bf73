package dev.signet.sandbox.world;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The CA as agents see it: one name, behind which all replicas are, as behind a headless Service.
 *
 * @param all at least one
 * @param port of all of them
 * @param hosts the file that says which addresses the name has
 */
record Replicas(List<CaProcess> all, int port, Path hosts) {
  private static final String NAME = "signet-ca.test";

  Replicas {
    all = List.copyOf(all);
  }

  /** None of them runs yet. */
  static Replicas create(
      WorldConfig config,
      WorldFolder folder,
      Processes processes,
      Ports ports,
      Optional<String> database)
      throws IOException {
    int port = ports.free();
    List<CaProcess> all =
        IntStream.rangeClosed(1, config.replicas())
            .mapToObj(number ->
                new CaProcess(
                    config,
                    folder,
                    processes,
                    new CaProcess.Place(number, port, ports.free(), database)))
            .toList();
    String names =
        IntStream.rangeClosed(1, config.replicas())
            .mapToObj(number -> "127.0.0." + number + " " + NAME + "\n")
            .collect(Collectors.joining());
    return new Replicas(
        all,
        port,
        Files.writeString(folder.ca().resolve("hosts"), names + "127.0.0.1 localhost\n"));
  }

  /** What agents are configured with. */
  String address() {
    return all.size() == 1 ? all.getFirst().address() : NAME + ":" + port;
  }

  /** Where agents find the bundle before they dial; all replicas publish it there. */
  Path bundle() {
    return all.getFirst().bundle();
  }

  /** What makes a JVM know the name. */
  List<String> hostsFlag() {
    return all.size() == 1 ? List.of() : List.of("-Djdk.net.hosts.file=" + hosts);
  }
}
