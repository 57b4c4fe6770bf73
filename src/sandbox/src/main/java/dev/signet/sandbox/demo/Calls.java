package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Answer;
import java.util.Locale;

/** Puts the figures of the traffic in words. */
final class Calls {
  private Calls() {}

  static String text(Answer traffic) {
    String text =
        String.format(
            Locale.ROOT, "%d calls, %d failed", traffic.number("calls"), traffic.number("failed"));
    return traffic.fact("first-failure").map(why -> text + ": " + why).orElse(text);
  }

  static boolean noneFailed(Answer traffic) {
    return traffic.number("calls") > 0 && traffic.number("failed") == 0;
  }
}
