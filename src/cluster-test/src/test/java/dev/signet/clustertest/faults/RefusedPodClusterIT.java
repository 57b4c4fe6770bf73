package dev.signet.clustertest.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * No pod hangs without a word. A volume that cannot be published is kubelet's event with the
 * agent's text; an identity that is refused is the Workload API's answer, since the publish of a
 * socket waits for no CA (DESIGN.md 3).
 */
class RefusedPodClusterIT {
  private static final String NAMESPACE = "faults-refused";
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String BINDING = "validatingadmissionpolicybinding/signet-volumes";

  @BeforeAll
  static void start() {
    Signet.ensure();
    Signet.namespace(NAMESPACE, "restricted");
    Signet.account(NAMESPACE, "app");
  }

  @AfterAll
  static void remove() {
    Teardown.namespace(NAMESPACE);
  }

  @Test
  void accountThatGetsNoIdentity_isTheWorkloadApisAnswer() throws Exception {
    ProbePod pod = ProbePod.of(NAMESPACE, "nobody", "default", Lab.NODE_A, "watch").start();

    JsonObject answer =
        pod.awaitEvent(SOON, event -> Kubectl.text(event, "code").equals("PermissionDenied"));

    assertThat(Kubectl.text(answer, "message")).contains("DEFAULT_ACCOUNT_NOT_ALLOWED");
    assertThat(pod.events()).noneMatch(event -> Kubectl.text(event, "event").equals("svid"));
  }

  /** As in a cluster without the chart's policies, which refuse such a pod when it is made. */
  @Test
  void volumeThatCannotBePublished_isAnEventWithTheReason() throws Exception {
    ProbePod pod = ProbePod.of(NAMESPACE, "attributed", "app", Lab.NODE_A, "watch");
    String yaml =
        pod.yaml().replace("readOnly: true}}", "readOnly: true, volumeAttributes: {team: a}}}");
    enforce("[\"Audit\"]");
    try {
      if (Eventually.await(SOON, () -> Optional.of(Kubectl.create(yaml).code()).filter(c -> c == 0))
          .isEmpty()) {
        throw new AssertionError("refused: " + Kubectl.create(yaml).all());
      }
      List<String> messages =
          Eventually.await(SOON, () -> Optional.of(FailedMounts.of(pod)).filter(m -> !m.isEmpty()))
              .orElseThrow(() -> new AssertionError("no event for " + pod.name()));
      assertThat(messages).first().asString().contains("UNKNOWN_KEY", "team");
    } finally {
      enforce("[\"Deny\",\"Audit\"]");
    }
    String other = yaml.replace("name: attributed", "name: other");
    assertThat(
            Eventually.await(
                SOON,
                () ->
                    Optional.of(Kubectl.feed(other, "create", "--dry-run=server", "-f", "-"))
                        .filter(refused -> refused.code() != 0)))
        .as("the policy is enforced again")
        .isPresent();
  }

  private static void enforce(String actions) {
    Kubectl.run(
            "patch",
            BINDING,
            "--type=merge",
            "-p",
            "{\"spec\":{\"validationActions\":" + actions + "}}")
        .orFail();
  }
}
