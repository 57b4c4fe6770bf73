package dev.signet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.sandbox.api.SandboxApi;
import dev.signet.sandbox.api.SandboxApiConfig;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1CSIVolumeSource;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Node;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodStatus;
import io.kubernetes.client.openapi.models.V1Volume;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code preflight} and {@code volumes} from the command line to an API server, and back. */
class ClusterCommandsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  @TempDir Path folder;
  private SandboxApi api;
  private Path kubeconfig;

  @BeforeEach
  void start() throws Exception {
    api = SandboxApi.start(SandboxApiConfig.defaults(), InstantSource.system());
    kubeconfig = Files.writeString(folder.resolve("config"), api.admin().kubeconfig());
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return Main.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.of("KUBECONFIG", kubeconfig.toString(), "HOME", folder.toString()));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** A pod of kube-system that runs, with Signet's volume or without. */
  private void pod(boolean volume) throws Exception {
    CoreV1Api core = new CoreV1Api(api.admin().client());
    core.createNode(new V1Node().metadata(new V1ObjectMeta().name("node-a"))).execute();
    V1PodSpec spec =
        new V1PodSpec()
            .serviceAccountName("default")
            .nodeName("node-a")
            // The model writes an empty map, which admission takes for an overhead.
            .overhead(null)
            .addContainersItem(new V1Container().name("c").image("x"));
    if (volume) {
      spec.addVolumesItem(
          new V1Volume().name("id").csi(new V1CSIVolumeSource().driver("csi.signet.dev")));
    }
    V1Pod pod =
        core.createNamespacedPod(
                "kube-system", new V1Pod().metadata(new V1ObjectMeta().name("p")).spec(spec))
            .execute();
    new CoreV1Api(api.kubelet("node-a").client())
        .replaceNamespacedPodStatus(
            "p", "kube-system", pod.status(new V1PodStatus().phase("Running")))
        .execute();
  }

  @Test
  void realToken_isMadeAndReviewed_andPrintedNowhere() throws Exception {
    pod(false);

    run("preflight", "--trust-domain", "shop.example", "-o", "json");

    JsonObject report = JsonParser.parseString(printed()).getAsJsonObject();
    assertThat(List.of("token-audience", "token-foreign-audience", "token-extras"))
        .allSatisfy(check -> assertThat(statuses(report, check)).containsExactly("ok"));
    assertThat(printed() + complained()).doesNotContain("eyJ");
  }

  @Test
  void json_keepsItsForm() {
    int code = run("preflight", "--output", "json");

    JsonObject report = JsonParser.parseString(printed()).getAsJsonObject();
    assertThat(report.keySet())
        .containsExactly(
            "schema", "server", "namespace", "trust_domain", "passed", "counts", "findings");
    assertThat(report.get("schema").getAsInt()).isEqualTo(1);
    assertThat(report.get("passed").getAsBoolean()).isEqualTo(code == 0);
    assertThat(report.getAsJsonArray("findings"))
        .isNotEmpty()
        .allSatisfy(finding ->
            assertThat(finding.getAsJsonObject().keySet())
                .containsExactly("check", "section", "status", "seen", "why", "mend"));
    assertThat(report.getAsJsonObject("counts").keySet())
        .containsExactly("ok", "warn", "fail", "unknown", "not_installed");
  }

  @Test
  void text_beginsWithTheCluster_andEndsWithTheSum() {
    assertThat(run("preflight", "-n", "other")).isBetween(0, 1);

    assertThat(printed()).startsWith("https://127.0.0.1:").contains(", namespace other,");
    assertThat(printed().lines().toList().getLast()).matches("(\\d+ [A-Z]+, )*.*\\d+ UNKNOWN.*");
  }

  @Test
  void volumes_areListed_andHoldAnUninstall() throws Exception {
    assertThat(run("volumes", "--in-use", "--exit-code")).isZero();
    assertThat(printed()).isEqualTo("no pod uses the volume" + System.lineSeparator());

    pod(true);
    assertThat(run("volumes")).isZero();
    assertThat(printed()).contains("kube-system  p");
    assertThat(run("volumes", "--in-use", "--exit-code")).isEqualTo(3);
    assertThat(printed()).contains("kubectl -n kube-system delete pod p", "--no-hooks");
    assertThat(run("volumes", "-n", "default", "--exit-code")).isZero();
  }

  @Test
  void podsThatCannotBeListed_holdAnUninstallToo() throws Exception {
    Files.writeString(
        kubeconfig, api.account("default", "default", Duration.ofMinutes(10)).kubeconfig());

    assertThat(run("volumes", "--in-use", "--exit-code")).isEqualTo(1);
    assertThat(complained()).contains("may not list pods").hasLineCount(1);
    assertThat(printed()).isEmpty();
  }

  @Test
  void clusterThatDoesNotAnswer_isThree_andForVolumesOne() {
    api.close();

    assertThat(run("preflight")).isEqualTo(3);
    assertThat(complained()).contains("does not answer").hasLineCount(1);
    assertThat(run("volumes", "--exit-code")).isEqualTo(1);
    assertThat(complained()).contains("does not answer").hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "preflight --trust-domain Shop.Example | --trust-domain",
        "preflight --namespace a/b             | --namespace",
        "preflight --kubelet-dir var/lib       | --kubelet-dir",
        "preflight --kubelet-dir /var/lib/     | --kubelet-dir",
        "preflight --review nobody             | --review",
        "preflight --output xml                | --output",
        "preflight --kubeconfig /nonexistent   | /nonexistent does not exist",
        "preflight --context other             | no context 'other'",
        "volumes -n a/b                        | --namespace",
        "volumes -A -n shop                    | mutually exclusive",
        "volumes --context other               | no context 'other'",
        "volumes shop                          | shop",
      })
  void badInput_isTwo_andOneLine(String line, String said) {
    assertThat(run(line.split(" "))).isEqualTo(2);
    assertThat(complained()).contains(said).hasLineCount(1);
    assertThat(printed()).isEmpty();
  }

  private static List<String> statuses(JsonObject report, String check) {
    return report.getAsJsonArray("findings").asList().stream()
        .map(finding -> finding.getAsJsonObject())
        .filter(finding -> finding.get("check").getAsString().equals(check))
        .map(finding -> finding.get("status").getAsString())
        .toList();
  }
}
