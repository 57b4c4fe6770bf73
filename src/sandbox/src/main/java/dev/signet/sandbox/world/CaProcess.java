package dev.signet.sandbox.world;

import dev.signet.spiffe.TrustDomain;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The real CA in a process of its own: its trust root is made once, then it can be killed and
 * started again as often as one likes, always on the same address. Not thread-safe.
 */
public final class CaProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final int INIT_SECONDS = 60;

  private final WorldConfig config;
  private final WorldFolder folder;
  private final Processes processes;
  private final Place place;
  private @Nullable Child running;

  /**
   * Where a replica is. All have one port, each on a loopback address of its own, so that one name
   * stands for all of them.
   *
   * @param number from 1
   * @param database URL of the store that replicas share; empty for one in a folder
   */
  record Place(int number, int port, int probePort, Optional<String> database) {
    String host() {
      return "127.0.0." + number;
    }

    /** A name of something that each replica has; the first one's is plain. */
    String own(String name, String suffix) {
      return number == 1 ? name + suffix : name + "-" + number + suffix;
    }
  }

  CaProcess(WorldConfig config, WorldFolder folder, Processes processes, Place place) {
    this.config = config;
    this.folder = folder;
    this.processes = processes;
    this.place = place;
  }

  /**
   * Writes the configuration of a CA that asks the API itself, and runs {@code init}.
   *
   * @param kubeconfig credentials with the CA's rights on the API
   */
  void init(String kubeconfig) throws IOException, InterruptedException {
    Path file = folder.ca().resolve("kubeconfig");
    secret(file, kubeconfig);
    initWith("kubeconfig: " + file);
  }

  /**
   * Writes the configuration of a CA that cannot reach the API, and runs {@code init}.
   *
   * @param issuer of the cluster's tokens
   * @param jwks the keys that it signs them with
   */
  void initWithoutApi(String issuer, String jwks) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.ca().resolve("jwks.json"), jwks);
    initWith("review: agent\n  issuer: " + issuer + "\n  jwks_file: " + file);
  }

  private void initWith(String cluster) throws IOException, InterruptedException {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    secret(folder.ca().resolve("kek"), Base64.getEncoder().encodeToString(key));
    configure(cluster);
    Child init = child("ca-init", "init");
    try {
      int code = init.ended().get(INIT_SECONDS, TimeUnit.SECONDS);
      if (code != 0) {
        throw new WorldException(
            String.format(
                Locale.ROOT,
                "the CA's init ended with %d: %s",
                code,
                Files.readString(init.log()).strip()));
      }
    } catch (TimeoutException | ExecutionException e) {
      throw new WorldException("the CA's init does not end; its log: " + init.log(), e);
    }
  }

  /** One more replica of a CA that is set up. */
  void join(String kubeconfig) throws IOException {
    Path file = folder.ca().resolve(place.own("kubeconfig", ""));
    secret(file, kubeconfig);
    configure("kubeconfig: " + file);
  }

  private void configure(String cluster) throws IOException {
    Files.writeString(configFile(), configuration(cluster) + store());
  }

  private String store() {
    return place
        .database()
        .map(url ->
            String.format(
                Locale.ROOT,
                """
                replica: %s
                store:
                  postgresql: {url: "%s", user: postgres}
                """,
                name(),
                url))
        .orElse("");
  }

  /** Among the replicas, and in logs. */
  public String name() {
    return "ca-" + place.number();
  }

  private String configuration(String cluster) {
    return String.format(
        Locale.ROOT,
        """
        trust_domain: %s
        data_dir: %s
        key_encryption_key_file: %s
        listen: %s:%d
        probes: %s:%d
        admin: {socket: %s}
        trust_bundle_file: %s
        cluster:
          name: %s
          %s
        agents:
          accounts: [signet-system/signet-agent]
        svid:
          ttl: %ds
          backdate: %ds
        sandbox: true
        """,
        config.trustDomain(),
        dataFolder(),
        folder.ca().resolve("kek"),
        place.host(),
        place.port(),
        place.host(),
        place.probePort(),
        adminSocket(),
        bundle(),
        config.cluster(),
        cluster,
        config.svidTtl().toSeconds(),
        config.backdate().toSeconds());
  }

  private static void secret(Path file, String text) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
  }

  /** Starts it and returns once it is ready. */
  public void start() {
    await(child(place.own("ca", ""), "serve"));
  }

  /**
   * Starts it by a main class of somebody else, which gets the name of the configuration file as
   * its last argument: for drills, which want it to die at a given step.
   */
  public void startBy(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(processes.installation().ca(folder.temporary(), main));
    command.addAll(List.of(arguments));
    command.add(configFile().toString());
    await(child(place.own("ca", ""), command));
  }

  private void await(Child child) {
    running = child;
    var _ = processes.awaitReady(child, probe("readyz"), START_LIMIT);
  }

  private Child child(String name, String verb) {
    List<String> command = new ArrayList<>(processes.installation().ca(folder.temporary()));
    command.addAll(List.of(verb, "--config", configFile().toString()));
    return child(name, command);
  }

  private Child child(String name, List<String> command) {
    command.addAll(1, config.processFlags());
    return processes.start(
        new Command(name, command, Map.of(), folder.logs().resolve(name + ".log")));
  }

  /** {@code kill -9}. */
  public void kill() {
    if (running != null) {
      running.kill();
    }
  }

  /** The process that was started last. */
  public Optional<Child> process() {
    return Optional.ofNullable(running);
  }

  public boolean alive() {
    return running != null && running.alive();
  }

  public Path configFile() {
    return folder.ca().resolve(place.own("ca", ".yaml"));
  }

  /** Holds the store. */
  public Path dataFolder() {
    return folder.ca().resolve(place.own("data", ""));
  }

  /** Where operators are served. */
  public Path adminSocket() {
    return folder.ca().resolve(place.own("admin", ".sock"));
  }

  /** The trust bundle as it is published for agents, PEM. */
  public Path bundle() {
    return folder.ca().resolve("bundle.pem");
  }

  public String address() {
    return place.host() + ":" + place.port();
  }

  /** Of its plain HTTP server: {@code livez}, {@code readyz}, {@code metrics}. */
  public URI probe(String name) {
    return URI.create("http://" + place.host() + ":" + place.probePort() + "/" + name);
  }

  /** For clients of its own wire. */
  public CaClient.Server server() {
    return new CaClient.Server(address(), TrustDomain.parse(config.trustDomain()), bundle());
  }

  /** Ends it in good order. */
  @Override
  public void close() {
    if (running != null) {
      running.close();
    }
  }
}
