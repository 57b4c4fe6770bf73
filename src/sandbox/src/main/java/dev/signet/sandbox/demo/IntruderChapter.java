package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Answer;
import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.StolenNode;
import dev.signet.sandbox.world.World;
import java.util.List;

/**
 * Seven attempts to be, or to pass for, somebody else. The first three need nothing but a pod; for
 * the others the intruder has taken over a whole node, with its kubelet's credentials and its
 * agent.
 */
final class IntruderChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(36, 10);
  private static final String STOLEN_NODE = "node-3";

  @Override
  public String title() {
    return "An intruder in the same cluster";
  }

  @Override
  public void play(Scene scene) throws Exception {
    scene.narrator().row(COLUMNS, "it tries", "refused by", "with the reason");
    fromItsPod(scene);
    fromAStolenNode(scene);
  }

  private static void fromItsPod(Scene scene) throws InterruptedException {
    ProgramLine intruder = scene.shop().line("intruder");
    ProgramLine payments = scene.shop().line("payments");
    // What the last two refusals say is the JDK's own text (sun.security.ssl).
    for (Attempt attempt :
        List.of(
            new Attempt("call", "its own identity", scene.shop().id("intruder")),
            new Attempt("plaintext", "plaintext", "SSL message"),
            new Attempt("no-identity", "TLS without a certificate", "client certificate"))) {
      Answer answer = intruder.order(attempt.order(), payments.address());
      String reason = payments.order("next-refusal").text("reason");
      tell(scene, attempt.text(), "payments", attempt.expected(), answer, reason);
    }
  }

  private record Attempt(String order, String text, String expected) {}

  private static void fromAStolenNode(Scene scene) throws Exception {
    World world = scene.world();
    ProgramLine intruder = scene.shop().line("intruder");
    StolenNode stolen = world.stealNode(STOLEN_NODE);
    Answer agent =
        intruder.order(
            "become-agent",
            world.ca().address(),
            world.ca().bundle().toString(),
            stolen.agentToken());
    scene
        .narrator()
        .line("Now it takes over " + STOLEN_NODE + " and is its agent: " + agent.text("id"));
    String audience = world.config().workloadAudience();
    PodRef payments = scene.shop().pod("payments");
    tellCa(
        scene,
        "token of another audience",
        "TOKEN_REJECTED",
        intruder.order("present", world.cluster().token(payments, "https://vault.example")));
    tellCa(
        scene,
        "token of another node's pod",
        "NODE_MISMATCH",
        intruder.order("present", world.cluster().token(payments, audience)));
    PodRef deleted = stolen.pod(Shop.NAMESPACE, "cart-late", "cart");
    String late = stolen.token(deleted, audience);
    world.cluster().deletePod(deleted, 0);
    tellCa(scene, "token of a deleted pod", "TOKEN_REJECTED", intruder.order("present", late));
    PodRef own = stolen.pod(Shop.NAMESPACE, "intruder-2", "intruder");
    tellCa(
        scene,
        "CSR that asks for payments",
        "CSR_ASKS_FOR_MORE",
        intruder.order("ask-to-be", stolen.token(own, audience), scene.shop().id("payments")));
  }

  private static void tellCa(Scene scene, String attempt, String expected, Answer answer) {
    tell(scene, attempt, "ca", expected, answer, answer.text("reason"));
  }

  private static void tell(
      Scene scene, String attempt, String by, String expected, Answer answer, String reason) {
    boolean refused = answer.fact("status").isEmpty() && answer.fact("issued").isEmpty();
    String seen = refused ? reason : "it got in: " + answer.facts();
    scene.narrator().row(COLUMNS, attempt, by, seen);
    scene
        .verdicts()
        .add(
            "intruder: " + attempt,
            scene.shop().brief(expected),
            scene.shop().brief(seen),
            refused && reason.contains(expected));
  }
}
