package dev.signet.clustertest.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a release does to the root, the key and the bundle: nothing, whatever it is put through.
 * With the part of the chart that is in a namespace, so that it does not matter whether the chart
 * itself is installed; the CA finds no node, since it is not asked for.
 */
class ReleaseClusterIT {
  private static final List<String> OF_THE_CLUSTER =
      List.of(
          "agent",
          "policies",
          "ca/rbac.yaml",
          "ca/flowschema.yaml",
          "csidriver.yaml",
          "priorityclasses.yaml",
          "uninstall-check.yaml");

  @TempDir private Path chart;
  private TestNamespace namespace;

  @BeforeEach
  void prepare() throws Exception {
    namespace = TestNamespace.create(Map.of());
    Path from = Path.of(Chart.FOLDER);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path relative = from.relativize(file);
        if (OF_THE_CLUSTER.stream().anyMatch(part -> relative.startsWith("templates/" + part))
            && !relative.getFileName().toString().startsWith("_")) {
          continue;
        }
        copy(file, chart.resolve(relative.toString()));
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (Files.isDirectory(from)) {
      Files.createDirectories(to);
    } else {
      Files.createDirectories(to.resolveSibling("."));
      Files.copy(from, to);
    }
  }

  @AfterEach
  void takeAway() throws Exception {
    namespace.close();
  }

  @Test
  void keyAndBundle_surviveUpgradeRollbackUninstallAndReinstall() throws Exception {
    helm("install").succeeded();
    String key = get("secret/signet-key-encryption-key", "{.data.kek}");
    assertThat(Base64.getDecoder().decode(key)).hasSize(44);
    publish("the root");

    helm("upgrade", "--set", "ca.svid.ttl=2h").succeeded();
    assertThat(get("configmap/signet-ca", "{.data.ca\\.yaml}")).contains("ttl: 2h");
    assertKept(key, "the root");

    publish("the next root");
    Lab.helm(List.of("rollback", "signet", "1", "-n", namespace.name())).succeeded();
    assertThat(get("configmap/signet-ca", "{.data.ca\\.yaml}")).contains("ttl: 1h");
    assertKept(key, "the next root");

    Lab.helm(List.of("uninstall", "signet", "-n", namespace.name())).succeeded();
    assertKept(key, "the next root");

    helm("install").succeeded();
    assertKept(key, "the next root");
  }

  @Test
  void keyThatIsGone_isNotMadeAnew_whereItsVolumeIsThere() throws Exception {
    helm("install").succeeded();
    apply(
        """
        {"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data-signet-ca-0","namespace":"%s"},
        "spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}\
        """
            .formatted(namespace.name()));
    Kubectl.run("delete", "secret", "signet-key-encryption-key", "-n", namespace.name())
        .succeeded();

    assertRefused(
        helm("upgrade"),
        "Secret signet-key-encryption-key that opens its keys is gone: restore the Secret");
  }

  @Test
  void anotherKey_cannotBeAppliedOverTheFirst() throws Exception {
    helm("install").succeeded();
    List<KubernetesObject> secret =
        Chart.render(namespace.name(), List.of("-s", "templates/ca/key-encryption-key.yaml"));

    Output result =
        Kubectl.feed(Chart.list(secret), "apply", "--server-side", "--force-conflicts", "-f", "-");

    assertRefused(result, "field is immutable when `immutable` is set");
  }

  @Test
  void change_thatAReleaseCannotMake_isRefusedWithTheMend() throws Exception {
    helm("install").succeeded();
    assertRefused(
        helm("upgrade", "--set", "trustDomain=other.example"),
        "trustDomain is other.example, and what is installed is chart.example");
    assertRefused(
        helm("upgrade", "--set", "ca.persistence.size=2Gi"),
        "is not what data-signet-ca-0 was made with (1Gi, \"\")");
    assertRefused(
        helm("upgrade", "--set", "ca.persistence.enabled=false"),
        "the CA that is installed has its root on data-signet-ca-0");
  }

  @Test
  void caThatRuns_isNotTakenOutOfItsRelease() throws Exception {
    helm("install").succeeded();
    assertRefused(
        helm(
            "upgrade",
            "--set",
            "ca.enabled=false,agent.ca.address=ca.example:8443",
            "--set-literal",
            "agent.ca.trustBundle=-----BEGIN CERTIFICATE-----"),
        "a CA runs in " + namespace.name() + ": every identity that it has issued would lose");
  }

  @Test
  void secretThatIsNotThere_isRefusedBeforeAPodWaitsForIt() throws Exception {
    assertRefused(
        helm("install", "--set", "ca.keyEncryptionKey.existingSecret=mine"),
        "has no such Secret: make it first: kubectl -n " + namespace.name() + " create secret");
    Kubectl.feed(
            "", "create", "secret", "generic", "mine", "--from-literal=a=b", "-n", namespace.name())
        .succeeded();
    assertRefused(
        helm("install", "--set", "ca.keyEncryptionKey.existingSecret=mine"),
        "Secret mine has no key kek");
  }

  @Test
  void namespaceThatForbidsAgents_isRefusedWithTheLabel() throws Exception {
    Kubectl.feed(
            "",
            "label",
            "namespace",
            namespace.name(),
            "pod-security.kubernetes.io/enforce=baseline")
        .succeeded();
    assertRefused(
        helm("install"),
        "kubectl label --overwrite namespace "
            + namespace.name()
            + " pod-security.kubernetes.io/enforce=privileged");
  }

  @Test
  void namespaceCreate_whereTheNamespaceIsThere_isRefused() throws Exception {
    assertRefused(helm("install", "--set", "namespace.create=true"), "set it to false");
  }

  private Output helm(String verb, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                verb,
                "signet",
                chart.toString(),
                "-n",
                namespace.name(),
                "--set",
                Chart.TRUST_DOMAIN,
                "--set",
                "priorityClasses.create=false",
                "--set",
                "ca.nodeSelector.chart-test=none"));
    arguments.addAll(List.of(more));
    return Lab.helm(arguments);
  }

  /** As the CA does it. */
  private void publish(String bundle) throws Exception {
    Kubectl.feed(
            "",
            "patch",
            "configmap",
            "signet-trust-bundle",
            "-n",
            namespace.name(),
            "--field-manager=signet-ca",
            "--type=merge",
            "-p",
            "{\"data\":{\"bundle.pem\":\"" + bundle + "\"}}")
        .succeeded();
  }

  private void assertKept(String key, String bundle) throws Exception {
    assertThat(get("secret/signet-key-encryption-key", "{.data.kek}")).isEqualTo(key);
    assertThat(get("configmap/signet-trust-bundle", "{.data.bundle\\.pem}")).isEqualTo(bundle);
  }

  private String get(String object, String path) throws Exception {
    return Kubectl.run("get", object, "-n", namespace.name(), "-o", "jsonpath=" + path)
        .succeeded()
        .out();
  }

  private static void apply(String object) throws Exception {
    Kubectl.feed(object, "apply", "--server-side", "-f", "-").succeeded();
  }

  private static void assertRefused(Output result, String message) {
    assertThat(result.code()).as("%s", result.out()).isNotZero();
    assertThat(result.err()).contains(message);
  }
}
