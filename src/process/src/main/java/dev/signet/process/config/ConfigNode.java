package dev.signet.process.config;

import java.util.List;

/** A parsed file, before anything is known of what it should hold. Lines count from 1. */
sealed interface ConfigNode {
  int line();

  /**
   * Any scalar. It is its text: what the text means is decided by the setting that reads it and not
   * guessed from how it looks, so {@code no} can name Norway and {@code 1e3} a node.
   */
  record Text(int line, String text, boolean quoted) implements ConfigNode {
    /** The ways YAML has to say "no value". */
    boolean isAbsent() {
      return !quoted && (text.isEmpty() || text.equals("~") || text.equals("null"));
    }
  }

  record Items(int line, List<ConfigNode> items) implements ConfigNode {}

  /** Keys are unique. */
  record Entries(int line, List<Entry> entries) implements ConfigNode {}

  record Entry(int line, String key, ConfigNode value) {}
}
