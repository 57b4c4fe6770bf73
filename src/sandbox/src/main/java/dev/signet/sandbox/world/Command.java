package dev.signet.sandbox.world;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What a process is started with. It inherits nothing of this process's environment but {@code
 * PATH}.
 *
 * @param name what it is called in messages
 * @param arguments the program and its arguments
 * @param log where its output goes, appended
 */
public record Command(
    String name, List<String> arguments, Map<String, String> environment, Path log) {
  public Command {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }
}
