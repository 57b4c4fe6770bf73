package dev.signet.process.config;

import dev.signet.process.config.ConfigNode.Entries;
import dev.signet.process.config.ConfigNode.Entry;
import dev.signet.process.config.ConfigNode.Items;
import dev.signet.process.config.ConfigNode.Text;
import dev.signet.process.message.Printable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.events.StreamStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * YAML 1.2 into {@link ConfigNode}s. Works on the parser's events, so that lines are kept and
 * nothing is constructed: no tags, anchors or aliases (which rules out alias bombs), one document,
 * bounded nesting.
 */
final class YamlReader {
  /** In UTF-16 units. Far above any real file, far below what would hurt. */
  static final int MAX_SIZE = 1 << 20;

  private static final int MAX_DEPTH = 16;

  private final String file;
  private final String yaml;
  private final List<ConfigProblem> problems;
  private int lastLine = 1;

  private YamlReader(String file, String yaml, List<ConfigProblem> problems) {
    this.file = file;
    this.yaml = yaml;
    this.problems = problems;
  }

  /**
   * The file's top-level mapping; a problem that allows reading on is added to {@code problems}.
   */
  static Entries read(String file, String yaml, List<ConfigProblem> problems)
      throws ConfigException {
    if (yaml.length() > MAX_SIZE) {
      throw new ConfigException(
          new ConfigProblem(
              file, 0, "", "is larger than 1 MiB; this is no configuration of Signet"));
    }
    return new YamlReader(file, yaml.startsWith("\uFEFF") ? yaml.substring(1) : yaml, problems)
        .read();
  }

  private Entries read() throws ConfigException {
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(MAX_SIZE).setUseMarks(true).build();
    try {
      return readStream(new Parse(settings).parseString(yaml).iterator());
    } catch (MarkedYamlEngineException e) {
      Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
      throw failed(
          mark.map(at -> at.getLine() + 1).orElse(0),
          syntaxText(e.getContext(), e.getProblem(), mark));
    } catch (ReaderException e) {
      throw failed(
          lineOf(e.getPosition()),
          String.format(
              Locale.ROOT, "character U+%04X is not allowed in YAML; remove it", e.getCodePoint()));
    } catch (YamlEngineException e) {
      throw failed(lastLine, "is not YAML: " + Printable.line(String.valueOf(e.getMessage())));
    } catch (NumberFormatException | IndexOutOfBoundsException | NoSuchElementException e) {
      // What the scanner of the engine lets out for some malformed escapes and directives (found by
      // fuzzing).
      throw failed(
          lastLine,
          "is not YAML here or in the lines that follow; check quotes, escapes and '%' lines");
    }
  }

  private Entries readStream(Iterator<Event> events) throws ConfigException {
    Entries root = new Entries(1, List.of());
    boolean seen = false;
    while (events.hasNext()) {
      Event event = next(events);
      switch (event) {
        case StreamStartEvent _, StreamEndEvent _, DocumentEndEvent _ -> {}
        case DocumentStartEvent start -> {
          if (seen) {
            throw failed(
                line(start),
                "a second document starts here ('---'); keep one document in the file");
          }
          seen = true;
        }
        case NodeEvent node -> root = top(node(node, events, "", 0));
        default -> throw failed(line(event), "is not YAML of the kind a configuration uses");
      }
    }
    return root;
  }

  private Entries top(ConfigNode node) throws ConfigException {
    return switch (node) {
      case Entries entries -> entries;
      case Text text when text.isAbsent() -> new Entries(1, List.of());
      case Text text -> throw failed(text.line(), "must be 'key: value' lines, not a single text");
      case Items items -> throw failed(items.line(), "must be 'key: value' lines, not a list");
    };
  }

  private ConfigNode node(Event event, Iterator<Event> events, String key, int depth)
      throws ConfigException {
    if (depth > MAX_DEPTH) {
      throw failed(line(event), "is nested more than " + MAX_DEPTH + " levels deep");
    }
    checkPlain(event, key);
    return switch (event) {
      case ScalarEvent scalar -> new Text(line(scalar), scalar.getValue(), !scalar.isPlain());
      case SequenceStartEvent start -> items(start, events, key, depth);
      case MappingStartEvent start -> entries(start, events, key, depth);
      // Read on with no value: the problem is noted.
      default -> new Text(line(event), "", false);
    };
  }

  private void checkPlain(Event event, String key) {
    if (event instanceof AliasEvent) {
      note(line(event), key, "aliases ('*name') are not supported; write the value again");
      return;
    }
    if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
      note(
          line(event),
          key,
          "anchors ('&name') are not supported; write the value where it is needed");
    }
    Optional<String> tag =
        switch (event) {
          case ScalarEvent scalar -> scalar.getTag();
          case CollectionStartEvent start -> start.getTag();
          default -> Optional.empty();
        };
    if (tag.isPresent()) {
      note(
          line(event),
          key,
          "tags (" + Printable.quoted(tag.get()) + ") are not supported; write the plain value");
    }
  }

  private Items items(Event start, Iterator<Event> events, String key, int depth)
      throws ConfigException {
    List<ConfigNode> items = new ArrayList<>();
    while (true) {
      Event event = next(events);
      if (event instanceof SequenceEndEvent) {
        return new Items(line(start), List.copyOf(items));
      }
      items.add(node(event, events, key, depth + 1));
    }
  }

  private Entries entries(Event start, Iterator<Event> events, String key, int depth)
      throws ConfigException {
    Map<String, Integer> lines = new HashMap<>();
    List<Entry> entries = new ArrayList<>();
    while (true) {
      Event event = next(events);
      if (event instanceof MappingEndEvent) {
        return new Entries(line(start), List.copyOf(entries));
      }
      int line = line(event);
      if (!(node(event, events, key, depth + 1) instanceof Text name)) {
        throw failed(line, "a list or mapping cannot be a key; write 'key: value'");
      }
      String full = ConfigSection.join(key, name.text());
      ConfigNode value = node(next(events), events, full, depth + 1);
      Integer first = lines.putIfAbsent(name.text(), line);
      if (first == null) {
        entries.add(new Entry(line, name.text(), value));
      } else {
        note(line, full, "is set a second time (first in line " + first + "); keep one of them");
      }
    }
  }

  private static String syntaxText(String context, String problem, Optional<Mark> mark) {
    String text =
        Objects.requireNonNullElse(problem, Objects.requireNonNullElse(context, "unreadable"));
    boolean tab =
        mark.filter(at ->
                at.getPointer() < at.getBuffer().length && at.getBuffer()[at.getPointer()] == '\t')
            .isPresent();
    return tab
        ? "a tab stands where YAML wants spaces; indent with spaces"
        : "is not YAML: "
            + Printable.line(text)
            + mark.map(at -> " at column " + (at.getColumn() + 1)).orElse("");
  }

  private int lineOf(int position) {
    int end = Math.min(Math.max(position, 0), yaml.length());
    return 1 + (int) yaml.substring(0, end).chars().filter(c -> c == '\n').count();
  }

  private Event next(Iterator<Event> events) {
    Event event = events.next();
    lastLine = Math.max(lastLine, line(event));
    return event;
  }

  private static int line(Event event) {
    return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
  }

  private void note(int line, String key, String text) {
    problems.add(new ConfigProblem(file, line, key, text));
  }

  /** Reading cannot go on: what was noted so far is reported together with it. */
  private ConfigException failed(int line, String text) {
    note(line, "", text);
    return new ConfigException(problems);
  }
}
