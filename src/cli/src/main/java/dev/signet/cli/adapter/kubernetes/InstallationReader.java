package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.cluster.AgentSet;
import dev.signet.cli.cluster.CsiDriverFact;
import dev.signet.cli.cluster.CsiDriverFact.TokenRequest;
import dev.signet.cli.cluster.InstallationFacts;
import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.SignetPod;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Reads Signet's own objects, by the names that the chart gives them. */
final class InstallationReader {
  private final Api api;
  private final String namespace;

  InstallationReader(Api api, String namespace) {
    this.api = api;
    this.namespace = namespace;
  }

  InstallationFacts read() {
    return new InstallationFacts(
        driver(),
        object("apps", "daemonsets", Installed.AGENT)
            .map(found -> found.map(InstallationReader::agents)),
        pods(),
        accounts(),
        settings(),
        object("", "configmaps", Installed.BUNDLE)
            .map(found -> found.flatMap(map -> map.textIfAny("data", Installed.BUNDLE_KEY))),
        new ServiceReader(api).endpoints(namespace, Installed.CA));
  }

  private Observed<Optional<CsiDriverFact>> driver() {
    return api.get(
            "get csidrivers.storage.k8s.io",
            "/apis/storage.k8s.io/v1/csidrivers/" + Installed.DRIVER)
        .map(found -> found.map(driver -> driver(driver.at("spec"))));
  }

  // What is not there is as the API server takes it then.
  private static CsiDriverFact driver(Doc spec) {
    List<String> modes = spec.texts("volumeLifecycleModes");
    return new CsiDriverFact(
        spec.flag(true, "attachRequired"),
        spec.flag(false, "podInfoOnMount"),
        spec.flag(false, "requiresRepublish"),
        spec.flag(false, "serviceAccountTokenInSecrets"),
        spec.textIfAny("fsGroupPolicy").orElse("ReadWriteOnceWithFSType"),
        modes.isEmpty() ? List.of("Persistent") : modes,
        spec.list("tokenRequests").stream()
            .map(request -> new TokenRequest(request.text("audience"), seconds(request)))
            .toList());
  }

  private static OptionalLong seconds(Doc request) {
    return request.number("expirationSeconds");
  }

  private static AgentSet agents(Doc set) {
    Doc pod = set.at("spec", "template", "spec");
    List<String> audiences =
        pod.list("volumes").stream()
            .flatMap(volume -> volume.list("projected", "sources").stream())
            .map(source -> source.at("serviceAccountToken"))
            .filter(Doc::present)
            .map(token -> token.text("audience"))
            .toList();
    Doc surge = set.at("spec", "updateStrategy", "rollingUpdate", "maxSurge");
    OptionalLong number = surge.number();
    return new AgentSet(
        (int) set.number("status", "desiredNumberScheduled").orElse(0),
        audiences,
        pod.flag(true, "automountServiceAccountToken"),
        number.isPresent() ? Long.toString(number.getAsLong()) : surge.textIfAny().orElse("0"));
  }

  private Observed<List<SignetPod>> pods() {
    return api.list(
            "list pods in " + namespace,
            "/api/v1/namespaces/" + namespace + "/pods",
            Map.of(),
            pod -> Stream.of(pod).filter(each -> !owner(each).isEmpty()))
        .map(pods -> {
          boolean well = pods.stream().allMatch(pod -> pod.condition("Ready"));
          Map<String, String> events = well ? Map.of() : events();
          return pods.stream().map(pod -> pod(pod, events)).toList();
        });
  }

  private static SignetPod pod(Doc pod, Map<String, String> events) {
    boolean ready = pod.condition("Ready");
    String own = PodShapes.trouble(pod);
    String trouble = own.isEmpty() ? events.getOrDefault(pod.name(), "") : own;
    return new SignetPod(
        owner(pod),
        pod.name(),
        pod.textIfAny("spec", "nodeName").orElseGet(() -> meantFor(pod)),
        ready,
        release(pod),
        ready ? "" : trouble);
  }

  private static String release(Doc pod) {
    String image =
        pod.list("spec", "containers").stream()
            .map(each -> each.text("image"))
            .findFirst()
            .orElse("");
    String label = pod.labels().getOrDefault("app.kubernetes.io/version", "");
    return label.isEmpty() ? image.substring(image.lastIndexOf(':') + 1) : label;
  }

  /** A DaemonSet's pod names its node from the start, in its affinity. */
  private static String meantFor(Doc pod) {
    return pod
        .list(
            "spec",
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms")
        .stream()
        .flatMap(term -> term.list("matchFields").stream())
        .filter(field -> field.text("key").equals("metadata.name"))
        .flatMap(field -> field.texts("values").stream())
        .findFirst()
        .orElse("");
  }

  private static String owner(Doc pod) {
    return switch (pod.controller()) {
      case "DaemonSet/" + Installed.AGENT -> Installed.AGENT;
      case "StatefulSet/" + Installed.CA -> Installed.CA;
      default -> "";
    };
  }

  /** The last warning about each pod. Only adds to what is known, so that none is no matter. */
  private Map<String, String> events() {
    Map<String, String> last = new HashMap<>();
    api
        .list(
            "list events in " + namespace,
            "/api/v1/namespaces/" + namespace + "/events",
            Map.of("fieldSelector", "type=Warning,involvedObject.kind=Pod"),
            Stream::of)
        .ifSeen()
        .orElse(List.of())
        .stream()
        .sorted(java.util.Comparator.comparing(event -> event.text("lastTimestamp")))
        .forEach(event ->
            last.put(
                event.text("involvedObject", "name"),
                PodShapes.joined(event.text("reason"), event.text("message"))));
    return last;
  }

  private Observed<Set<String>> accounts() {
    return api.list(
            "list serviceaccounts in " + namespace,
            "/api/v1/namespaces/" + namespace + "/serviceaccounts",
            Map.of(),
            account -> Stream.of(account.name()))
        .map(HashSet::new);
  }

  private Observed<Optional<InstalledSettings>> settings() {
    return object("", "configmaps", Installed.CA)
        .then(ca ->
            object("", "configmaps", Installed.AGENT)
                .map(agent ->
                    ca.isEmpty() && agent.isEmpty()
                        ? Optional.empty()
                        : Optional.of(
                            SettingsYaml.read(
                                ca.map(map -> map.text("data", "ca.yaml")).orElse(""),
                                agent.map(map -> map.text("data", "agent.yaml")).orElse("")))));
  }

  private Observed<Optional<Doc>> object(String group, String resource, String name) {
    String root = group.isEmpty() ? "/api/v1" : "/apis/" + group + "/v1";
    return api.get(
        "get " + resource + " in " + namespace,
        root + "/namespaces/" + namespace + "/" + resource + "/" + name);
  }
}
