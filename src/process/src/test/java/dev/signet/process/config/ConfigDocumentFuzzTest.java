package dev.signet.process.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Any text is either read or refused with a {@link ConfigException} that says where; nothing else
 * comes out.
 */
class ConfigDocumentFuzzTest {
  private static void readOrRefuse(String yaml) {
    try {
      ConfigDocument document = ConfigDocument.parse("f", yaml);
      ConfigSection root = document.root();
      List<Setting<?>> settings =
          List.of(
              root.text("a", ""),
              root.integer("b", 0, 0, 9),
              root.flag("c", false),
              root.duration("d", Duration.ZERO, Duration.ZERO, Duration.ofDays(1)),
              root.optionalPath("e"),
              root.list("f", Function.identity(), List.of()),
              root.section("g").text("a", ""));
      document.build(() -> settings.stream().map(Setting::get).toList());
    } catch (ConfigException e) {
      assertThat(e.problems()).isNotEmpty();
      assertThat(e.getMessage().lines()).hasSameSizeAs(e.problems());
    }
  }

  @Property(tries = 2000)
  void anyText_isReadOrRefused(@ForAll String text) {
    readOrRefuse(text);
  }

  @Property(tries = 10_000)
  void textMadeOfYaml_isReadOrRefused(@ForAll("pieces") String text) {
    readOrRefuse(text);
  }

  @Property(tries = 2000)
  void damagedFile_isReadOrRefused(@ForAll("damaged") String text) {
    readOrRefuse(text);
  }

  @Provide
  Arbitrary<String> pieces() {
    return Arbitraries.of(
            "a: ",
            "b: ",
            "c",
            "g:\n",
            "\n",
            "  ",
            "\t",
            "- ",
            "? ",
            ": ",
            "[",
            "]",
            "{",
            "}",
            ",",
            "'",
            "\"",
            "|\n",
            ">-\n",
            "&x ",
            "*x",
            "!!int ",
            "!<",
            "%YAML 1.9\n",
            "%TAG ! x\n",
            "---\n",
            "...\n",
            "#",
            "\\",
            "\\u",
            "\r",
            "\u0085",
            "\u2028",
            "\uFEFF",
            "\u0000",
            "<<",
            "~",
            "5m",
            "true",
            "${A}",
            "\uD800",
            "@",
            "`")
        .list()
        .ofMaxSize(30)
        .map(parts -> String.join("", parts));
  }

  @Provide
  Arbitrary<String> damaged() {
    String whole = "a: x\nb: 3\nc: true\nd: 5m\ne: /x\nf: [p, 'q', \"r\"]\ng:\n  a: |\n    y\n";
    return Arbitraries.integers()
        .between(0, whole.length() - 1)
        .flatMap(at ->
            Arbitraries.chars()
                .all()
                .map(c -> whole.substring(0, at) + c + whole.substring(at + 1)));
  }
}
