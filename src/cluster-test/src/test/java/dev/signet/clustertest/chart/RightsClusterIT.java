package dev.signet.clustertest.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Lab;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every right that the chart gives to anybody, over all its values, against a snapshot. */
class RightsClusterIT {
  private static final String NAMESPACE = "signet-system";
  private static final Path SNAPSHOT =
      Lab.root()
          .resolve("src/cluster-test/src/test/resources/dev/signet/clustertest/chart/rights.txt");
  private static final Set<String> NEVER =
      Set.of(
          "nodes/proxy",
          "secrets",
          "serviceaccounts",
          "serviceaccounts/token",
          "pods/exec",
          "pods/ephemeralcontainers");
  private static final Set<String> NEVER_VERBS =
      Set.of("*", "impersonate", "escalate", "bind", "deletecollection");

  @Test
  void rights_areThoseOfTheSnapshot() throws Exception {
    Map<String, Set<String>> rights = new TreeMap<>();
    for (List<String> combination : Combinations.all()) {
      rights
          .computeIfAbsent(form(combination), key -> new TreeSet<>())
          .addAll(rights(Chart.render(NAMESPACE, combination)));
    }

    String found =
        rights.entrySet().stream()
            .map(entry -> entry.getKey() + "\n  " + String.join("\n  ", entry.getValue()) + "\n")
            .collect(Collectors.joining());
    assertThat(found)
        .as(
            "the chart gives other rights than %s says. A right is given for a reason that stands in"
                + " docs/adr: if there is one, write this into the file:\n%s",
            SNAPSHOT, found)
        .isEqualTo(Files.readString(SNAPSHOT));
  }

  /** The longest, where one form's arguments begin as another's. */
  private static String form(List<String> combination) {
    return Combinations.FORMS.entrySet().stream()
        .filter(form -> Collections.indexOfSubList(combination, form.getValue().arguments()) >= 0)
        .max(Comparator.comparingInt(form -> form.getValue().arguments().size()))
        .orElseThrow()
        .getKey();
  }

  /** One line a right, as the account holds it in the end. */
  private static List<String> rights(List<KubernetesObject> objects) {
    Map<String, KubernetesObject> roles =
        objects.stream()
            .filter(object -> object.kind().endsWith("Role"))
            .collect(Collectors.toMap(KubernetesObject::toString, role -> role));
    Set<String> accounts =
        objects.stream()
            .filter(object -> object.kind().equals("ServiceAccount"))
            .map(KubernetesObject::name)
            .collect(Collectors.toSet());
    List<String> lines = new ArrayList<>();
    Set<String> bound = new TreeSet<>();
    for (KubernetesObject binding : objects) {
      if (!binding.kind().endsWith("RoleBinding")) {
        continue;
      }
      String role = binding.text("roleRef", "kind") + " " + binding.text("roleRef", "name");
      assertThat(roles).as("%s binds a role of this chart", binding).containsKey(role);
      bound.add(role);
      for (Object entry : binding.items("subjects")) {
        Map<String, Object> subject = KubernetesObject.map(entry);
        assertThat(subject)
            .as("%s", binding)
            .containsEntry("kind", "ServiceAccount")
            .containsEntry("namespace", NAMESPACE);
        String account = String.valueOf(subject.get("name"));
        assertThat(accounts).as("%s is for an account of this chart", binding).contains(account);
        String scope = binding.kind().startsWith("Cluster") ? "cluster" : "namespace";
        for (Object rule : rules(roles, role)) {
          lines.add(
              account
                  + (binding.isHook() ? " (while a hook runs)" : "")
                  + ", "
                  + scope
                  + ": "
                  + right(role, KubernetesObject.map(rule)));
        }
      }
    }
    assertThat(bound).as("every role is bound").isEqualTo(roles.keySet());
    return lines;
  }

  private static List<Object> rules(Map<String, KubernetesObject> roles, String role) {
    return Optional.ofNullable(roles.get(role))
        .map(found -> found.items("rules"))
        .orElse(List.of());
  }

  private static String right(String role, Map<String, Object> rule) {
    assertThat(rule.keySet())
        .as("%s names resources, and no URLs", role)
        .isSubsetOf("apiGroups", "resources", "resourceNames", "verbs");
    Collection<String> groups = texts(rule, "apiGroups");
    Collection<String> resources = texts(rule, "resources");
    Collection<String> verbs = texts(rule, "verbs");
    assertThat(groups).as("%s", role).isNotEmpty().doesNotContain("*");
    assertThat(resources)
        .as("%s holds none of what Signet never asks for", role)
        .isNotEmpty()
        .doesNotContainAnyElementsOf(NEVER)
        .noneMatch(resource -> resource.contains("*"));
    assertThat(verbs)
        .as("%s holds none of what Signet never asks for", role)
        .isNotEmpty()
        .doesNotContainAnyElementsOf(NEVER_VERBS);
    Collection<String> names = texts(rule, "resourceNames");
    return String.join(" ", verbs)
        + " "
        + String.join(" ", resources)
        + String.join(" ", groups).transform(group -> group.isEmpty() ? "" : " of " + group)
        + (names.isEmpty() ? "" : " named " + String.join(" ", names));
  }

  private static Collection<String> texts(Map<String, Object> rule, String key) {
    return rule.containsKey(key)
        ? KubernetesObject.list(rule.get(key)).stream().map(String::valueOf).toList()
        : List.of();
  }
}
