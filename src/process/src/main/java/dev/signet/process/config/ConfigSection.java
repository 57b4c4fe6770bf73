package dev.signet.process.config;

import dev.signet.process.config.ConfigNode.Entries;
import dev.signet.process.config.ConfigNode.Entry;
import dev.signet.process.config.ConfigNode.Items;
import dev.signet.process.config.ConfigNode.Text;
import dev.signet.process.message.Printable;
import dev.signet.process.message.Suggestion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The keys of one level of a configuration file. Each method declares a setting: it notes what is
 * wrong with it and never throws for what stands in the file. An empty value ({@code key:}, {@code
 * null}, {@code ~}) is an absent one.
 */
public final class ConfigSection {
  private final Findings findings;
  private final String name;
  private final Entries entries;
  // The section's own value is wrong and noted: what is missing from it is no news.
  private final boolean broken;
  private final Map<String, Entry> byKey = new LinkedHashMap<>();
  private final Map<String, Optional<ConfigSection>> declared = new LinkedHashMap<>();

  ConfigSection(Findings findings, String name, Entries entries) {
    this(findings, name, entries, false);
  }

  private ConfigSection(Findings findings, String name, Entries entries, boolean broken) {
    this.findings = findings;
    this.name = name;
    this.entries = entries;
    this.broken = broken;
    entries.entries().forEach(entry -> byKey.put(entry.key(), entry));
  }

  /** A text that must be there. */
  public Setting<String> text(String key) {
    return value(key, Function.identity());
  }

  public Setting<String> text(String key, String def) {
    return value(key, Function.identity(), def);
  }

  /**
   * A length of time from {@code min} to {@code max}, written like {@code 500ms}, {@code 90s},
   * {@code 5m}, {@code 1h}, {@code 7d}.
   */
  public Setting<Duration> duration(String key, Duration def, Duration min, Duration max) {
    return value(key, text -> Durations.parse(text, min, max), def);
  }

  /** A whole number from {@code min} to {@code max}. */
  public Setting<Integer> integer(String key, int def, int min, int max) {
    return value(key, text -> parseInteger(text, min, max), def);
  }

  /** {@code true} or {@code false}. */
  public Setting<Boolean> flag(String key, boolean def) {
    return value(key, ConfigSection::parseFlag, def);
  }

  /**
   * A path that must be set; nothing is said of what is there. A relative one starts at the file's
   * folder.
   */
  public Setting<Path> path(String key) {
    return value(key, this::parsePath);
  }

  public Setting<Path> path(String key, Path def) {
    return value(key, this::parsePath, def);
  }

  public Setting<Optional<Path>> optionalPath(String key) {
    return value(key, text -> Optional.of(parsePath(text)), Optional.empty());
  }

  /**
   * A file with a secret in it, which must be set, and must be there, closed to others, and not
   * empty. See {@link SecretFile}.
   */
  public Setting<SecretFile> secretFile(String key) {
    return value(key, text -> SecretFile.of(parsePath(text)));
  }

  /** The same where it may be absent. */
  public Setting<Optional<SecretFile>> optionalSecretFile(String key) {
    return value(key, text -> Optional.of(SecretFile.of(parsePath(text))), Optional.empty());
  }

  /**
   * A value that must be set. What {@code parser} throws becomes the problem, with its message:
   * value types of several families are parsed here, each with an exception of its own.
   */
  public <T> Setting<T> value(String key, Function<String, T> parser) {
    Optional<Entry> entry = declare(key);
    if (entry.isEmpty()) {
      if (!broken) {
        findings.note(entries.line(), join(name, key), "is missing; it has no default");
      }
      return Setting.broken(findings);
    }
    return parse(entry.get(), parser);
  }

  public <T> Setting<T> value(String key, Function<String, T> parser, T def) {
    return declare(key)
        .map(entry -> parse(entry, parser))
        .orElseGet(() -> Setting.of(findings, def));
  }

  /**
   * One of two keys.
   *
   * @param parser as for {@link #value}
   */
  public record Choice<T>(String key, Function<String, T> parser) {}

  /** A value that exactly one of two keys sets. */
  public <T> Setting<T> oneOf(Choice<T> one, Choice<T> other) {
    Optional<Entry> first = declare(one.key());
    Optional<Entry> second = declare(other.key());
    if (first.isPresent() && second.isPresent()) {
      findings.note(
          second.get().line(),
          join(name, other.key()),
          "cannot be set beside " + join(name, one.key()) + "; keep exactly one of the two");
      return Setting.broken(findings);
    }
    if (first.isEmpty() && second.isEmpty()) {
      if (!broken) {
        findings.note(
            entries.line(),
            join(name, one.key()),
            "is missing, and so is " + join(name, other.key()) + "; set exactly one of the two");
      }
      return Setting.broken(findings);
    }
    return first
        .map(entry -> parse(entry, one.parser()))
        .orElseGet(() -> parse(second.orElseThrow(), other.parser()));
  }

  /**
   * Reads a path as {@link #path} does, within a parser.
   *
   * @throws IllegalArgumentException if it is none
   */
  public Path toPath(String text) {
    return parsePath(text);
  }

  /** A list of values. {@code key: []} is an empty list, not an absent one. */
  public <T> Setting<List<T>> list(String key, Function<String, T> parser, List<T> def) {
    Optional<Entry> entry = declare(key);
    if (entry.isEmpty()) {
      return Setting.of(findings, List.copyOf(def));
    }
    if (!(entry.get().value() instanceof Items items)) {
      findings.note(
          entry.get().line(),
          join(name, key),
          "must be a list; write [a, b] or one '- item' a line");
      return Setting.broken(findings);
    }
    List<T> values = new ArrayList<>();
    for (int i = 0; i < items.items().size(); i++) {
      parse(items.items().get(i), join(name, key) + "[" + i + "]", parser).ifPresent(values::add);
    }
    return values.size() == items.items().size()
        ? Setting.of(findings, List.copyOf(values))
        : Setting.broken(findings);
  }

  /** The keys below {@code key}. An absent section is an empty one. */
  public ConfigSection section(String key) {
    Optional<ConfigSection> known = declared.getOrDefault(key, Optional.empty());
    if (known.isPresent()) {
      return known.get();
    }
    ConfigSection section =
        declare(key)
            .map(entry -> open(entry))
            .orElseGet(() ->
                new ConfigSection(
                    findings, join(name, key), new Entries(entries.line(), List.of()), broken));
    declared.put(key, Optional.of(section));
    return section;
  }

  /** The keys below {@code key}, if it is there. */
  public Optional<ConfigSection> optionalSection(String key) {
    return declare(key).map(_ -> section(key));
  }

  private ConfigSection open(Entry entry) {
    String full = join(name, entry.key());
    if (entry.value() instanceof Entries below) {
      return new ConfigSection(findings, full, new Entries(entry.line(), below.entries()), false);
    }
    findings.note(entry.line(), full, "must be a section; write its keys below it, indented");
    return new ConfigSection(findings, full, new Entries(entry.line(), List.of()), true);
  }

  void noteUnknownKeys() {
    for (Entry entry : entries.entries()) {
      if (!declared.containsKey(entry.key())) {
        findings.note(entry.line(), join(name, entry.key()), "unknown key" + hint(entry.key()));
      }
    }
    declared.values().forEach(section -> section.ifPresent(ConfigSection::noteUnknownKeys));
  }

  private String hint(String key) {
    String clause = Suggestion.clause(key, declared.keySet());
    return clause.isEmpty() ? "; known here: " + String.join(", ", declared.keySet()) : clause;
  }

  private Optional<Entry> declare(String key) {
    declared.putIfAbsent(key, Optional.empty());
    return Optional.ofNullable(byKey.get(key))
        .filter(entry -> !(entry.value() instanceof Text text && text.isAbsent()));
  }

  private <T> Setting<T> parse(Entry entry, Function<String, T> parser) {
    return parse(entry.value(), join(name, entry.key()), parser)
        .map(value -> Setting.of(findings, value))
        .orElseGet(() -> Setting.broken(findings));
  }

  private <T> Optional<T> parse(ConfigNode node, String full, Function<String, T> parser) {
    if (!(node instanceof Text text) || text.isAbsent()) {
      findings.note(node.line(), full, "must be a single value");
      return Optional.empty();
    }
    if (text.text().contains("${")) {
      findings.note(
          text.line(), full, "has a variable; variables are not expanded: write the value itself");
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(text.text()));
    } catch (RuntimeException e) {
      findings.note(text.line(), full, Printable.line(Findings.text(e)));
      return Optional.empty();
    }
  }

  private static int parseInteger(String text, int min, int max) {
    String range = "must be a whole number from " + min + " to " + max;
    try {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(range + ", not " + Printable.quoted(text), e);
    }
    throw new IllegalArgumentException(range + ", not " + Printable.quoted(text));
  }

  private static boolean parseFlag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw new IllegalArgumentException(
              "must be true or false, not " + Printable.quoted(text));
    };
  }

  private Path parsePath(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must not be empty");
    }
    if (text.startsWith("~")) {
      throw new IllegalArgumentException(
          "starts with '~', which is not expanded; write the whole path");
    }
    return findings.folder().resolve(text).normalize();
  }

  static String join(String section, String key) {
    String printable = Printable.line(key);
    return section.isEmpty() ? printable : section + "." + printable;
  }
}
