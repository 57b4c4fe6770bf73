package dev.signet.agent.adapter.linux;

import java.util.List;
import java.util.Optional;

/**
 * One mount, a line of {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)).
 *
 * @param id of the mount, as {@link FileStatus#mount}
 * @param root what of the file system it shows; {@code /} is all of it
 * @param point where it is, as this process sees it
 * @param options of this mount, such as {@code ro}
 * @param shared whether mounts made below it appear elsewhere too
 * @param type of the file system
 * @param source the name it was mounted with
 * @param superOptions of the file system
 */
public record MountEntry(
    long id,
    String root,
    String point,
    List<String> options,
    boolean shared,
    String type,
    String source,
    String superOptions) {

  public MountEntry {
    options = List.copyOf(options);
  }

  /** Parses a line; empty where it is none of the documented form. */
  static Optional<MountEntry> parse(String line) {
    String[] fields = line.split(" ", -1);
    int dash = 6;
    boolean shared = false;
    while (dash < fields.length && !fields[dash].equals("-")) {
      shared |= fields[dash].startsWith("shared:");
      dash++;
    }
    if (dash + 3 >= fields.length || !fields[0].matches("[0-9]{1,18}")) {
      return Optional.empty();
    }
    return Optional.of(
        new MountEntry(
            Long.parseLong(fields[0]),
            text(fields[3]),
            text(fields[4]),
            List.of(fields[5].split(",")),
            shared,
            text(fields[dash + 1]),
            text(fields[dash + 2]),
            text(fields[dash + 3])));
  }

  /** The kernel writes space, tab, newline and backslash as three octal digits. */
  private static String text(String field) {
    var text = new StringBuilder();
    int at = 0;
    while (at < field.length()) {
      if (field.charAt(at) == '\\' && field.substring(at + 1).matches("[0-3][0-7]{2}.*")) {
        text.append((char) Integer.parseInt(field.substring(at + 1, at + 4), 8));
        at += 4;
      } else {
        text.append(field.charAt(at));
        at++;
      }
    }
    return text.toString();
  }
}
