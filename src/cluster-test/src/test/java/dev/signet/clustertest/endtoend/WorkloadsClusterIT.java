package dev.signet.clustertest.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Programs of two namespaces on two nodes, each with the identity of its account. */
class WorkloadsClusterIT {
  private static final String SHOP = "shop";
  private static final String BANK = "bank";
  private static final Duration SOON = Duration.ofSeconds(30);

  @BeforeAll
  static void install() {
    Signet.ensure();
    for (String namespace : List.of(SHOP, BANK)) {
      Signet.namespace(namespace, "restricted");
    }
    for (String account : List.of("cart", "stranger")) {
      Signet.account(SHOP, account);
    }
    Signet.account(BANK, "payments");
  }

  @AfterAll
  static void remove() {
    Kubectl.removeNamespace(SHOP);
    Kubectl.removeNamespace(BANK);
  }

  @Test
  void programsOfTwoNamespacesOnTwoNodesCallEachOtherByIdentityAlone() throws Exception {
    ProbePod payments =
        ProbePod.of(
                BANK,
                "payments",
                "payments",
                Lab.NODE_B,
                "serve",
                "--allow",
                Signet.id(SHOP, "cart"))
            .start();
    ProbePod cart = ProbePod.of(SHOP, "cart", "cart", Lab.NODE_A, "watch").start();
    ProbePod stranger = ProbePod.of(SHOP, "stranger", "stranger", Lab.NODE_A, "watch").start();
    payments.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("serving"));
    String address = address(payments);

    Output let = cart.probe("call", address, "--expect", Signet.id(BANK, "payments"));
    Output refused = stranger.probe("call", address, "--expect", Signet.id(BANK, "payments"));
    Output deceived = cart.probe("call", address, "--expect", Signet.id(BANK, "somebody-else"));

    JsonObject answer = ProbePod.events(let.orFail()).getLast();
    assertThat(Kubectl.text(answer, "peer")).isEqualTo(Signet.id(BANK, "payments"));
    assertThat(Kubectl.text(answer, "me")).isEqualTo(Signet.id(SHOP, "cart"));
    assertThat(refused.code()).isNotZero();
    payments.awaitRefusal(SOON, Signet.id(SHOP, "stranger"));
    assertThat(deceived.code()).isNotZero();
    assertThat(deceived.out()).contains("unexpected ID");
  }

  private static String address(ProbePod pod) {
    return Kubectl.text(Kubectl.get("pod", "-n", pod.namespace(), pod.name()), "status.podIP")
        + ":8443";
  }
}
