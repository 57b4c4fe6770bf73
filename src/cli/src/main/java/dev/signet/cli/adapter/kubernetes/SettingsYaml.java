package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.cluster.InstalledSettings;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a few settings out of the installed files. They may be of another release, and the secrets
 * that they name are not here: what is right and wrong in them is for {@code signet validate} and
 * for the processes.
 */
final class SettingsYaml {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private final @Nullable Object root;

  private SettingsYaml(@Nullable Object root) {
    this.root = root;
  }

  static InstalledSettings read(String caYaml, String agentYaml) {
    SettingsYaml ca = parse(caYaml);
    SettingsYaml agent = parse(agentYaml);
    return new InstalledSettings(
        ca.text("trust_domain"),
        agent.text("trust_domain"),
        agent.text("kubelet_dir"),
        agent.text("review"),
        ca.text("svid", "ttl").flatMap(SettingsYaml::duration),
        ca.text("svid", "backdate").flatMap(SettingsYaml::duration),
        ca.texts("policy", "allow_default_account"));
  }

  private static SettingsYaml parse(String yaml) {
    try {
      return new SettingsYaml(
          new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build())
              .loadFromString(yaml));
    } catch (YamlEngineException e) {
      return new SettingsYaml(null);
    }
  }

  private @Nullable Object at(String... path) {
    Object here = root;
    for (String key : path) {
      here = here instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return here;
  }

  private Optional<String> text(String... path) {
    return at(path) instanceof String text ? Optional.of(text) : Optional.empty();
  }

  private Set<String> texts(String... path) {
    Set<String> texts = new HashSet<>();
    if (at(path) instanceof List<?> list) {
      list.forEach(each -> texts.add(String.valueOf(each)));
    }
    return texts;
  }

  private static Optional<Duration> duration(String text) {
    Matcher form = DURATION.matcher(text);
    if (!form.matches()) {
      return Optional.empty();
    }
    long number = Long.parseLong(form.group(1));
    return Optional.of(
        switch (form.group(2)) {
          case "ms" -> Duration.ofMillis(number);
          case "s" -> Duration.ofSeconds(number);
          case "m" -> Duration.ofMinutes(number);
          case "h" -> Duration.ofHours(number);
          default -> Duration.ofDays(number);
        });
  }
}
