package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.adapter.kubernetes.Api.Answer;
import dev.signet.cli.cluster.ClockReading;
import dev.signet.cli.cluster.KubernetesVersion;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.ServerFacts;
import dev.signet.cli.cluster.ServerMetrics;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Asks the API server about itself. */
final class ServerReader {
  private static final String ADMISSION = "admissionregistration.k8s.io";
  private static final Pattern FEATURE =
      Pattern.compile("kubernetes_feature_enabled\\{.*name=\"([^\"]+)\".*\\} ([01])(?:\\.0)?");
  private static final Pattern PLUGIN =
      Pattern.compile(
          "apiserver_admission_controller_admission_duration_seconds_count\\{.*name=\"([^\"]+)\".*\\} .*");

  private final Api api;

  ServerReader(Api api) {
    this.api = api;
  }

  ServerFacts read(Observed<Answer> greeting, Observed<ClockReading> clock) {
    Observed<Map<String, Set<String>>> groups = groups();
    return new ServerFacts(
        api.address(),
        greeting.then(answer -> version(answer.body())),
        clock,
        groups,
        groups.then(this::admissionResources),
        metrics(),
        issuer());
  }

  private static Observed<KubernetesVersion> version(Doc body) {
    return KubernetesVersion.parse(body.text("gitVersion"))
        .map(Observed::seen)
        .orElseGet(() ->
            Observed.hidden(
                "the API server says no version that is one", "kubectl get --raw /version"));
  }

  private Observed<Map<String, Set<String>>> groups() {
    return api.answer("list API groups", "/apis")
        .map(answer ->
            answer.body().list("groups").stream()
                .collect(
                    Collectors.toMap(
                        group -> group.text("name"),
                        group ->
                            group.list("versions").stream()
                                .map(version -> version.text("version"))
                                .collect(Collectors.toSet()),
                        (one, other) -> one)));
  }

  private Observed<Set<String>> admissionResources(Map<String, Set<String>> groups) {
    Observed<Set<String>> found = Observed.seen(new TreeSet<>());
    for (String version : groups.getOrDefault(ADMISSION, Set.of())) {
      found =
          found.then(names ->
              api.answer("list resources of " + ADMISSION, "/apis/" + ADMISSION + "/" + version)
                  .map(answer -> {
                    answer
                        .body()
                        .list("resources")
                        .forEach(each -> names.add(version + "/" + each.text("name")));
                    return names;
                  }));
    }
    return found;
  }

  private Observed<ServerMetrics> metrics() {
    Map<String, Boolean> features = new HashMap<>();
    Set<String> plugins = new HashSet<>();
    return api.lines(
            "get /metrics",
            "/metrics",
            line -> {
              Matcher feature = FEATURE.matcher(line);
              if (line.startsWith("kubernetes_feature_enabled") && feature.matches()) {
                features.put(feature.group(1), feature.group(2).equals("1"));
              }
              Matcher plugin = PLUGIN.matcher(line);
              if (line.startsWith("apiserver_admission_controller") && plugin.matches()) {
                plugins.add(plugin.group(1));
              }
            })
        .map(read -> new ServerMetrics(features, plugins));
  }

  private Observed<String> issuer() {
    return api.answer("get /.well-known/openid-configuration", "/.well-known/openid-configuration")
        .map(answer -> answer.body().text("issuer"));
  }
}
