package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Answer;

/** Puts the figures of the traffic in words. */
final class Calls {
  private Calls() {}

  static String text(Answer traffic) {
    String text =
        "%d calls, %d failed".formatted(traffic.number("calls"), traffic.number("failed"));
    return traffic.fact("first-failure").map(why -> text + ": " + why).orElse(text);
  }

  static boolean noneFailed(Answer traffic) {
    return traffic.number("calls") > 0 && traffic.number("failed") == 0;
  }
}
