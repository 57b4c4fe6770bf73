package dev.signet.clustertest.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code signet preflight} and {@code signet volumes} on an installation, whole and broken. */
class PreflightClusterIT {
  private static final String NAMESPACE = "preflight";
  private static final String ADMIN = "admin";
  private static final String LISTER = "lister";
  private static final String NOBODY = "nobody";

  @BeforeAll
  static void install() {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    for (String account : List.of(ADMIN, LISTER, NOBODY, "web")) {
      Signet.account(NAMESPACE, account);
    }
    Kubectl.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: preflight-lister}
        rules:
        - {apiGroups: [""], resources: [pods], verbs: [list]}
        """);
    bind("preflight-admin", "cluster-admin", NAMESPACE, ADMIN);
    bind("preflight-lister", "preflight-lister", NAMESPACE, LISTER);
  }

  @AfterAll
  static void remove() {
    Kubectl.run("delete", "clusterrolebinding", "preflight-admin", "preflight-lister").orFail();
    Kubectl.run("delete", "clusterrole", "preflight-lister").orFail();
    Kubectl.removeNamespace(NAMESPACE);
  }

  private static void bind(String name, String role, String namespace, String account) {
    Kubectl.apply(
        """
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: %s}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
        subjects: [{kind: ServiceAccount, name: %s, namespace: %s}]
        """
            .formatted(name, role, account, namespace));
  }

  private static List<String> statuses(CommandPod.Result result, String check) {
    JsonObject report = JsonParser.parseString(result.printed()).getAsJsonObject();
    return report.getAsJsonArray("findings").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(finding -> finding.get("check").getAsString().equals(check))
        .map(finding -> finding.get("status").getAsString())
        .toList();
  }

  @Test
  void installationInOrder_passes_andNoTokenIsPrinted() throws Exception {
    CommandPod.Result result =
        CommandPod.run(NAMESPACE, ADMIN, "whole", "preflight", "--output", "json");

    assertThat(result.code()).as("%s", result.printed()).isZero();
    JsonObject counts =
        JsonParser.parseString(result.printed()).getAsJsonObject().getAsJsonObject("counts");
    assertThat(counts.get("unknown").getAsInt()).as("%s", result.printed()).isZero();
    assertThat(counts.get("not_installed").getAsInt()).isZero();
    assertThat(result.printed()).contains(Signet.TRUST_DOMAIN).doesNotContain("eyJ");
  }

  @Test
  void rightTooMuch_andDriverThatIsWrong_fail() throws Exception {
    bind("preflight-excess", "view", Signet.NAMESPACE, "signet-agent");
    driver("false");
    try {
      CommandPod.Result result =
          CommandPod.run(NAMESPACE, ADMIN, "broken", "preflight", "--output", "json");

      assertThat(result.code()).as("%s", result.printed()).isEqualTo(1);
      assertThat(statuses(result, "agent-excess")).containsExactly("fail");
      assertThat(statuses(result, "csi-driver")).containsExactly("fail");
      assertThat(statuses(result, "ca-excess")).containsExactly("ok");
      assertThat(result.printed()).contains("kubectl delete clusterrolebinding preflight-excess");
    } finally {
      driver("true");
      Kubectl.run("delete", "clusterrolebinding", "preflight-excess").orFail();
    }
  }

  private static void driver(String republish) {
    Kubectl.run(
            "patch",
            "csidriver",
            "csi.signet.dev",
            "--type=merge",
            "-p",
            "{\"spec\":{\"requiresRepublish\":" + republish + "}}")
        .orFail();
  }

  @Test
  void userWithoutRights_learnsNothing_andIsToldSo() throws Exception {
    CommandPod.Result result =
        CommandPod.run(NAMESPACE, NOBODY, "blind", "preflight", "--output", "json");

    assertThat(result.code()).as("%s", result.printed()).isZero();
    assertThat(statuses(result, "token-audience")).containsExactly("unknown");
    assertThat(statuses(result, "csi-registered")).containsExactly("unknown");
    assertThat(statuses(result, "ca-rights")).containsExactly("unknown");
  }

  @Test
  void volumes_needTheRightToListPodsAlone_andSayWhoHoldsThem() throws Exception {
    ProbePod.of(NAMESPACE, "holder", "web", Lab.NODE_A, "sleep").start();
    try {
      CommandPod.Result result =
          CommandPod.run(
              NAMESPACE, LISTER, "holders", "volumes", "--in-use", "--exit-code", "-n", NAMESPACE);

      assertThat(result.code()).as("%s", result.printed()).isEqualTo(3);
      assertThat(result.printed()).contains("holder", "node-a", "--no-hooks");
    } finally {
      Kubectl.run("delete", "pod", "holder", "-n", NAMESPACE).orFail();
    }
    assertThat(
            CommandPod.run(
                    NAMESPACE,
                    LISTER,
                    "free",
                    "volumes",
                    "--in-use",
                    "--exit-code",
                    "-n",
                    NAMESPACE)
                .code())
        .isZero();
  }
}
