package dev.signet.ca;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.spi.ToolProvider;

/** How the processes under the drill are started. */
final class DrillJvm {
  private static final List<String> FLAGS =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xmx128m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private DrillJvm() {}

  /** By this process's own class path. */
  static List<String> plain() {
    return command(List.of(), System.getProperty("java.class.path"));
  }

  /**
   * Starts in a fraction of the time: classes come from an archive, which takes some seconds to be
   * made, and jars instead of folders.
   */
  static List<String> fast(Path folder) throws Exception {
    Files.createDirectories(folder);
    String classPath = jars(folder);
    Path archive = folder.resolve("drill.aot");
    Path trial = Files.createDirectories(folder.resolve("trial"));
    new KillCampaign(
            trial,
            Optional.empty(),
            command(List.of("-XX:AOTCacheOutput=" + archive, "-Xlog:aot=off"), classPath),
            1)
        .settle();
    return command(List.of("-XX:AOTCache=" + archive), classPath);
  }

  private static List<String> command(List<String> first, String classPath) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(first);
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", classPath));
    return command;
  }

  private static String jars(Path folder) throws IOException {
    ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
    List<String> entries = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (Files.isDirectory(Path.of(entry))) {
        Path made = folder.resolve("classes-" + entries.size() + ".jar");
        int exit = jar.run(System.out, System.err, "-c0f", made.toString(), "-C", entry, ".");
        if (exit != 0) {
          throw new IOException("jar " + made + " ended with " + exit);
        }
        entries.add(made.toString());
      } else if (Files.exists(Path.of(entry))) {
        entries.add(entry);
      }
    }
    return String.join(File.pathSeparator, entries);
  }
}
