package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.cluster.Observed;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** Finds Services and counts what is ready behind them. */
final class ServiceReader {
  private static final String DNS_LABEL = "k8s-app";
  private static final Set<String> DNS_NAMES =
      Set.of("kube-dns", "coredns", "rke2-coredns-rke2-coredns");

  private final Api api;

  ServiceReader(Api api) {
    this.api = api;
  }

  /** Ready endpoints of a Service; empty if there is no such Service. */
  Observed<OptionalInt> endpoints(String namespace, String name) {
    String path = "/api/v1/namespaces/" + namespace + "/services/" + name;
    return api.get("get services in " + namespace, path)
        .then(found ->
            found.isPresent() ? ready(namespace, name) : Observed.seen(OptionalInt.empty()));
  }

  /** Those of the cluster's DNS, under one of the names that it usually has. */
  Observed<OptionalInt> dnsEndpoints() {
    return api.list(
            "list services in kube-system",
            "/api/v1/namespaces/kube-system/services",
            Map.of(),
            Stream::of)
        .then(services -> {
          Optional<Doc> dns = services.stream().filter(ServiceReader::isDns).findFirst();
          return dns.isPresent()
              ? ready("kube-system", dns.get().name())
              : endpoints("openshift-dns", "dns-default");
        });
  }

  private static boolean isDns(Doc service) {
    return DNS_NAMES.contains(service.labels().getOrDefault(DNS_LABEL, ""))
        || DNS_NAMES.contains(service.name());
  }

  private Observed<OptionalInt> ready(String namespace, String service) {
    Observed<List<Integer>> counts =
        api.list(
            "list endpointslices.discovery.k8s.io in " + namespace,
            "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices",
            Map.of("labelSelector", "kubernetes.io/service-name=" + service),
            slice ->
                slice.list("endpoints").stream()
                    .filter(endpoint -> endpoint.flag(true, "conditions", "ready"))
                    .map(endpoint -> endpoint.list("addresses").size()));
    return counts.map(all -> OptionalInt.of(all.stream().mapToInt(Integer::intValue).sum()));
  }
}
