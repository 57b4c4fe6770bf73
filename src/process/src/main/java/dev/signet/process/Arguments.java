package dev.signet.process;

import dev.signet.process.message.Printable;
import dev.signet.process.message.Suggestion;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A command line: {@code VERB --config FILE}. */
sealed interface Arguments {
  String CONFIG = "--config";

  /** Help was asked for. */
  record Help() implements Arguments {}

  record Run(String verb, Path config) implements Arguments {}

  /** Wrong; {@code text} is one line. */
  record Wrong(String text) implements Arguments {}

  static Arguments parse(List<String> args, Collection<String> verbs) {
    String verb = null;
    String config = null;
    for (Iterator<String> rest = args.iterator(); rest.hasNext(); ) {
      String arg = rest.next();
      if (arg.equals("--help") || arg.equals("-h")) {
        return new Help();
      } else if (arg.equals(CONFIG) || arg.startsWith(CONFIG + "=")) {
        if (config != null) {
          return new Wrong(CONFIG + " is given twice");
        }
        boolean apart = arg.equals(CONFIG);
        if (apart && !rest.hasNext()) {
          return new Wrong(CONFIG + " needs a file");
        }
        config = apart ? rest.next() : arg.substring(CONFIG.length() + 1);
      } else if (arg.startsWith("-")) {
        return new Wrong(
            "unknown option "
                + Printable.quoted(arg)
                + Suggestion.clause(arg, List.of(CONFIG, "--help")));
      } else if (verb != null) {
        return new Wrong("one verb is enough; " + Printable.quoted(arg) + " is too much");
      } else {
        verb = arg;
      }
    }
    return check(verb, config, verbs);
  }

  private static Arguments check(
      @Nullable String verb, @Nullable String config, Collection<String> verbs) {
    String known = "the verbs are " + String.join(", ", verbs);
    if (verb == null) {
      return new Wrong("a verb is missing; " + known);
    }
    if (!verbs.contains(verb)) {
      String clause = Suggestion.clause(verb, verbs);
      return new Wrong(
          "unknown verb " + Printable.quoted(verb) + (clause.isEmpty() ? "; " + known : clause));
    }
    if (config == null || config.isEmpty()) {
      return new Wrong(verb + " needs " + CONFIG + " FILE");
    }
    try {
      return new Run(verb, Path.of(config));
    } catch (InvalidPathException e) {
      return new Wrong(CONFIG + " " + Printable.quoted(config) + " is no path");
    }
  }
}
