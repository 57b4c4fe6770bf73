package dev.signet.clustertest.attestation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import dev.signet.clustertest.lab.Tokens;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that keeps the token of a pod that is no more (THREATS.md T15). All pods end before the
 * first test, right after their tokens were good, so that the API server's cache of good answers
 * (10 s, KUBERNETES.md 1) still speaks for them; the tests wait it out together.
 *
 * <p>That row's replays after 61 and 600 s are not made here: nothing in a cluster changes between
 * 10 s and a token's end, which the API server and the sandbox's suites look after.
 */
class DeadPodsClusterIT {
  private static final String DEAD = "dead";
  private static final String RUNNING = "running";
  private static final String DELETED = "deleted";
  private static final String REPLACED = "replaced";
  private static final String TERMINATING = "terminating";
  private static final String SUCCEEDED = "succeeded";
  private static final String FAILED = "failed";
  private static final String STARTING = "starting";

  /** Its account is made again, under the same name. */
  private static final String ORPHANED = "orphaned";

  private static final Duration SOON = Duration.ofSeconds(60);

  /** The cache's 10 s, and what a busy machine takes. */
  private static final Duration CACHED = Duration.ofSeconds(20);

  @TempDir private static Path folder;
  private static final Map<String, String> tokens = new LinkedHashMap<>();
  private static final Map<String, CaAnswer> alive = new LinkedHashMap<>();
  private static final Map<String, CaAnswer> atOnce = new LinkedHashMap<>();

  @BeforeAll
  static void liveAndDie() throws Exception {
    Signet.ensure();
    Signet.namespace(DEAD, "restricted");
    for (String account : List.of("app", ORPHANED)) {
      Signet.account(DEAD, account);
    }
    for (String pod : List.of(RUNNING, DELETED, REPLACED)) {
      ProbePod.of(DEAD, pod, "app", Lab.NODE_A, "sleep").create();
    }
    ProbePod.of(DEAD, ORPHANED, ORPHANED, Lab.NODE_A, "sleep").create();
    ProbePod.of(DEAD, SUCCEEDED, "app", Lab.NODE_A, "fetch")
        .withSpec("restartPolicy: Never\n")
        .create();
    ProbePod.of(DEAD, FAILED, "app", Lab.NODE_A, "no-such-command")
        .withSpec("restartPolicy: Never\n")
        .create();
    ProbePod.of(DEAD, STARTING, "app", Lab.NODE_A, "sleep")
        .withSpec(
            """
            initContainers:
            - name: first
              image: %s
              imagePullPolicy: Never
              args: [sleep]
              securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
            """
                .formatted(ProbePod.IMAGE))
        .create();
    Kubectl.create(slowToEnd()).orFail();
    for (String pod : List.of(RUNNING, DELETED, REPLACED, ORPHANED, TERMINATING)) {
      Kubectl.await(SOON, DEAD, "pod/" + pod, ProbePod::isReady);
    }
    for (String pod :
        List.of(RUNNING, DELETED, REPLACED, ORPHANED, TERMINATING, SUCCEEDED, FAILED, STARTING)) {
      tokens.put(pod, Tokens.ofPod(DEAD, pod, Tokens.WORKLOAD_AUDIENCE));
    }
    StolenAgent agent = StolenAgent.of(Lab.NODE_A, folder);
    alive.putAll(agent.ask(tokens));

    Kubectl.run("delete", "pod", "-n", DEAD, TERMINATING, "--wait=false").orFail();
    Kubectl.run("delete", "pod", "-n", DEAD, DELETED, REPLACED, "--timeout=60s").orFail();
    Kubectl.run("delete", "serviceaccount", "-n", DEAD, ORPHANED).orFail();
    Signet.account(DEAD, ORPHANED);
    ProbePod.of(DEAD, REPLACED, "app", Lab.NODE_A, "sleep").create();
    atOnce.putAll(agent.ask(tokens));
  }

  /** Takes no notice of its end for as long as it may, or until it is told to. */
  private static String slowToEnd() {
    return ProbePod.of(
            DEAD,
            TERMINATING,
            "app",
            Lab.NODE_A,
            "-c",
            "trap '' TERM; trap 'exit 0' USR1; while :; do sleep 1; done")
        .yaml()
        .replace(ProbePod.IMAGE, "signet.dev/test/busybox:1")
        .replace("terminationGracePeriodSeconds: 1", "terminationGracePeriodSeconds: 45");
  }

  @AfterAll
  static void remove() {
    Kubectl.exec(DEAD, TERMINATING, "/bin/kill", "-USR1", "1");
    Kubectl.removeNamespace(DEAD);
  }

  private static String reason(CaAnswer answer) {
    return answer instanceof CaAnswer.Refused refused ? refused.reason() : "";
  }

  private static void assertRefusedForGood(String pod) throws InterruptedException {
    StolenAgent agent = StolenAgent.of(Lab.NODE_A, folder);
    CaAnswer last =
        Eventually.await(
                CACHED,
                () ->
                    Optional.of(agent.ask(Drills.named(tokens, pod)))
                        .filter(answer -> reason(answer).equals("TOKEN_REJECTED")))
            .orElseThrow(() ->
                new AssertionError("the token of " + pod + " is not rejected within " + CACHED));
    assertThat(last)
        .isInstanceOfSatisfying(
            CaAnswer.Refused.class, refused -> assertThat(refused.retryable()).isFalse());
  }

  /** What all the others differ from in one thing. */
  @Test
  void podThatRuns_isIssued_beforeAndAfter() {
    for (CaAnswer answer : List.of(Drills.named(alive, RUNNING), Drills.named(atOnce, RUNNING))) {
      assertThat(answer.text()).isEqualTo("issued " + Signet.id(DEAD, "app"));
    }
    assertThat(
            List.of(
                Drills.named(alive, DELETED),
                Drills.named(alive, REPLACED),
                Drills.named(alive, ORPHANED),
                Drills.named(alive, TERMINATING)))
        .hasOnlyElementsOfType(CaAnswer.Issued.class);
  }

  @Test
  void t15_podWhoseInitContainerRuns_isIssued() {
    assertThat(Kubectl.text(Kubectl.get("pod", "-n", DEAD, STARTING), "status.phase"))
        .isEqualTo("Pending");
    assertThat(Drills.named(atOnce, STARTING).text()).isEqualTo("issued " + Signet.id(DEAD, "app"));
  }

  /** The API server takes such a token until the pod is removed: the CA looks at the phase. */
  @Test
  void t15_finishedPods_areRefusedAtOnce() throws Exception {
    for (Map.Entry<String, String> end :
        Map.of(SUCCEEDED, "Succeeded", FAILED, "Failed").entrySet()) {
      Kubectl.await(
          SOON,
          DEAD,
          "pod/" + end.getKey(),
          pod -> Kubectl.text(pod, "status.phase").equals(end.getValue()));
      assertThat(reason(StolenAgent.of(Lab.NODE_A, folder).ask(Drills.named(tokens, end.getKey()))))
          .as(end.getValue())
          .isEqualTo("POD_FINISHED");
    }
  }

  /** The API server takes such a token, too: the CA looks at the mark. */
  @Test
  void t15_terminatingPod_isRefusedAtOnce() {
    assertThat(Drills.named(atOnce, TERMINATING))
        .isInstanceOfSatisfying(
            CaAnswer.Refused.class,
            refused -> {
              assertThat(refused.reason()).isEqualTo("POD_TERMINATING");
              assertThat(refused.retryable()).isFalse();
            });
    assertThat(
            Kubectl.at(Kubectl.get("pod", "-n", DEAD, TERMINATING), "metadata.deletionTimestamp"))
        .isPresent();
  }

  /** At once by the pod, whose token may still pass the API server; then by the token, too. */
  @Test
  void t15_deletedPod_isRefusedAtOnce_andForGood() throws Exception {
    assertThat(reason(Drills.named(atOnce, DELETED))).isIn("POD_NOT_FOUND", "TOKEN_REJECTED");
    assertRefusedForGood(DELETED);
  }

  @Test
  void t15_podMadeAgain_isAnotherPod() throws Exception {
    assertThat(reason(Drills.named(atOnce, REPLACED))).isIn("POD_UID_MISMATCH", "TOKEN_REJECTED");
    assertRefusedForGood(REPLACED);
    assertThat(
            StolenAgent.of(Lab.NODE_A, folder)
                .ask(Tokens.ofPod(DEAD, REPLACED, Tokens.WORKLOAD_AUDIENCE))
                .text())
        .isEqualTo("issued " + Signet.id(DEAD, "app"));
  }

  /**
   * The one that lasts as long as the API server's cache: nobody else knows an account's UID. Its
   * pod may be issued again, by a token of the account that is there now.
   */
  @Test
  void t15_accountMadeAgain_isAnotherAccount() throws Exception {
    assertRefusedForGood(ORPHANED);
    assertThat(
            StolenAgent.of(Lab.NODE_A, folder)
                .ask(Tokens.ofPod(DEAD, ORPHANED, Tokens.WORKLOAD_AUDIENCE))
                .text())
        .isEqualTo("issued " + Signet.id(DEAD, ORPHANED));
  }
}
