package dev.signet.process.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * As whom this process runs, by the kernel's word.
 *
 * @param uid effective user
 * @param groups effective group and supplementary ones
 */
record ProcessIds(int uid, Set<Integer> groups) {
  ProcessIds {
    groups = Set.copyOf(groups);
  }

  static ProcessIds own() throws IOException {
    return parse(Files.readAllLines(Path.of("/proc/self/status")));
  }

  /**
   * Reads {@code /proc/<pid>/status} (proc(5)): ids in the order real, effective, saved, file
   * system.
   */
  static ProcessIds parse(List<String> status) throws IOException {
    Set<Integer> groups = new TreeSet<>(numbers(status, "Groups:"));
    groups.add(numbers(status, "Gid:").get(1));
    return new ProcessIds(numbers(status, "Uid:").get(1), groups);
  }

  private static List<Integer> numbers(List<String> status, String label) throws IOException {
    for (String line : status) {
      if (line.startsWith(label)) {
        return Arrays.stream(line.substring(label.length()).trim().split("\\s+"))
            .filter(number -> !number.isEmpty())
            // Ids are 32 bits without a sign, and Java's file attributes hold them with one.
            .map(Integer::parseUnsignedInt)
            .toList();
      }
    }
    throw new IOException("/proc/self/status has no " + label);
  }
}
