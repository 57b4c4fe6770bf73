package dev.signet.javaprobe;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One JSON object a line. */
final class Say {
  private Say() {}

  /** An event with names and values in turn. */
  static void event(String event, String... fields) {
    StringBuilder line = new StringBuilder("{\"event\":\"" + event + "\"");
    for (int i = 0; i < fields.length; i += 2) {
      line.append(",\"")
          .append(fields[i])
          .append("\":\"")
          .append(escaped(fields[i + 1]))
          .append('"');
    }
    System.out.println(line.append('}'));
  }

  /** An exception and all its causes. */
  static String reasons(Throwable exception) {
    List<String> reasons = new ArrayList<>();
    for (@Nullable Throwable at = exception; at != null; at = at.getCause()) {
      reasons.add(at.toString());
    }
    return String.join(" <- ", reasons);
  }

  private static String escaped(String text) {
    return text.replaceAll("[\\\\\"\\p{Cntrl}]", " ");
  }
}
