package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.cluster.AccessFacts;
import dev.signet.cli.cluster.AccessFacts.Binding;
import dev.signet.cli.cluster.AccessFacts.RoleKey;
import dev.signet.cli.cluster.AccessFacts.Rule;
import dev.signet.cli.cluster.AccessFacts.Subject;
import dev.signet.cli.cluster.Observed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads RBAC: the roles, and who has them. */
final class AccessReader {
  private static final String RBAC = "rbac.authorization.k8s.io";

  private final Api api;

  AccessReader(Api api) {
    this.api = api;
  }

  private record Role(RoleKey key, List<Rule> rules) {}

  Observed<AccessFacts> read() {
    return roles("clusterroles")
        .then(cluster ->
            roles("roles")
                .then(local ->
                    bindings("clusterrolebindings")
                        .then(everywhere ->
                            bindings("rolebindings")
                                .map(here ->
                                    facts(
                                        Stream.concat(cluster.stream(), local.stream()),
                                        Stream.concat(everywhere.stream(), here.stream()))))));
  }

  private static AccessFacts facts(Stream<Role> roles, Stream<Binding> bindings) {
    Map<RoleKey, List<Rule>> rules = new HashMap<>();
    roles.forEach(role -> rules.put(role.key(), role.rules()));
    return new AccessFacts(rules, bindings.toList());
  }

  private Observed<List<Role>> roles(String resource) {
    return list(
        resource,
        role ->
            Stream.of(
                new Role(
                    new RoleKey(role.namespace(), role.name()),
                    role.list("rules").stream().map(AccessReader::rule).toList())));
  }

  private Observed<List<Binding>> bindings(String resource) {
    return list(resource, binding -> Stream.of(binding(binding)));
  }

  private <T> Observed<List<T>> list(
      String resource, java.util.function.Function<Doc, Stream<T>> item) {
    return api.list(
        "list " + resource + "." + RBAC, "/apis/" + RBAC + "/v1/" + resource, Map.of(), item);
  }

  private static Rule rule(Doc rule) {
    return new Rule(
        rule.texts("verbs"),
        rule.texts("apiGroups"),
        rule.texts("resources"),
        rule.texts("resourceNames"),
        rule.texts("nonResourceURLs"));
  }

  private static Binding binding(Doc binding) {
    Doc role = binding.at("roleRef");
    boolean clusterRole = role.text("kind").equals("ClusterRole");
    return new Binding(
        binding.namespace(),
        binding.name(),
        new RoleKey(clusterRole ? "" : binding.namespace(), role.text("name")),
        binding.list("subjects").stream()
            .map(subject ->
                new Subject(
                    subject.text("kind"),
                    subject.textIfAny("namespace").orElse(binding.namespace()),
                    subject.text("name")))
            .toList(),
        binding.labels().getOrDefault("kubernetes.io/bootstrapping", "").equals("rbac-defaults"));
  }
}
