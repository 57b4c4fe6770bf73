package dev.signet.agent.volume;

/** Foreign text in a message: short, and nothing that moves a terminal or a log. */
final class Shown {
  private static final int MAX_LENGTH = 80;

  private Shown() {}

  static String of(String foreign) {
    var shown = new StringBuilder("\"");
    foreign
        .codePoints()
        .limit(MAX_LENGTH)
        .forEach(c -> shown.appendCodePoint(c > ' ' && c < 127 && c != '"' ? c : '?'));
    return shown.append(foreign.length() > MAX_LENGTH ? "…\"" : "\"").toString();
  }
}
