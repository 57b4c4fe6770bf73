package dev.signet.spiffe;

import java.util.Locale;

/** Foreign text made safe to print: quoted, escaped to printable ASCII, cut short. */
final class Quoted {

  private static final int MAX_CHARACTERS = 120;

  private Quoted() {}

  static String of(String text) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), MAX_CHARACTERS) + 16).append('"');
    for (int i = 0; i < Math.min(text.length(), MAX_CHARACTERS); i++) {
      append(out, text.charAt(i));
    }
    out.append('"');
    if (text.length() > MAX_CHARACTERS) {
      out.append("... (").append(text.length()).append(" characters)");
    }
    return out.toString();
  }

  static String of(char character) {
    return append(new StringBuilder("'"), character).append('\'').toString();
  }

  private static StringBuilder append(StringBuilder out, char c) {
    if (c == '"' || c == '\\') {
      return out.append('\\').append(c);
    }
    if (c >= 0x20 && c < 0x7f) {
      return out.append(c);
    }
    return out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
  }
}
