package dev.signet.sandbox.world;

import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the built programs are, and how a JVM for one of them is started.
 *
 * @param home the root of the repository
 */
public record Installation(Path home) {
  /** Names the root of the repository; set by the launcher and by the build. */
  public static final String HOME_PROPERTY = "signet.home";

  private static final String CA = "ca-server/target/app";
  private static final String AGENT = "node-agent/target/app";
  private static final List<String> CA_FLAGS = List.of("-Xmx192m", "-XX:+ExitOnOutOfMemoryError");
  private static final List<String> AGENT_FLAGS = List.of("-Xmx96m", "-XX:+ExitOnOutOfMemoryError");
  private static final List<String> PROGRAM_FLAGS = List.of("-Xmx64m");

  /**
   * Finds the programs by the property, or above the place this class was loaded from.
   *
   * @throws WorldException if they are not built
   */
  public static Installation find() {
    Optional<Path> named = Optional.ofNullable(System.getProperty(HOME_PROPERTY)).map(Path::of);
    return named
        .or(Installation::aboveThisClass)
        .filter(Installation::isComplete)
        .map(Installation::new)
        .orElseThrow(() ->
            new WorldException(
                "the programs of the CA and the agent are not built under "
                    + named.map(Path::toString).orElse("any folder above this program")
                    + ": run ./build package -DskipTests"));
  }

  private static Optional<Path> aboveThisClass() {
    CodeSource source = Installation.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return Optional.empty();
    }
    try {
      return Stream.iterate(
              Path.of(source.getLocation().toURI()), path -> path != null, Path::getParent)
          .filter(Installation::isComplete)
          .findFirst();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private static boolean isComplete(Path home) {
    return Files.isDirectory(home.resolve(CA)) && Files.isDirectory(home.resolve(AGENT));
  }

  /** The start of a command that runs the real CA; its verb and options follow. */
  List<String> ca(Path temporary) {
    return java(temporary, home.resolve(CA) + "/*", CA_FLAGS, "dev.signet.ca.Main");
  }

  /** The start of a command that runs another main class, of this program's class path, as a CA. */
  List<String> ca(Path temporary, Class<?> main) {
    return java(temporary, ownClassPath(), CA_FLAGS, main.getName());
  }

  /** The start of a command that runs the real node agent; its verb and options follow. */
  List<String> agent(Path temporary) {
    return java(temporary, home.resolve(AGENT) + "/*", AGENT_FLAGS, "dev.signet.agent.Main");
  }

  /** The start of a command that runs a main class of this program's class path, as a pod would. */
  List<String> program(Path temporary, String main) {
    return java(temporary, ownClassPath(), PROGRAM_FLAGS, main);
  }

  private static String ownClassPath() {
    return System.getProperty("java.class.path", "");
  }

  /**
   * Flags for a quick start on few cores. No performance data and a temporary folder inside the
   * world: a killed JVM leaves nothing elsewhere.
   */
  private static List<String> java(
      Path temporary, String classPath, List<String> flags, String main) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(
        List.of(
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData",
            "-Djava.io.tmpdir=" + temporary,
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(flags);
    command.addAll(List.of("-cp", classPath, main));
    return List.copyOf(command);
  }
}
