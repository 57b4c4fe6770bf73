package dev.signet.clustertest.facts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.clustertest.facts.RecordingDriver.Publish;
import dev.signet.clustertest.lab.FailedMounts;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import dev.signet.clustertest.lab.Tokens;
import dev.signet.proto.csi.v1.VolumeCapability;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatus;
import dev.signet.sandbox.world.Eventually;
import io.grpc.Status;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The facts of KUBERNETES.md 1 to 3 and CLUSTER.md that Signet's code relies on and that a real API
 * server alone cannot show (those are in the contract, RealApiContractClusterIT): what kubelet asks
 * a CSI driver, when, and what it does with the answers. Signet's own agent says little of it,
 * since the calls hold tokens; so drivers of the suite's own are registered beside it.
 *
 * <p>Not asserted, because each takes minutes or another cluster: the 60 s of leeway after a
 * token's end (1), the new token after 80 % of at least 600 s (2), a server that shortens lifetimes
 * (2), and back-off up to 2 min (3.3). What a kubelet's restart does (3.3) is among the faults.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KubernetesFactsClusterIT {
  private static final String FACTS = "facts";

  /** As our own CSIDriver object is. */
  private static final String LIKE_OURS = "one.facts.test";

  /** Without information on pods, and tokens where kubelet below 1.35 puts them. */
  private static final String OLD = "two.facts.test";

  /** Registered with kubelet, and no CSIDriver object says anything of it. */
  private static final String UNKNOWN = "three.facts.test";

  private static final String AUDIENCE = "signet://facts.test/workload";
  private static final String KEYS = "csi.storage.k8s.io/";
  private static final String TOKENS = KEYS + "serviceAccount.tokens";
  private static final Duration SOON = Duration.ofSeconds(30);

  private final List<RecordingDriver> drivers = new ArrayList<>();
  private RecordingDriver driver;
  private RecordingDriver oldDriver;
  private String uid;

  @BeforeAll
  void start() throws Exception {
    Signet.namespace(FACTS, "restricted");
    for (String account : List.of("app", "gone")) {
      Signet.account(FACTS, account);
    }
    Kubectl.apply(
        csiDriver(LIKE_OURS, "podInfoOnMount: true, serviceAccountTokenInSecrets: true")
            + "---\n"
            + csiDriver(OLD, "podInfoOnMount: false"));
    driver =
        started(LIKE_OURS, "facts-1")
            .answerPublishes("unavailable", Status.UNAVAILABLE)
            .answerPublishes("internal", Status.INTERNAL)
            .answerPublishes("later", Status.OK, Status.INTERNAL)
            .answerUnpublishes("like-ours", Status.UNAVAILABLE);
    oldDriver = started(OLD, "facts-2");
    started(UNKNOWN, "facts-3");
    for (RecordingDriver each : drivers) {
      assertThat(each.awaitRegistration().getPluginRegistered()).isTrue();
    }
    Kubectl.create(
            pod(
                "app",
                "app",
                volume("like-ours", LIKE_OURS, "color: blue, " + KEYS + "pod.uid: planted"),
                volume("old", OLD, TOKENS + ": planted, " + KEYS + "pod.uid: planted"),
                """
                {name: tokens, projected: {sources: [
                {serviceAccountToken: {audience: "%1$s", expirationSeconds: 3600, path: same}},
                {serviceAccountToken: {audience: "%1$s", expirationSeconds: 7200, path: longer}}]}}\
                """
                    .formatted(AUDIENCE)
                    .replace("\n", " ")))
        .orFail();
    Kubectl.create(
            pod(
                "failing",
                "app",
                volume("unavailable", LIKE_OURS, ""),
                volume("internal", LIKE_OURS, ""),
                volume("later", LIKE_OURS, "")))
        .orFail();
    Kubectl.create(pod("unknown", "app", volume("unknown", UNKNOWN, ""))).orFail();
    Kubectl.create(
            pod("accountless", "gone", volume("never", LIKE_OURS, ""))
                .replace(
                    "  nodeName: node-a",
                    "  nodeSelector: {kubernetes.io/hostname: node-a}\n"
                        + "  schedulingGates: [{name: facts.test/later}]"))
        .orFail();
    Kubectl.run("delete", "serviceaccount", "-n", FACTS, "gone").orFail();
    Kubectl.run(
            "patch",
            "pod",
            "-n",
            FACTS,
            "accountless",
            "--type=json",
            "-p",
            "[{\"op\":\"remove\",\"path\":\"/spec/schedulingGates\"}]")
        .orFail();
    uid = uid("app");
  }

  @AfterAll
  void end() throws IOException {
    Kubectl.run("delete", "pods", "--all", "-n", FACTS, "--timeout=60s").orFail();
    Kubectl.run("delete", "namespace", FACTS, "--wait=false").orFail();
    Kubectl.run("delete", "csidriver", LIKE_OURS, OLD).orFail();
    for (RecordingDriver each : drivers) {
      each.close();
    }
  }

  private RecordingDriver started(String name, String instance) throws IOException {
    RecordingDriver started = new RecordingDriver(Lab.NODE_A, name, instance);
    drivers.add(started);
    return started;
  }

  private static String csiDriver(String name, String more) {
    return """
    apiVersion: storage.k8s.io/v1
    kind: CSIDriver
    metadata: {name: %s}
    spec: {attachRequired: false, volumeLifecycleModes: [Ephemeral], fsGroupPolicy: None,
      requiresRepublish: true, tokenRequests: [{audience: "%s", expirationSeconds: 3600}], %s}
    """
        .formatted(name, AUDIENCE, more);
  }

  private static String volume(String name, String driver, String attributes) {
    return "{name: %s, csi: {driver: %s, readOnly: true, volumeAttributes: {%s}}}"
        .formatted(name, driver, attributes);
  }

  /** A pod on node-a that mounts these volumes and takes a second to end. */
  private static String pod(String name, String account, String... volumes) {
    List<String> mounts =
        Stream.of(volumes)
            .map(volume -> volume.replaceAll("(?s)^\\{name: ([a-z-]+),.*", "$1"))
            .map(volume -> "{name: %1$s, mountPath: /%1$s, readOnly: true}".formatted(volume))
            .toList();
    return ProbePod.of(
                FACTS,
                name,
                account,
                Lab.NODE_A,
                "-c",
                "trap 'sleep 1; exit 0' TERM; while :; do sleep 0.1; done")
            .withoutIdentity()
            .yaml()
            .replace(ProbePod.IMAGE, "signet.dev/test/busybox:1")
            .replace("terminationGracePeriodSeconds: 1", "terminationGracePeriodSeconds: 20")
            .replace("runAsUser: 1000", "runAsUser: 1000, fsGroup: 2000")
        + "    volumeMounts: ["
        + String.join(", ", mounts)
        + "]\n"
        + "  volumes: ["
        + String.join(", ", volumes)
        + "]\n";
  }

  private static String uid(String pod) {
    return Kubectl.text(Kubectl.get("pod", "-n", FACTS, pod), "metadata.uid");
  }

  private List<Publish> publishes(int count) throws InterruptedException {
    return driver.awaitPublishes(uid, "like-ours", count, SOON);
  }

  /** The token for our audience in kubelet's JSON. */
  private static String token(String json) {
    JsonObject tokens = JsonParser.parseString(json).getAsJsonObject();
    assertThat(tokens.keySet()).containsExactly(AUDIENCE);
    JsonObject token = tokens.getAsJsonObject(AUDIENCE);
    assertThat(token.keySet()).containsExactlyInAnyOrder("token", "expirationTimestamp");
    return token.get("token").getAsString();
  }

  private static void assertInvalid(Output answer, String why) {
    assertThat(answer.code()).as("%s", answer.out()).isNotZero();
    assertThat(answer.err()).contains(why);
  }

  /** KUBERNETES.md 1 and 2, on a token that kubelet itself has asked for. */
  @Test
  void credentialId_isTheOneInTheApiServersAuditLog() throws Exception {
    String token = token(publishes(1).getFirst().request().getSecretsOrThrow(TOKENS));
    String credential = "JTI=" + Tokens.claims(token).get("jti").getAsString();

    JsonObject entry =
        Eventually.await(SOON, () -> audited(credential))
            .orElseThrow(
                () -> new AssertionError("no request of the audit log gave out the token"));

    assertThat(Kubectl.text(entry, "user.username")).isEqualTo("system:node:" + Lab.NODE_A);
    assertThat(Kubectl.text(entry, "verb")).isEqualTo("create");
    assertThat(Kubectl.text(entry, "objectRef.subresource")).isEqualTo("token");
    assertThat(Kubectl.text(entry, "objectRef.name")).isEqualTo("app");
  }

  /** The request that an issued token is from. */
  private static Optional<JsonObject> audited(String credential) throws IOException {
    try (Stream<String> lines = Files.lines(Lab.folder().resolve("log/cp/audit.log"))) {
      return lines
          .filter(line -> line.contains(credential) && line.contains("issued-credential-id"))
          .map(line -> JsonParser.parseString(line).getAsJsonObject())
          .filter(entry ->
              entry
                  .getAsJsonObject("annotations")
                  .get("authentication.kubernetes.io/issued-credential-id")
                  .getAsString()
                  .equals(credential))
          .findFirst();
    }
  }

  /**
   * KUBERNETES.md 2, CLUSTER.md: kubelet's tokens are one per pod, audience and lifetime, whoever
   * they are for. So a pod's token is never a secret from its pod, and the CSI driver's does not
   * say more than a projected one.
   *
   * <p>Once it has settled: for volumes that are mounted at the same moment kubelet asks more than
   * once, and keeps the last answer.
   */
  @Test
  void token_isOnePerPodAudienceAndLifetime() throws Exception {
    Kubectl.await(SOON, FACTS, "pod/app", ProbePod::isReady);
    assertThat(Eventually.await(SOON, () -> Optional.of(settled()).filter(same -> same)))
        .as("two drivers and the pod itself have one token")
        .isPresent();

    assertThat(projected("longer").equals(projected("same"))).as("of another lifetime").isFalse();
  }

  private boolean settled() {
    List<Publish> ours = driver.publishes(uid, "like-ours");
    List<Publish> others = oldDriver.publishes(uid, "old");
    if (ours.size() < 2 || others.size() < 2) {
      return false;
    }
    String token = token(ours.getLast().request().getSecretsOrThrow(TOKENS));
    return token.equals(token(others.getLast().request().getVolumeContextOrThrow(TOKENS)))
        && token.equals(projected("same"));
  }

  /** By kubelet's own file: it is a secret, and stays out of messages. */
  private String projected(String file) {
    return Lab.node(
            Lab.NODE_A,
            "cat",
            "/var/lib/kubelet/pods/" + uid + "/volumes/kubernetes.io~projected/tokens/" + file)
        .orFail()
        .strip();
  }

  /** KUBERNETES.md 3.2. */
  @Test
  void publish_namesVolumeAndTargetByPodAndVolume() throws Exception {
    Publish first = publishes(1).getFirst();
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest((uid + "like-ours").getBytes(StandardCharsets.UTF_8));

    assertThat(first.request().getVolumeId()).isEqualTo("csi-" + HexFormat.of().formatHex(digest));
    assertThat(first.request().getTargetPath())
        .isEqualTo("/var/lib/kubelet/pods/" + uid + "/volumes/kubernetes.io~csi/like-ours/mount");
    assertThat(first.request().getReadonly()).isTrue();
    assertThat(first.request().getVolumeCapability().getAccessTypeCase())
        .isEqualTo(VolumeCapability.AccessTypeCase.MOUNT);
    assertThat(first.request().getStagingTargetPath()).isEmpty();
    assertThat(first.request().getPublishContextMap()).isEmpty();
  }

  /** KUBERNETES.md 3.2: the folder is kubelet's, what is in it the driver's. */
  @Test
  void firstPublish_findsTheFolderAndNoMount() throws Exception {
    Publish first = publishes(1).getFirst();
    assertThat(first.folderMode()).isEqualTo("rwxr-x---");
    assertThat(first.mounted()).isFalse();
  }

  /** KUBERNETES.md 3.2, tier A: kubelet's keys win, the author's others stay, tokens are apart. */
  @Test
  void publish_holdsKubeletsKeysOverTheAuthors_andTokensInSecrets() throws Exception {
    Publish first = publishes(1).getFirst();
    assertThat(first.request().getVolumeContextMap())
        .isEqualTo(
            Map.of(
                "color",
                "blue",
                KEYS + "pod.name",
                "app",
                KEYS + "pod.namespace",
                FACTS,
                KEYS + "pod.uid",
                uid,
                KEYS + "serviceAccount.name",
                "app",
                KEYS + "ephemeral",
                "true"));
    assertThat(first.request().getSecretsMap()).containsOnlyKeys(TOKENS);
    JsonObject bound =
        Tokens.claims(token(first.request().getSecretsOrThrow(TOKENS)))
            .getAsJsonObject("kubernetes.io");
    assertThat(Kubectl.text(bound, "pod.uid")).isEqualTo(uid);
    assertThat(Kubectl.text(bound, "node.name")).isEqualTo(Lab.NODE_A);
  }

  /** KUBERNETES.md 3.1, 3.2: tiers B and C; and why {@code podInfoOnMount} has to be true. */
  @Test
  void publish_ofADriverWithoutPodInformation_keepsWhatTheAuthorPlanted() throws Exception {
    Publish first = oldDriver.awaitPublishes(uid, "old", 1, SOON).getFirst();
    assertThat(first.request().getSecretsMap()).isEmpty();
    assertThat(first.request().getVolumeContextMap()).containsOnlyKeys(TOKENS, KEYS + "pod.uid");
    assertThat(first.request().getVolumeContextOrThrow(KEYS + "pod.uid")).isEqualTo("planted");
    assertThat(token(first.request().getVolumeContextOrThrow(TOKENS))).contains(".");
  }

  /** KUBERNETES.md 3.1: only where the driver has the capability. */
  @Test
  void publish_namesTheFsGroup() throws Exception {
    assertThat(
            publishes(1)
                .getFirst()
                .request()
                .getVolumeCapability()
                .getMount()
                .getVolumeMountGroup())
        .isEqualTo("2000");
  }

  /** KUBERNETES.md 3.3. */
  @Test
  void call_hasTwoMinutes() throws Exception {
    assertThat(publishes(1).getFirst().deadline())
        .isBetween(Duration.ofSeconds(100), Duration.ofMinutes(2));
  }

  /** KUBERNETES.md 3.3, CLUSTER.md: soon, then in kubelet's rhythm; with the token it has. */
  @Test
  void republish_comesSoon_andThenWithEachSync() throws Exception {
    Duration sync = sync();
    List<Publish> calls =
        Eventually.await(
                sync.multipliedBy(5),
                () ->
                    Optional.of(driver.publishes(uid, "like-ours"))
                        .filter(
                            seen -> gaps(seen).stream().anyMatch(gap -> gap.compareTo(sync) > 0)))
            .orElseThrow(() -> new AssertionError("no republish after " + sync));

    List<Duration> gaps = gaps(calls);
    assertThat(gaps.getFirst()).isLessThan(Duration.ofSeconds(3));
    assertThat(gaps.getLast()).isLessThan(sync.multipliedBy(2).plusSeconds(2));
    assertThat(calls.subList(1, calls.size())).allMatch(Publish::mounted);
    assertThat(
            token(calls.getLast().request().getSecretsOrThrow(TOKENS))
                .equals(token(calls.get(calls.size() - 2).request().getSecretsOrThrow(TOKENS))))
        .as("the token is the one of the sync before")
        .isTrue();
  }

  private static List<Duration> gaps(List<Publish> calls) {
    return IntStream.range(1, calls.size())
        .mapToObj(i -> Duration.ofNanos(calls.get(i).nanos() - calls.get(i - 1).nanos()))
        .toList();
  }

  private static Duration sync() {
    JsonObject config =
        JsonParser.parseString(
                Kubectl.run("get", "--raw", "/api/v1/nodes/" + Lab.NODE_A + "/proxy/configz")
                    .orFail())
            .getAsJsonObject();
    return Duration.parse("PT" + Kubectl.text(config, "kubeletconfig.syncFrequency"));
  }

  /** KUBERNETES.md 3.3. */
  @Test
  void failedPublish_isTriedAgainAfterHalfASecond_andIsCleanedUpUnlessItMayHaveWorked()
      throws Exception {
    String failing = uid("failing");
    List<Publish> unavailable = driver.awaitPublishes(failing, "unavailable", 2, SOON);
    List<Publish> internal = driver.awaitPublishes(failing, "internal", 2, SOON);

    for (List<Publish> calls : List.of(unavailable, internal)) {
      assertThat(gaps(calls).getFirst()).isBetween(Duration.ofMillis(450), Duration.ofSeconds(3));
    }
    assertThat(unavailable.get(1).mounted()).as("after UNAVAILABLE").isTrue();
    assertThat(internal.get(1).mounted()).as("after INTERNAL").isFalse();
  }

  /**
   * KUBERNETES.md 3.3, Kubernetes issue 121271: this version has the mend. Ones without it take the
   * mount away here, which is why the agent never answers a live volume's republish with an error.
   */
  @Test
  void failedRepublish_leavesTheMount() throws Exception {
    List<Publish> calls = driver.awaitPublishes(uid("failing"), "later", 3, SOON);
    assertThat(calls.subList(1, 3)).allMatch(Publish::mounted);
  }

  /** KUBERNETES.md 3.3: no token, no call. */
  @Test
  void tokenThatKubeletCannotGet_keepsItFromCallingTheDriver() throws Exception {
    FailedMounts.await(FACTS, "accountless", "serviceaccounts \"gone\" not found");
    assertThat(driver.publishes(uid("accountless"), "never")).isEmpty();
  }

  /** KUBERNETES.md 3.1. */
  @Test
  void inlineVolume_ofADriverWithoutItsObject_isRefused() throws Exception {
    FailedMounts.await(
        FACTS,
        "unknown",
        "volume mode \"Ephemeral\" not supported by driver " + UNKNOWN + " (no CSIDriver object)");
  }

  /** KUBERNETES.md 3.3: after the containers; again where it failed; and then the pod is gone. */
  @Test
  void unpublish_comesAfterTheContainers_andAgainWhereItFailed() throws Exception {
    String leaving = "leaving";
    Kubectl.create(pod(leaving, "app", volume("like-ours", LIKE_OURS, ""))).orFail();
    JsonObject pod = Kubectl.await(SOON, FACTS, "pod/" + leaving, ProbePod::isReady);
    String leavingUid = Kubectl.text(pod, "metadata.uid");
    Publish published = driver.publishes(leavingUid, "like-ours").getFirst();

    long deleted = System.nanoTime();
    Kubectl.run("delete", "pod", "-n", FACTS, leaving, "--timeout=60s").orFail();

    var calls = driver.awaitUnpublishes(leavingUid, "like-ours", 2, Duration.ofSeconds(1));
    assertThat(Duration.ofNanos(calls.getFirst().nanos() - deleted))
        .as("its container takes a second to end")
        .isGreaterThan(Duration.ofSeconds(1));
    assertThat(calls)
        .allSatisfy(call -> {
          assertThat(call.request().getVolumeId()).isEqualTo(published.request().getVolumeId());
          assertThat(call.request().getTargetPath()).isEqualTo(published.request().getTargetPath());
        });
  }

  /** KUBERNETES.md 3.4: so the DaemonSet has {@code maxSurge: 0}. */
  @Test
  void secondDriverOfOneNameAndVersion_isRefused() throws Exception {
    try (RecordingDriver second = new RecordingDriver(Lab.NODE_A, LIKE_OURS, "facts-1-again")) {
      RegistrationStatus status = second.awaitRegistration();
      assertThat(status.getPluginRegistered()).isFalse();
      assertThat(status.getError()).contains("already registered");
    }
  }

  /** KUBERNETES.md 3.4: kubelet writes it, from NodeGetInfo. */
  @Test
  void registeredDriver_isInCsiNode() {
    List<JsonElement> found =
        Kubectl.get("csinode", Lab.NODE_A)
            .getAsJsonObject("spec")
            .getAsJsonArray("drivers")
            .asList();
    assertThat(found)
        .anySatisfy(entry -> {
          assertThat(Kubectl.text(entry.getAsJsonObject(), "name")).isEqualTo(LIKE_OURS);
          assertThat(Kubectl.text(entry.getAsJsonObject(), "nodeID"))
              .isEqualTo("id-of-" + Lab.NODE_A);
        });
  }

  /** KUBERNETES.md 3.1: what an upgrade of the chart can never change, and what it can. */
  @Test
  void csiDriver_hasTwoFieldsThatNeverChange() {
    // Its own spelling.
    assertInvalid(
        patched("attachRequired", "true"),
        "spec.attachedRequired: Invalid value: true: field is immutable");
    Output modes = patched("volumeLifecycleModes", "[\"Ephemeral\",\"Persistent\"]");
    assertInvalid(modes, "spec.volumeLifecycleModes: Invalid value");
    assertInvalid(modes, "field is immutable");
    patched("requiresRepublish", "false").orFail();
    patched("podInfoOnMount", "false").orFail();
    patched("tokenRequests", "[{\"audience\":\"b\",\"expirationSeconds\":600}]").orFail();
    patched("serviceAccountTokenInSecrets", "false").orFail();
  }

  /** KUBERNETES.md 3.1: audiences are distinct; tokens in secrets need tokens; 600 s at least. */
  @Test
  void csiDriver_asksForTokensThatMakeSense() {
    assertInvalid(
        patched("tokenRequests", "[{\"audience\":\"a\"},{\"audience\":\"a\"}]"), "Duplicate value");
    assertInvalid(patched("tokenRequests", "null"), "serviceAccountTokenInSecrets");
    assertInvalid(
        patched("tokenRequests", "[{\"audience\":\"a\",\"expirationSeconds\":599}]"),
        "expirationSeconds");
  }

  private static Output patched(String field, String value) {
    return Kubectl.run(
        "patch",
        "csidriver",
        LIKE_OURS,
        "--dry-run=server",
        "--type=merge",
        "-p",
        "{\"spec\":{\"%s\":%s}}".formatted(field, value));
  }

  /** KUBERNETES.md 3.2: why {@code secrets} come first: nobody can plant kubelet's key there. */
  @Test
  void secret_cannotHoldKubeletsKey() {
    assertInvalid(
        Kubectl.create(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: planted, namespace: %s}
            stringData: {"%s": planted}
            """
                .formatted(FACTS, TOKENS)),
        "a valid config key must consist of alphanumeric characters");
  }

  /** KUBERNETES.md 3.5: why the agent is privileged. */
  @Test
  void mountsThatOthersSee_needAPrivilegedContainer() {
    String pod =
        ProbePod.of("default", "shows", "default", Lab.NODE_A, "sleep")
            .yaml()
            .replace("readOnly: true}\n  volumes", "mountPropagation: Bidirectional}\n  volumes");
    assertThat(pod).contains("Bidirectional");
    assertInvalid(
        Kubectl.feed(pod, "create", "--dry-run=server", "-f", "-"),
        "Bidirectional mount propagation is available only to privileged containers");
  }
}
