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
  private final int port;
  private final int probePort;
  private @Nullable Child running;

  CaProcess(WorldConfig config, WorldFolder folder, Processes processes, Ports ports) {
    this.config = config;
    this.folder = folder;
    this.processes = processes;
    this.port = ports.free();
    this.probePort = ports.free();
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
    Files.writeString(configFile(), configuration(cluster));
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

  private String configuration(String cluster) {
    return String.format(
        Locale.ROOT,
        """
        trust_domain: %s
        data_dir: %s
        key_encryption_key_file: %s
        listen: 127.0.0.1:%d
        probes: 127.0.0.1:%d
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
        port,
        probePort,
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
    await(child("ca", "serve"));
  }

  /**
   * Starts it by a main class of somebody else, which gets the name of the configuration file as
   * its last argument: for drills, which want it to die at a given step.
   */
  public void startBy(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>(processes.installation().ca(folder.temporary(), main));
    command.addAll(List.of(arguments));
    command.add(configFile().toString());
    await(child("ca", command));
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
    return folder.ca().resolve("ca.yaml");
  }

  /** Holds the store. */
  public Path dataFolder() {
    return folder.ca().resolve("data");
  }

  /** The trust bundle as it is published for agents, PEM. */
  public Path bundle() {
    return folder.ca().resolve("bundle.pem");
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Of its plain HTTP server: {@code livez}, {@code readyz}, {@code metrics}. */
  public URI probe(String name) {
    return URI.create("http://127.0.0.1:" + probePort + "/" + name);
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
