package dev.signet.clustertest.lab;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A pod of the suite's own workload (src/cluster-test/probe), as an application's author would
 * write it, conformant to the level {@code restricted}. Immutable.
 *
 * @param node empty where the scheduler chooses
 * @param identity whether it has Signet's volume
 * @param arguments of the probe
 * @param podSpec more lines of the pod's spec, YAML, not indented
 */
public record ProbePod(
    String namespace,
    String name,
    String account,
    String node,
    boolean identity,
    List<String> arguments,
    String podSpec) {
  public static final String DRIVER = "csi.signet.dev";
  public static final String IMAGE = "signet.dev/test/probe:1";
  private static final Duration READY = Duration.ofSeconds(60);

  /** A pod with an identity that runs the probe with these arguments. */
  public static ProbePod of(
      String namespace, String name, String account, String node, String... arguments) {
    return new ProbePod(namespace, name, account, node, true, List.of(arguments), "");
  }

  public ProbePod withoutIdentity() {
    return new ProbePod(namespace, name, account, node, false, arguments, podSpec);
  }

  public ProbePod withSpec(String lines) {
    return new ProbePod(namespace, name, account, node, identity, arguments, podSpec + lines);
  }

  /** The manifest. */
  public String yaml() {
    List<String> lines = new ArrayList<>();
    lines.add("apiVersion: v1");
    lines.add("kind: Pod");
    lines.add(
        "metadata: {name: %s, namespace: %s, labels: {app: %s}}".formatted(name, namespace, name));
    lines.add("spec:");
    lines.add("  serviceAccountName: " + account);
    if (!node.isEmpty()) {
      lines.add("  nodeName: " + node);
    }
    lines.add("  terminationGracePeriodSeconds: 1");
    lines.add("  automountServiceAccountToken: false");
    lines.add(
        "  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type:"
            + " RuntimeDefault}}");
    podSpec.lines().forEach(line -> lines.add("  " + line));
    lines.add("  containers:");
    lines.add("  - name: main");
    lines.add("    image: " + IMAGE);
    lines.add("    imagePullPolicy: Never");
    lines.add(
        "    args: [" + String.join(", ", arguments.stream().map(ProbePod::quoted).toList()) + "]");
    lines.add("    securityContext:");
    lines.add("      allowPrivilegeEscalation: false");
    lines.add("      readOnlyRootFilesystem: true");
    lines.add("      capabilities: {drop: [ALL]}");
    if (identity) {
      lines.add("    volumeMounts:");
      lines.add("    - {name: identity, mountPath: /spiffe-workload-api, readOnly: true}");
      lines.add("  volumes:");
      lines.add("  - {name: identity, csi: {driver: " + DRIVER + ", readOnly: true}}");
    }
    return String.join("\n", lines) + "\n";
  }

  private static String quoted(String argument) {
    return "\"" + argument.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /** Creates it. */
  public ProbePod create() {
    Kubectl.create(yaml()).orFail();
    return this;
  }

  /** Creates it and waits until it is Ready. */
  public ProbePod start() throws InterruptedException {
    create();
    return awaitReady();
  }

  public ProbePod awaitReady() throws InterruptedException {
    Kubectl.await(READY, namespace, "pod/" + name, ProbePod::isReady);
    return this;
  }

  /** Its address in the cluster's network, once it has one. */
  public String address() {
    return Kubectl.text(Kubectl.get("pod", "-n", namespace, name), "status.podIP");
  }

  /** Whether a pod has the condition Ready. */
  public static boolean isReady(JsonObject pod) {
    return Kubectl.at(pod, "status.conditions")
        .map(conditions ->
            conditions.getAsJsonArray().asList().stream()
                .map(condition -> condition.getAsJsonObject())
                .anyMatch(condition ->
                    Kubectl.text(condition, "type").equals("Ready")
                        && Kubectl.text(condition, "status").equals("True")))
        .orElse(false);
  }

  /** Runs the probe in this pod with other arguments. */
  public Output probe(String... probeArguments) {
    List<String> command = new ArrayList<>(List.of("/probe"));
    command.addAll(List.of(probeArguments));
    return Kubectl.exec(namespace, name, command.toArray(String[]::new));
  }

  /** The lines it has printed. */
  public List<JsonObject> events() {
    return events(Kubectl.logs(namespace, name));
  }

  /** The JSON objects in a program's output, one a line. */
  public static List<JsonObject> events(String output) {
    return output
        .lines()
        .filter(line -> line.startsWith("{"))
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }

  /** Waits for a line. */
  public JsonObject awaitEvent(Duration limit, Predicate<JsonObject> wanted)
      throws InterruptedException {
    return Eventually.await(limit, () -> events().stream().filter(wanted).findFirst())
        .orElseThrow(() ->
            new AssertionError(
                "pod %s/%s has not said what was expected within %s, but\n%s"
                    .formatted(namespace, name, limit, events())));
  }

  /** Waits until it says, as a server, that it has refused a caller with this SPIFFE ID. */
  public void awaitRefusal(Duration limit, String peer) throws InterruptedException {
    awaitEvent(
        limit,
        event ->
            Kubectl.text(event, "event").equals("refused")
                && Kubectl.text(event, "peer").equals(peer));
  }

  /** The last SVID that it has printed. */
  public Optional<JsonObject> lastSvid() {
    return events().stream()
        .filter(event -> Kubectl.text(event, "event").equals("svid"))
        .reduce((first, second) -> second);
  }

  /** Deletes it and waits until it is gone. */
  public void delete() {
    Kubectl.run("delete", "pod", "-n", namespace, name, "--ignore-not-found", "--timeout=60s")
        .orFail();
  }
}
