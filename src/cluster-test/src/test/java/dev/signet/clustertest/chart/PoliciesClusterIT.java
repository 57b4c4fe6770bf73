package dev.signet.clustertest.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The admission policies of the chart, in force on the API server under names of their own, so that
 * it does not matter whether the chart itself is installed, and for namespaces of their own, so
 * that no other pod meets them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PoliciesClusterIT {
  private static final String CONTROLLER =
      "system:serviceaccount:kube-system:daemon-set-controller";

  private static final String MINE = "signet.dev/chart-test";

  private static final String GOOD =
      """
      {"name":"identity","csi":{"driver":"csi.signet.dev","readOnly":true}}\
      """;

  private final List<KubernetesObject> policies = new ArrayList<>();
  private TestNamespace release;
  private TestNamespace tenant;
  private TestNamespace injected;

  @BeforeAll
  void putInForce() throws Exception {
    release = TestNamespace.create(Map.of(MINE, "true"));
    tenant = TestNamespace.create(Map.of(MINE, "true"));
    injected = TestNamespace.create(Map.of(MINE, "true", "signet.dev/inject", "true"));
    Kubectl.run("create", "serviceaccount", "signet-agent", "-n", release.name()).succeeded();
    Chart.render(release.name(), List.of("--set", "policies.injectVolume.enabled=true")).stream()
        .filter(object -> object.kind().contains("AdmissionPolicy"))
        .map(this::renamed)
        .forEach(policies::add);
    Kubectl.feed(Chart.list(policies), "apply", "--server-side", "-f", "-").succeeded();
    awaitDenied(
        "signet-volumes",
        pod(tenant, "", "{\"name\":\"v\",\"csi\":{\"driver\":\"csi.signet.dev\"}}", ""));
    awaitDenied("signet-agent-folders", pod(tenant, "", hostPath("/run/signet"), ""));
    awaitDenied(
        "signet-agent-account", pod(release, "\"serviceAccountName\":\"signet-agent\",", GOOD, ""));
    awaitDenied("signet-persistent-volumes", persistentVolume());
    Wait.until(
        "the volume is added",
        () -> create(pod(injected, "", "", "")),
        result -> result.out().contains("csi.signet.dev"));
  }

  @AfterAll
  void takeAway() throws Exception {
    Kubectl.feed(Chart.list(policies), "delete", "--ignore-not-found", "-f", "-").succeeded();
    for (TestNamespace namespace : List.of(release, tenant, injected)) {
      namespace.close();
    }
  }

  /** Objects of the cluster have one name each: these stand beside those of an installed chart. */
  private KubernetesObject renamed(KubernetesObject object) {
    String prefix = release.name() + "-";
    Map<String, Object> content = KubernetesObject.map(object.content());
    content.put("metadata", Map.of("name", prefix + object.name()));
    Map<String, Object> spec = KubernetesObject.map(object.at("spec").orElseThrow());
    if (spec.containsKey("policyName")) {
      spec.put("policyName", prefix + spec.get("policyName"));
      spec.put(
          "matchResources",
          Map.of("namespaceSelector", Map.of("matchLabels", Map.of(MINE, "true"))));
    }
    content.put("spec", spec);
    return new KubernetesObject(content);
  }

  private void awaitDenied(String policy, String object) throws Exception {
    Wait.until(
        policy + " is in force",
        () -> create(object),
        result -> result.err().contains(policy + "' denied request"));
  }

  @Test
  void volumeAsItHasToBe_isAdmitted() throws Exception {
    create(pod(tenant, "", GOOD, "{\"name\":\"identity\",\"mountPath\":\"/id\",\"readOnly\":true}"))
        .succeeded();
  }

  @Test
  void otherDriversVolume_isNotOurMatter() throws Exception {
    create(
            pod(
                tenant,
                "",
                "{\"name\":\"v\",\"csi\":{\"driver\":\"csi.other.dev\",\"volumeAttributes\":{\"csi.storage.k8s.io/x\":\"y\"}}}",
                "{\"name\":\"v\",\"mountPath\":\"/v\",\"subPath\":\"a\"}"))
        .succeeded();
  }

  static Stream<Arguments> badVolumes() {
    return Stream.of(
        arguments(
            "\"readOnly\":true,\"volumeAttributes\":{\"csi.storage.k8s.io/serviceAccount.tokens\":\"{}\"}",
            "volume id-7 of driver csi.signet.dev plants an attribute that only kubelet writes"),
        arguments(
            "\"readOnly\":true,\"volumeAttributes\":{\"csi.storage.k8s.io/pod.uid\":\"u\",\"a\":\"b\"}",
            "plants an attribute that only kubelet writes"),
        arguments(
            "\"readOnly\":true,\"volumeAttributes\":{\"team\":\"a\"}",
            "volume id-7 of driver csi.signet.dev has volumeAttributes, and the driver takes none"),
        arguments("\"readOnly\":false", "volume id-7 of driver csi.signet.dev is not read-only"),
        arguments("\"fsType\":\"\"", "is not read-only: set csi.readOnly: true"),
        arguments(
            "\"readOnly\":true,\"nodePublishSecretRef\":{\"name\":\"s\"}",
            "has a nodePublishSecretRef, and the driver takes no Secret"));
  }

  @ParameterizedTest
  @MethodSource("badVolumes")
  void volumeThatCannotBe_isRefusedByName(String csi, String message) throws Exception {
    Output result =
        create(
            pod(
                tenant,
                "",
                GOOD + ",{\"name\":\"id-7\",\"csi\":{\"driver\":\"csi.signet.dev\"," + csi + "}}",
                ""));
    assertRefused(result, message);
  }

  @Test
  void subPath_isRefused_inEveryKindOfContainer() throws Exception {
    String message = "mounts the volume of driver csi.signet.dev by subPath";
    String mount = "{\"name\":\"identity\",\"mountPath\":\"/id\",\"subPath\":\"api.sock\"}";
    assertRefused(create(pod(tenant, "", GOOD, mount)), "container main " + message);
    assertRefused(
        create(pod(tenant, "", GOOD, mount.replace("subPath", "subPathExpr"))),
        "container main " + message);
    assertRefused(
        create(
            pod(
                tenant,
                "\"initContainers\":[{\"name\":\"before\",\"image\":\"none\",\"volumeMounts\":["
                    + mount
                    + "]}],",
                GOOD,
                "")),
        "container before " + message);
  }

  @Test
  void subPath_inAnEphemeralContainer_isRefusedByTheApiServerItself() throws Exception {
    String real =
        pod(tenant, "\"schedulerName\":\"none\",", GOOD, "")
            .replace("\"name\":\"pod\"", "\"name\":\"debugged\"");
    Kubectl.feed(real, "create", "-f", "-").succeeded();
    String path = "/api/v1/namespaces/" + tenant.name() + "/pods/debugged";
    JsonObject pod =
        JsonParser.parseString(Kubectl.run("get", "--raw", path).succeeded().out())
            .getAsJsonObject();
    assertRefused(
        debug(path, pod, ",\"subPath\":\"a\""),
        "subPath: Forbidden: cannot be set for an Ephemeral Container");
    debug(path, pod, "").succeeded();
  }

  private static Output debug(String path, JsonObject pod, String subPath) throws Exception {
    JsonObject changed = pod.deepCopy();
    changed
        .getAsJsonObject("spec")
        .add(
            "ephemeralContainers",
            JsonParser.parseString(
                "[{\"name\":\"debug\",\"image\":\"none\",\"volumeMounts\":[{\"name\":\"identity\",\"mountPath\":\"/id\",\"readOnly\":true"
                    + subPath
                    + "}]}]"));
    return Kubectl.feed(
        changed.toString(),
        "replace",
        "--raw",
        path + "/ephemeralcontainers?dryRun=All",
        "-f",
        "-");
  }

  @Test
  void podTooLargeToBeChecked_isRefused_notLetThrough() throws Exception {
    List<String> volumes = new ArrayList<>();
    List<String> mounts = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      volumes.add(GOOD.replace("identity", "v" + i));
      mounts.add("{\"name\":\"v%d\",\"mountPath\":\"/m%d\"}".formatted(i, i));
    }
    assertRefused(
        create(pod(tenant, "", String.join(",", volumes), String.join(",", mounts))),
        "actual cost limit exceeded");
  }

  @Test
  void persistentVolume_ofTheDriver_isRefused() throws Exception {
    assertRefused(create(persistentVolume()), "driver csi.signet.dev has no PersistentVolumes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/run/signet",
        "/run/signet/",
        "/run/signet/pods/x",
        "//run///signet",
        "/run/./signet/././pods",
        "/var/run/signet",
        "/var/lib/kubelet/plugins/csi.signet.dev",
        "/var/lib/kubelet/plugins/csi.signet.dev/csi.sock",
        "/var/lib/kubelet/plugins_registry/csi.signet.dev-reg.sock",
        "/var/lib/kubelet/pods/4a1c/volumes/kubernetes.io~csi/identity/mount",
        "/var/lib/kubelet//pods/./4a1c"
      })
  void agentsFolder_isRefused_toAnyOtherPod(String path) throws Exception {
    Output result = create(pod(tenant, "", hostPath(path), ""));
    assertRefused(
        result,
        "volume host mounts " + path + ", which belongs to the agents of Signet or to one pod");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/run/signets",
        "/run/other",
        "/srv/run/signet",
        "/var/lib/kubelet/plugins/csi.other.dev",
        "/var/lib/kubelet/plugins_registry",
        "/var/lib/kubelet/pods",
        "/var/lib/kubelet/pods/",
        "/var/lib/kubelet/plugins/csiXsignet.dev"
      })
  void othersFolder_isNotOurMatter(String path) throws Exception {
    create(pod(tenant, "", hostPath(path), "")).succeeded();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hostPath", "local"})
  void persistentVolume_opensNoAgentsFolder(String kind) throws Exception {
    String opening =
        """
        {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"chart-test"},"spec":{
        "accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Mi"},
        "%s":{"path":"/run/signet"},"nodeAffinity":{"required":{"nodeSelectorTerms":[
        {"matchExpressions":[{"key":"kubernetes.io/os","operator":"Exists"}]}]}}}}
        """
            .formatted(kind);
    assertRefused(create(opening), "no PersistentVolume may open it");
    create(opening.replace("/run/signet", "/srv/data")).succeeded();
  }

  @Test
  void agentsAccount_isForTheDaemonSet_asItsControllerMakesIt() throws Exception {
    String agent = "\"serviceAccountName\":\"signet-agent\",";
    String owned =
        pod(release, agent, GOOD, "")
            .replace(
                "\"name\":\"pod\"",
                "\"name\":\"pod\",\"ownerReferences\":[{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\","
                    + "\"name\":\"signet-agent\",\"uid\":\"u\",\"controller\":true}]");
    String message = "the account signet-agent is for the pods of the DaemonSet signet-agent";

    create(owned, "--as=" + CONTROLLER, "--as-group=system:masters").succeeded();
    // Whoever may create pods may also write that the DaemonSet owns them.
    assertRefused(create(owned), message);
    assertRefused(
        create(
            owned.replace("\"name\":\"signet-agent\",\"uid\"", "\"name\":\"mine\",\"uid\""),
            "--as=" + CONTROLLER,
            "--as-group=system:masters"),
        message);
  }

  @Test
  void podOfALabelledNamespace_getsTheVolume_inAllItsContainers() throws Exception {
    JsonObject spec =
        spec(
            create(
                pod(
                    injected,
                    "\"initContainers\":[{\"name\":\"before\",\"image\":\"none\"}],",
                    "{\"name\":\"data\",\"emptyDir\":{}}",
                    "{\"name\":\"data\",\"mountPath\":\"/data\"}")));
    assertThat(spec.getAsJsonArray("volumes").toString())
        .contains("\"name\":\"data\"")
        .contains("\"csi\":{\"driver\":\"csi.signet.dev\",\"readOnly\":true}");
    for (String kind : List.of("containers", "initContainers")) {
      assertThat(spec.getAsJsonArray(kind).toString())
          .contains("\"mountPath\":\"/spiffe-workload-api\"", "\"name\":\"signet-identity\"")
          .contains(
              "{\"name\":\"SPIFFE_ENDPOINT_SOCKET\",\"value\":\"unix:///spiffe-workload-api/api.sock\"}");
    }
    assertThat(spec.getAsJsonArray("containers").toString()).contains("\"mountPath\":\"/data\"");
  }

  @Test
  void podThatHasTheVolume_isLeftAsItIs() throws Exception {
    assertThat(spec(create(pod(injected, "", GOOD, ""))).toString())
        .doesNotContain("signet-identity", "SPIFFE_ENDPOINT_SOCKET");
  }

  @Test
  void podThatDoesNotWantIt_isLeftAsItIs() throws Exception {
    String pod =
        pod(injected, "", "", "")
            .replace(
                "\"name\":\"pod\"",
                "\"name\":\"pod\",\"labels\":{\"signet.dev/inject\":\"false\"}");
    assertThat(create(pod).succeeded().out()).doesNotContain("csi.signet.dev");
  }

  @Test
  void containerWithAVariableOfItsOwn_keepsIt() throws Exception {
    String pod =
        pod(injected, "", "", "")
            .replace(
                "\"name\":\"main\"",
                "\"name\":\"main\",\"env\":[{\"name\":\"SPIFFE_ENDPOINT_SOCKET\",\"value\":\"unix:///mine\"}]");
    assertThat(spec(create(pod)).getAsJsonArray("containers").toString())
        .contains("unix:///mine", "\"mountPath\":\"/spiffe-workload-api\"")
        .doesNotContain("api.sock");
  }

  @Test
  void podOfAnotherNamespace_getsNothing() throws Exception {
    assertThat(create(pod(tenant, "", "", "")).succeeded().out()).doesNotContain("csi.signet.dev");
  }

  private static void assertRefused(Output result, String message) {
    assertThat(result.code()).as("%s", result.out()).isNotZero();
    assertThat(result.err()).contains(message);
  }

  private static JsonObject spec(Output created) {
    return JsonParser.parseString(created.succeeded().out())
        .getAsJsonObject()
        .getAsJsonObject("spec");
  }

  private static Output create(String object, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(List.of("create", "--dry-run=server", "-o", "json", "-f", "-"));
    arguments.addAll(List.of(more));
    return Kubectl.feed(object, arguments.toArray(String[]::new));
  }

  private static String hostPath(String path) {
    return "{\"name\":\"host\",\"hostPath\":{\"path\":\"" + path + "\"}}";
  }

  private static String persistentVolume() {
    return """
    {"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"chart-test"},"spec":{
    "accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Mi"},
    "csi":{"driver":"csi.signet.dev","volumeHandle":"x"}}}\
    """;
  }

  private static String pod(TestNamespace namespace, String spec, String volumes, String mounts) {
    return """
    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod","namespace":"%s"},"spec":{%s
    "containers":[{"name":"main","image":"none","volumeMounts":[%s]}],"volumes":[%s]}}\
    """
        .formatted(namespace.name(), spec, mounts, volumes);
  }
}
