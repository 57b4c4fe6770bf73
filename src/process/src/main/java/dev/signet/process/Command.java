package dev.signet.process;

import dev.signet.process.config.ConfigDocument;

/** What a process does for one of its verbs. */
public sealed interface Command {
  /** For the usage text, one line. */
  String description();

  /** Does its work and ends. */
  static Command task(String description, Task task) {
    return new TaskCommand(description, task);
  }

  /** Runs until the process is told to stop. */
  static Command service(String description, Service service) {
    return new ServiceCommand(description, service);
  }

  /** Work that ends. */
  @FunctionalInterface
  interface Task {
    /** Returns what to print when all went well. */
    String run(ConfigDocument config) throws Exception;
  }

  /** Work that goes on. */
  @FunctionalInterface
  interface Service {
    /** Starts it, and returns what closing stops it in good order. Does not wait. */
    AutoCloseable start(ConfigDocument config) throws Exception;
  }

  record TaskCommand(String description, Task task) implements Command {}

  record ServiceCommand(String description, Service service) implements Command {}
}
