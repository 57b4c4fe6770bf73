package dev.signet.agent.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The agent's own tmpfs at {@code run_dir}.
 *
 * @param bytes {@code run_size}: how much it may hold
 * @param selinuxLabel {@code selinux_label}: of all in it; empty leaves it to the node's policy
 */
public record RunMount(long bytes, Optional<String> selinuxLabel) {
  public static final String DEFAULT_SIZE = "64m";

  private static final long MIN = 1L << 20;
  private static final long MAX = 1L << 30;
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,10})([kmg])");
  private static final Pattern LABEL =
      Pattern.compile("[A-Za-z0-9_]+:[A-Za-z0-9_]+:[A-Za-z0-9_]+(:[A-Za-z0-9_.,:-]+)?");

  static long size(String text) {
    Matcher size = SIZE.matcher(text);
    if (size.matches()) {
      int shift =
          switch (size.group(2)) {
            case "k" -> 10;
            case "m" -> 20;
            default -> 30;
          };
      long bytes = Long.parseLong(size.group(1)) << shift;
      if (bytes >= MIN && bytes <= MAX) {
        return bytes;
      }
    }
    throw new IllegalArgumentException(
        "must be a size from 1m to 1g, written like 64m; units are k, m and g");
  }

  static Optional<String> label(String text) {
    if (!LABEL.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "must be an SELinux context user:role:type or user:role:type:level,"
              + " like system_u:object_r:container_file_t:s0");
    }
    return Optional.of(text);
  }
}
