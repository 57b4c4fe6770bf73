package dev.signet.clustertest.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Java programs in pods (src/cluster-test/java-probe): a server with Signet's SDK, whom its callers
 * reach with the SDK, with java-spiffe as it is published, and with go-spiffe.
 */
class JavaWorkloadsClusterIT {
  private static final String IMAGE = "signet.dev/test/java-probe:1";
  private static final String NAMESPACE = "java";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String SERVER = Signet.id(NAMESPACE, "server");
  private static final String CART = Signet.id(NAMESPACE, "cart");

  @BeforeAll
  static void install() {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    for (String account : List.of("server", "cart", "stranger", "go-stranger")) {
      Signet.account(NAMESPACE, account);
    }
  }

  @AfterAll
  static void remove() {
    Kubectl.removeNamespace(NAMESPACE);
  }

  @Test
  void aServerWithTheSdk_isCalledBySdk_javaSpiffe_andGoSpiffe_byIdentityAlone() throws Exception {
    ProbePod goCart = ProbePod.of(NAMESPACE, "go-cart", "cart", Lab.NODE_A, "watch").create();
    ProbePod goStranger =
        ProbePod.of(NAMESPACE, "go-stranger", "go-stranger", Lab.NODE_A, "watch").create();
    // With nothing but its identity: the SDK writes nowhere.
    ProbePod server =
        ProbePod.of(NAMESPACE, "server", "server", Lab.NODE_B, "sdk-serve", "8443", CART);
    Kubectl.create(java(server)).orFail();
    JsonObject serving =
        server
            .awaitReady()
            .awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("serving"));
    assertThat(Kubectl.text(serving, "id")).isEqualTo(SERVER);
    String address =
        Kubectl.text(Kubectl.get("pod", "-n", NAMESPACE, "server"), "status.podIP") + ":8443";

    ProbePod sdk = call("sdk-cart", "cart", "sdk-call", address, SERVER);
    ProbePod javaSpiffe = call("java-spiffe-cart", "cart", "java-spiffe-call", address, SERVER);
    ProbePod stranger =
        call("java-spiffe-stranger", "stranger", "java-spiffe-call", address, SERVER);
    ProbePod deceived = call("java-spiffe-deceived", "cart", "java-spiffe-call", address, CART);

    JsonObject answer =
        ProbePod.events(goCart.awaitReady().probe("call", address, "--expect", SERVER).orFail())
            .getLast();
    assertThat(Kubectl.text(answer, "me")).isEqualTo(CART);
    assertThat(Kubectl.text(answer, "peer")).isEqualTo(SERVER);
    assertThat(goStranger.awaitReady().probe("call", address, "--expect", SERVER).code())
        .isNotZero();
    for (ProbePod caller : List.of(sdk, javaSpiffe)) {
      assertThat(Kubectl.text(ended(caller, "Succeeded"), "me")).as(caller.name()).isEqualTo(CART);
    }
    assertThat(Kubectl.text(ended(stranger, "Failed"), "event")).isEqualTo("error");
    for (String account : List.of("stranger", "go-stranger")) {
      server.awaitRefusal(SOON, Signet.id(NAMESPACE, account));
    }
    assertThat(Kubectl.text(ended(deceived, "Failed"), "message")).contains("SPIFFE ID");
  }

  private static ProbePod call(String name, String account, String... arguments) {
    ProbePod pod =
        ProbePod.of(NAMESPACE, name, account, Lab.NODE_A, arguments)
            .withSpec("restartPolicy: Never\n");
    // java-spiffe unpacks a native library there.
    Kubectl.create(
            java(pod)
                    .replace(
                        "    volumeMounts:\n",
                        "    volumeMounts:\n    - {name: tmp, mountPath: /tmp}\n")
                + "  - {name: tmp, emptyDir: {}}\n")
        .orFail();
    return pod;
  }

  private static String java(ProbePod pod) {
    return pod.yaml()
        .replace(
            "image: " + ProbePod.IMAGE,
            "image: "
                + IMAGE
                + "\n    env: [{name: SPIFFE_ENDPOINT_SOCKET, value: \"unix:///spiffe-workload-api/api.sock\"}]");
  }

  /** The last line of a program that ended so. */
  private static JsonObject ended(ProbePod pod, String phase) throws InterruptedException {
    JsonObject object =
        Kubectl.await(
            SOON,
            NAMESPACE,
            "pod/" + pod.name(),
            found -> List.of("Succeeded", "Failed").contains(Kubectl.text(found, "status.phase")));
    assertThat(Kubectl.text(object, "status.phase"))
        .as("%s: %s", pod.name(), Kubectl.logs(NAMESPACE, pod.name()))
        .isEqualTo(phase);
    return pod.events().getLast();
  }
}
