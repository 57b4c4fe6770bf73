package dev.signet.agent.testing.namespace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One test of a suite.
 *
 * @param failure its stack trace; empty where it passed
 */
record SuiteResult(String name, String failure) {

  static List<SuiteResult> read(Path file) throws IOException {
    return Files.readAllLines(file).stream()
        .map(line -> line.split("\t", 2))
        .map(parts -> new SuiteResult(parts[0], parts[1].translateEscapes()))
        .toList();
  }

  String line() {
    return name + "\t" + failure.replace("\\", "\\\\").replace("\n", "\\n");
  }
}
