package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Answer;
import dev.signet.sandbox.shop.ProgramLine;
import java.util.List;

/** Mutual TLS between two pods that may, and between two that may not. */
final class CallsChapter implements Chapter {
  private static final List<Integer> COLUMNS = List.of(20, 7);

  @Override
  public String title() {
    return "Calls over mutual TLS: payments serves the cart, and nobody else";
  }

  @Override
  public void play(Scene scene) throws InterruptedException {
    ProgramLine payments = scene.shop().line("payments");
    ProgramLine cart = scene.shop().line("cart");
    allowed(scene, payments, cart);
    refused(scene, payments, scene.shop().line("frontend"));
    cart.order("start-traffic", payments.address());
    scene
        .narrator()
        .line("From here on the cart calls payments without a pause; each failure counts.");
  }

  private static void allowed(Scene scene, ProgramLine payments, ProgramLine cart)
      throws InterruptedException {
    Answer answer = cart.order("call", payments.address());
    String seen = answer.text("status");
    String said = answer.text("body");
    scene.narrator().row(COLUMNS, "cart -> payments", seen, "payments says: " + said);
    boolean good =
        seen.equals("200")
            && said.equals("paid for " + scene.shop().id("cart"))
            && answer.text("server").equals(scene.shop().id("payments"));
    scene
        .verdicts()
        .add(
            "cart calls payments",
            "200, known as cart",
            seen + ", " + scene.shop().brief(said),
            good);
  }

  private static void refused(Scene scene, ProgramLine payments, ProgramLine frontend)
      throws InterruptedException {
    Answer answer = frontend.order("call", payments.address());
    String reason = payments.order("next-refusal").text("reason");
    String seen = answer.fact("status").orElse("refused");
    scene.narrator().row(COLUMNS, "frontend -> payments", seen, "payments says: " + reason);
    scene.narrator().row(COLUMNS, "", "", "frontend sees: " + answer.text("error"));
    boolean good = answer.fact("status").isEmpty() && reason.contains(scene.shop().id("frontend"));
    scene
        .verdicts()
        .add("frontend calls payments", "refused by name", scene.shop().brief(reason), good);
  }
}
