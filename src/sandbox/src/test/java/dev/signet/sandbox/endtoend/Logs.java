package dev.signet.sandbox.endtoend;

import dev.signet.sandbox.world.World;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the processes of a world wrote. */
final class Logs {
  /** For CA and agents: everything that every library has to say. */
  static final List<String> AT_TRACE = List.of("-Dlogback.configurationFile=" + file("trace.xml"));

  private Logs() {}

  private static Path file(String name) {
    URL resource = Logs.class.getResource("/" + name);
    try {
      return Path.of(resource.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All logs by their file's name; bytes that are no text become one character each. */
  static Map<String, String> of(World world) throws IOException {
    Map<String, String> logs = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(world.folder().logs())) {
      for (Path file : files.sorted().toList()) {
        logs.put(
            file.getFileName().toString(),
            new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
      }
    }
    return logs;
  }
}
