package dev.signet.clustertest.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import io.kubernetes.client.openapi.apis.VersionApi;
import io.kubernetes.client.util.Config;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The API server takes whatever the chart renders, and its pods at the level they claim. */
class ServerClusterIT {

  @Test
  void everyObject_ofEveryCombination_passesTheApiServer() throws Exception {
    try (TestNamespace namespace = TestNamespace.enforcing("privileged")) {
      Set<KubernetesObject> objects = new LinkedHashSet<>();
      for (List<String> combination : Combinations.all()) {
        objects.addAll(render(namespace, combination));
      }
      assertThat(kinds(objects))
          .contains(
              "CSIDriver",
              "DaemonSet",
              "FlowSchema",
              "Job",
              "MutatingAdmissionPolicy",
              "Namespace",
              "NetworkPolicy",
              "PodDisruptionBudget",
              "PriorityClass",
              "Secret",
              "StatefulSet",
              "ValidatingAdmissionPolicy");

      Output result =
          Kubectl.feed(
              Chart.list(List.copyOf(objects)),
              "apply",
              "--server-side",
              "--force-conflicts",
              "--dry-run=server",
              "--field-manager=chart-test",
              "-f",
              "-");

      assertThat(result.succeeded().out().lines()).hasSameSizeAs(objects);
      assertThat(result.err()).doesNotContain("Warning: unknown field");
    }
  }

  @Test
  void caAndUninstallCheck_keepToRestricted() throws Exception {
    try (TestNamespace namespace = TestNamespace.enforcing("restricted")) {
      for (List<String> combination : Combinations.all()) {
        List<KubernetesObject> objects = render(namespace, combination);
        // A folder of a node is no volume of "restricted"; the pod's own settings stay the same.
        if (combination.containsAll(Combinations.HOST_PATH.arguments())) {
          continue;
        }
        for (KubernetesObject owner : objects) {
          if (owner.kind().equals("StatefulSet") || owner.kind().equals("Job")) {
            assertThat(create(namespace, owner).err())
                .as("%s with %s", owner, combination)
                .isEmpty();
          }
        }
      }
    }
  }

  @Test
  void agent_needsPrivileged_andNothingElseOfTheNode() throws Exception {
    List<String> plain = List.of();
    try (TestNamespace baseline = TestNamespace.enforcing("baseline");
        TestNamespace privileged = TestNamespace.enforcing("privileged")) {
      KubernetesObject agents = only("DaemonSet", render(privileged, plain));
      assertThat(create(privileged, agents).succeeded().err()).isEmpty();

      // What the refusal does not name is not asked for: no host namespaces, no host ports.
      Output refused = create(baseline, agents);
      assertThat(refused.err())
          .contains("violates PodSecurity \"baseline:latest\"")
          .contains("hostPath volumes", "privileged")
          .doesNotContain("host namespaces", "hostPort", "seccomp", "capabilities");
    }
  }

  @Test
  void agents_haveOneToken_ofTheAudienceForAgents() throws Exception {
    try (TestNamespace namespace = TestNamespace.enforcing("privileged")) {
      String pod =
          Chart.json(only("DaemonSet", render(namespace, List.of())).at("spec").orElseThrow());
      assertThat(pod)
          .contains("\"automountServiceAccountToken\":false")
          .contains("\"audience\":\"signet://chart.example/agent\"")
          .containsOnlyOnce("\"serviceAccountToken\"")
          .contains("\"maxSurge\":0");
    }
  }

  @Test
  void tokenPlace_followsTheVersionOfTheCluster() throws Exception {
    String field = "serviceAccountTokenInSecrets";
    assertThat(driver("--kube-version", "1.35.0-gke.100")).contains(field);
    assertThat(driver("--kube-version", "1.34.9")).doesNotContain(field);
    assertThat(driver("--set", "csiDriver.tokensInSecrets=false")).doesNotContain(field);
  }

  @Test
  void mutatingPolicy_isOfTheVersionThatTheClusterServes() throws Exception {
    String on = "policies.injectVolume.enabled=true";
    String beta = "admissionregistration.k8s.io/v1beta1";
    List<KubernetesObject> objects =
        Chart.render(
            "signet-system",
            List.of(
                "--set",
                on,
                "--kube-version",
                "1.34.2",
                "--api-versions",
                beta + "/MutatingAdmissionPolicy"));
    assertThat(only("MutatingAdmissionPolicy", objects).text("apiVersion")).isEqualTo(beta);
    assertThat(only("MutatingAdmissionPolicyBinding", objects).text("apiVersion")).isEqualTo(beta);
  }

  private static String driver(String... arguments) throws Exception {
    return Chart.json(
        only("CSIDriver", Chart.render("signet-system", List.of(arguments))).content());
  }

  private static List<KubernetesObject> render(TestNamespace namespace, List<String> combination)
      throws Exception {
    List<String> arguments = new ArrayList<>(combination);
    arguments.add("--kube-version");
    arguments.add(
        new VersionApi(Config.fromConfig(Lab.kubeconfig().toString()))
            .getCode()
            .execute()
            .getGitVersion());
    return Chart.render(namespace.name(), arguments);
  }

  private static Set<String> kinds(Set<KubernetesObject> objects) {
    return objects.stream().map(KubernetesObject::kind).collect(Collectors.toSet());
  }

  private static KubernetesObject only(String kind, List<KubernetesObject> objects) {
    List<KubernetesObject> found =
        objects.stream().filter(object -> object.kind().equals(kind)).toList();
    assertThat(found).as(kind).hasSize(1);
    return found.getFirst();
  }

  /** A pod as its owner would make it, decided on and not kept. */
  private static Output create(TestNamespace namespace, KubernetesObject owner) throws Exception {
    Map<String, Object> spec =
        KubernetesObject.map(owner.at("spec", "template", "spec").orElseThrow());
    // What has to exist before, and is not what is asked here.
    spec.remove("priorityClassName");
    spec.put("serviceAccountName", "default");
    if (owner.at("spec", "volumeClaimTemplates").isPresent()) {
      List<Object> volumes = new ArrayList<>(owner.items("spec", "template", "spec", "volumes"));
      volumes.add(Map.of("name", "data", "persistentVolumeClaim", Map.of("claimName", "data")));
      spec.put("volumes", volumes);
    }
    return Kubectl.feed(
        Chart.json(
                Map.of(
                    "apiVersion",
                    "v1",
                    "kind",
                    "Pod",
                    "metadata",
                    Map.of("name", "pod", "namespace", namespace.name()),
                    "spec",
                    spec))
            // The policies of an installed chart let nobody but its own agents near these.
            .replace("/run/signet", "/run/chart-test")
            .replace("plugins/csi.signet.dev", "plugins/chart-test"),
        "create",
        "--dry-run=server",
        "-f",
        "-");
  }
}
