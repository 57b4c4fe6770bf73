package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.NodeFact.NodeSystem;
import dev.signet.cli.cluster.Observed;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads nodes, the drivers that their kubelets registered, and their heartbeats. */
final class NodeReader {
  private final Api api;
  private final InstantSource clock;
  private final Duration lead;

  /**
   * @param lead how far the API server's clock is ahead of this machine's
   */
  NodeReader(Api api, InstantSource clock, Duration lead) {
    this.api = api;
    this.clock = clock;
    this.lead = lead;
  }

  private record Named<T>(String name, T value) {}

  Observed<List<NodeFact>> read() {
    Observed<Map<String, Set<String>>> drivers =
        byName(
            "list csinodes.storage.k8s.io",
            "/apis/storage.k8s.io/v1/csinodes",
            node ->
                Optional.of(
                    node.list("spec", "drivers").stream()
                        .map(driver -> driver.text("name"))
                        .collect(Collectors.toSet())));
    Observed<Map<String, Instant>> heartbeats =
        byName(
            "list leases.coordination.k8s.io in kube-node-lease",
            "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
            lease -> instant(lease.text("spec", "renewTime")));
    Instant now = clock.instant().plus(lead);
    return api.list(
        "list nodes",
        "/api/v1/nodes",
        Map.of(),
        node ->
            Stream.of(
                node(
                    node,
                    drivers.map(all -> all.getOrDefault(node.name(), Set.of())),
                    heartbeats.map(all ->
                        Optional.ofNullable(all.get(node.name()))
                            .map(beat -> Duration.between(beat, now))))));
  }

  private <T> Observed<Map<String, T>> byName(
      String what, String path, Function<Doc, Optional<T>> value) {
    return api.<Named<T>>list(
            what,
            path,
            Map.of(),
            item -> value.apply(item).map(found -> new Named<>(item.name(), found)).stream())
        .map(all -> {
          Map<String, T> map = new HashMap<>();
          all.forEach(each -> map.put(each.name(), each.value()));
          return map;
        });
  }

  private static NodeFact node(
      Doc node, Observed<Set<String>> drivers, Observed<Optional<Duration>> heartbeatAge) {
    return new NodeFact(
        node.name(),
        node.text("metadata", "uid"),
        system(node),
        node.condition("Ready"),
        !node.flag(false, "spec", "unschedulable"),
        node.list("spec", "taints").stream()
            .filter(taint -> !taint.text("effect").equals("PreferNoSchedule"))
            .map(taint -> taint.text("key") + ":" + taint.text("effect"))
            .toList(),
        drivers,
        heartbeatAge);
  }

  private static NodeSystem system(Doc node) {
    Doc info = node.at("status", "nodeInfo");
    String kubelet = info.text("kubeletVersion");
    String distribution =
        kubelet.contains("+k0s")
            ? "k0s"
            : node.labels().containsKey("microk8s.io/cluster") ? "microk8s" : "";
    return new NodeSystem(
        KubernetesVersion.parse(kubelet),
        info.text("kernelVersion"),
        info.text("operatingSystem"),
        info.text("architecture"),
        distribution);
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
