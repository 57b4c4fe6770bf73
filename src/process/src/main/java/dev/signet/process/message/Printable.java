package dev.signet.process.message;

/**
 * Foreign text made safe to print in a message or a log line: one line, cut at a length, and with
 * everything that a terminal or a reader could take for something else written as an escape.
 */
public final class Printable {
  private static final int QUOTED_LIMIT = 100;
  private static final int LINE_LIMIT = 1000;

  private Printable() {}

  /** In single quotes, at most 100 characters of it. */
  public static String quoted(String value) {
    return "'" + escape(value, QUOTED_LIMIT, true) + "'";
  }

  /** Without quotes, at most 1,000 characters of it. */
  public static String line(String value) {
    return escape(value, LINE_LIMIT, false);
  }

  private static String escape(String value, int limit, boolean quoted) {
    int end = Math.min(value.length(), limit);
    StringBuilder out = new StringBuilder(end + 8);
    for (int i = 0; i < end; ) {
      int c = value.codePointAt(i);
      append(out, c, quoted);
      i += Character.charCount(c);
    }
    return out.append(value.length() > limit ? "..." : "").toString();
  }

  private static void append(StringBuilder out, int c, boolean quoted) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> {
        if (quoted && (c == '\'' || c == '\\')) {
          out.append('\\').appendCodePoint(c);
        } else if (printable(c)) {
          out.appendCodePoint(c);
        } else {
          out.append("\\u{").append(Integer.toHexString(c)).append('}');
        }
      }
    }
  }

  // FORMAT holds the bidirectional overrides, with which a text shows as another (CVE-2021-42574).
  private static boolean printable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
