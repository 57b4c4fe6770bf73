package dev.signet.clustertest.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** In the wrong order nothing breaks (FAULTS.md F44), and a reinstall finds its root. */
class UninstallClusterIT {
  private static final String TENANT = "tenant";
  private static final Duration SOON = Duration.ofSeconds(60);

  @BeforeAll
  static void install() {
    Signet.ensure();
    Signet.namespace(TENANT, "restricted");
    Signet.account(TENANT, "app");
  }

  @AfterAll
  static void leaveItInstalled() {
    Kubectl.removeNamespace(TENANT);
    Signet.ensure();
  }

  @Test
  void uninstall_waitsForThePodsThatUseTheVolume_andKeepsTheRoot() throws Exception {
    ProbePod user = ProbePod.of(TENANT, "user", "app", Lab.NODE_B, "watch").start();
    JsonObject before = user.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("svid"));

    Output refused = Signet.uninstall();

    assertThat(refused.code()).as(refused.all()).isNotZero();
    assertThat(refused.all()).contains("user").contains(TENANT);
    assertThat(ProbePod.isReady(Signet.agent(Lab.NODE_B))).isTrue();

    JsonObject last =
        JsonParser.parseString(Signet.history().orFail())
            .getAsJsonArray()
            .asList()
            .getLast()
            .getAsJsonObject();
    Signet.rollback(last.get("revision").getAsInt()).succeeded();
    assertThat(Signet.history().orFail()).contains("\"deployed\"");

    user.delete();
    Signet.uninstall().succeeded();
    Signet.install(Map.of());
    ProbePod again = ProbePod.of(TENANT, "again", "app", Lab.NODE_A, "watch").start();
    JsonObject after = again.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("svid"));
    assertThat(after.get("roots")).isEqualTo(before.get("roots"));
  }
}
