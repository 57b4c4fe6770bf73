package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.adapter.kubernetes.Api.Answer;
import dev.signet.cli.cluster.AccessFacts;
import dev.signet.cli.cluster.ClockReading;
import dev.signet.cli.cluster.ClusterFacts;
import dev.signet.cli.cluster.ClusterReader;
import dev.signet.cli.cluster.InstallationFacts;
import dev.signet.cli.cluster.NamespaceFact;
import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.PodFacts;
import dev.signet.cli.cluster.PodFacts.KubeletFolder;
import dev.signet.cli.cluster.RunningPod;
import dev.signet.cli.cluster.ServerFacts;
import dev.signet.cli.cluster.TokenTrial;
import dev.signet.cli.cluster.UnreachableException;
import dev.signet.cli.cluster.VolumeUser;
import io.kubernetes.client.openapi.ApiClient;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** A cluster, over its API. Reads, and makes nothing but one token and reviews of it. */
public final class KubernetesClusterReader implements ClusterReader {
  private final Api api;
  private final InstantSource clock;

  public KubernetesClusterReader(ApiClient client, InstantSource clock) {
    this.api = new Api(client);
    this.clock = clock;
  }

  @Override
  public ClusterFacts facts(String namespace) throws UnreachableException {
    Instant before = clock.instant();
    Observed<Answer> greeting = api.greet("/version");
    Observed<ClockReading> reading = reading(greeting, before, clock.instant());
    Duration lead = reading.ifSeen().map(ClockReading::lead).orElse(Duration.ZERO);
    ServerFacts server = new ServerReader(api).read(greeting, reading);
    Observed<List<NodeFact>> nodes = new NodeReader(api, clock, lead).read();
    Observed<AccessFacts> access = new AccessReader(api).read();
    InstallationReader installation = new InstallationReader(api, namespace);
    InstallationFacts installed = installation.read();
    Observed<OptionalInt> dns = new ServiceReader(api).dnsEndpoints();
    return new ClusterFacts(
        server, nodes, pods(namespace), namespace(namespace), access, dns, installed);
  }

  @Override
  public Observed<TokenTrial> tryToken(RunningPod pod, String audience, String foreignAudience) {
    return new TokenTrials(api).run(pod, audience, foreignAudience);
  }

  private static Observed<ClockReading> reading(
      Observed<Answer> greeting, Instant before, Instant after) {
    return greeting.then(answer ->
        answer
            .date()
            .map(date -> Observed.seen(new ClockReading(date, before, after)))
            .orElseGet(() ->
                Observed.hidden(
                    "the API server's answer has no Date",
                    "compare `date -u` on an API server with this machine's")));
  }

  private Observed<Optional<NamespaceFact>> namespace(String name) {
    return api.get("get namespaces " + name, "/api/v1/namespaces/" + name)
        .map(found -> found.map(each -> new NamespaceFact(each.name(), each.labels())));
  }

  private Observed<PodFacts> pods(String namespace) {
    return api.list(
            "list pods", "/api/v1/pods", Map.of(), pod -> Stream.of(PodTraits.of(pod, namespace)))
        .map(traits ->
            new PodFacts(
                traits.stream().flatMap(each -> each.user().stream()).toList(),
                traits.stream().flatMap(each -> each.running().stream()).toList(),
                traits.stream().flatMap(each -> each.folders().stream()).toList()));
  }

  /** What counts of one pod, so that the pod itself is not kept. */
  private record PodTraits(
      Optional<VolumeUser> user, Optional<RunningPod> running, List<KubeletFolder> folders) {
    static PodTraits of(Doc pod, String namespace) {
      boolean near = Set.of("kube-system", namespace).contains(pod.namespace());
      return new PodTraits(
          PodShapes.volumeUser(pod),
          PodShapes.running(pod).filter(any -> near),
          PodShapes.kubeletFolders(pod).toList());
    }
  }
}
