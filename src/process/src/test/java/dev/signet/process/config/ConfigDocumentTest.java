package dev.signet.process.config;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfigDocumentTest {
  private record Sample(
      String name,
      Duration ttl,
      int size,
      boolean sandbox,
      Optional<Path> kubeconfig,
      List<String> accounts) {}

  private static Sample build(String yaml) throws ConfigException {
    ConfigDocument document = ConfigDocument.parse("f.yaml", yaml);
    ConfigSection root = document.root();
    Setting<String> name = root.text("name");
    ConfigSection svid = root.section("svid");
    Setting<Duration> ttl = svid.duration("ttl", ofHours(1), ofMinutes(5), ofHours(24));
    Setting<Integer> size = root.integer("size", 10, 1, 256);
    Setting<Boolean> sandbox = root.flag("sandbox", false);
    Setting<Optional<Path>> kubeconfig = root.section("cluster").optionalPath("kubeconfig");
    Setting<List<String>> accounts =
        root.list("accounts", ConfigDocumentTest::account, List.of("a/b"));
    return document.build(() ->
        new Sample(
            name.get(), ttl.get(), size.get(), sandbox.get(), kubeconfig.get(), accounts.get()));
  }

  private static String account(String text) {
    if (!text.contains("/")) {
      throw new IllegalArgumentException("write namespace/name");
    }
    return text;
  }

  private static List<String> problems(String yaml) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> build(yaml));
    assertThat(e).as("the text is accepted").isNotNull();
    assertThat(e.getMessage().lines()).hasSameSizeAs(e.problems());
    return e.problems().stream().map(ConfigProblem::toString).toList();
  }

  @Test
  void minimalFile_hasDefaults() throws Exception {
    assertThat(build("name: x"))
        .isEqualTo(new Sample("x", ofHours(1), 10, false, Optional.empty(), List.of("a/b")));
  }

  @Test
  void fullFile_setsEverything() throws Exception {
    String yaml =
        """
        # comment
        name: "no"
        svid: {ttl: 90m}
        size: 256
        sandbox: true
        cluster:
          kubeconfig: /etc/k
        accounts:
          - n/one
          - n/two
        """;
    assertThat(build(yaml))
        .isEqualTo(
            new Sample(
                "no",
                ofMinutes(90),
                256,
                true,
                Optional.of(Path.of("/etc/k")),
                List.of("n/one", "n/two")));
  }

  @Test
  void emptyValues_areAbsentOnes() throws Exception {
    assertThat(build("name: x\nsvid:\nsize: ~\nsandbox: null\naccounts:\n"))
        .isEqualTo(new Sample("x", ofHours(1), 10, false, Optional.empty(), List.of("a/b")));
    assertThat(build("name: x\naccounts: []").accounts()).isEmpty();
  }

  @Test
  void byteOrderMarkAndWindowsLineEnds_areRead() throws Exception {
    assertThat(build("\uFEFFname: x\r\nsize: 3\r\n").size()).isEqualTo(3);
    assertThat(problems("name: x\r\nsize: no\r\n"))
        .containsExactly("f.yaml:2: size: must be a whole number from 1 to 256, not 'no'");
  }

  @Test
  void allProblems_areReportedAtOnceInOrderOfTheFile() {
    String yaml =
        """
        nmae: x
        size: 300
        svid:
          ttl: 90
          tll: 1h
        sandbox: yes
        size: 4
        accounts: [a/b, c]
        """;
    assertThat(problems(yaml))
        .containsExactly(
            "f.yaml:1: name: is missing; it has no default",
            "f.yaml:1: nmae: unknown key; did you mean 'name'?",
            "f.yaml:2: size: must be a whole number from 1 to 256, not '300'",
            "f.yaml:4: svid.ttl: '90' has no unit; write a whole number and ms, s, m, h or d, like 5m",
            "f.yaml:5: svid.tll: unknown key; did you mean 'ttl'?",
            "f.yaml:6: sandbox: must be true or false, not 'yes'",
            "f.yaml:7: size: is set a second time (first in line 2); keep one of them",
            "f.yaml:8: accounts[1]: write namespace/name");
  }

  @Test
  void wrongShapes_areNamed() {
    assertThat(problems("name: [x]\nsize: {a: 1}\nsvid: 3\naccounts: a/b\n"))
        .containsExactly(
            "f.yaml:1: name: must be a single value",
            "f.yaml:2: size: must be a single value",
            "f.yaml:3: svid: must be a section; write its keys below it, indented",
            "f.yaml:4: accounts: must be a list; write [a, b] or one '- item' a line");
    assertThat(problems("name: x\naccounts: [[a], {b: c}, ]"))
        .containsExactly(
            "f.yaml:2: accounts[0]: must be a single value",
            "f.yaml:2: accounts[1]: must be a single value");
  }

  @Test
  void twoWrongItemsOfEqualText_areBothNamed() {
    assertThat(problems("name: x\naccounts: [c, c]"))
        .containsExactly(
            "f.yaml:2: accounts[0]: write namespace/name",
            "f.yaml:2: accounts[1]: write namespace/name");
  }

  @Test
  void outOfBounds_namesTheBounds() {
    assertThat(problems("name: x\nsvid: {ttl: 25h}"))
        .containsExactly("f.yaml:2: svid.ttl: must be from 5m to 1d, not 25h");
  }

  @Test
  void unknownSection_isOneProblem() {
    assertThat(problems("name: x\nstorage:\n  path: /x\n  mode: 3\n"))
        .containsExactly(
            "f.yaml:2: storage: unknown key; known here: name, svid, size, sandbox, cluster, accounts");
  }

  @Test
  void topLevelOfAnotherShape_isRefused() {
    assertThat(problems("- a\n- b\n"))
        .containsExactly("f.yaml:1: must be 'key: value' lines, not a list");
    assertThat(problems("hello"))
        .containsExactly("f.yaml:1: must be 'key: value' lines, not a single text");
    assertThat(problems("")).containsExactly("f.yaml:1: name: is missing; it has no default");
  }

  @Test
  void anchorsAliasesAndTags_areRefused() {
    assertThat(
            problems(
                "name: &a x\naccounts: [*a]\nsize: !!int 3\nsandbox: !!javax.script.ScriptEngineManager true"))
        .containsExactly(
            "f.yaml:1: name: anchors ('&name') are not supported; write the value where it is needed",
            "f.yaml:2: accounts: aliases ('*name') are not supported; write the value again",
            "f.yaml:2: accounts[0]: must be a single value",
            "f.yaml:3: size: tags ('tag:yaml.org,2002:int') are not supported; write the plain value",
            "f.yaml:4: sandbox: tags ('tag:yaml.org,2002:javax.script.ScriptEngineManager') are not supported;"
                + " write the plain value");
  }

  @Test
  void aliasBomb_isRefusedWithoutBeingExpanded() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append(
          "a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n".formatted(i, i, i - 1, i - 1, i - 1, i - 1));
    }
    assertThat(problems(bomb.toString())).anyMatch(line -> line.contains("aliases"));
  }

  @Test
  void variable_isRefused() {
    assertThat(problems("name: ${HOME}/x"))
        .containsExactly(
            "f.yaml:1: name: has a variable; variables are not expanded: write the value itself");
  }

  @Test
  void tabAsIndentation_isNamed() {
    assertThat(problems("name: x\nsvid:\n\tttl: 1h\n"))
        .containsExactly("f.yaml:3: a tab stands where YAML wants spaces; indent with spaces");
  }

  @Test
  void syntaxError_hasItsLine() {
    assertThat(problems("name: x\nsvid: {ttl: 1h\n"))
        .singleElement()
        .asString()
        .startsWith("f.yaml:3: is not YAML: ");
    assertThat(problems("name: 'x"))
        .singleElement()
        .asString()
        .startsWith("f.yaml:1: is not YAML: ");
    assertThat(problems("name: x\n a: b\n"))
        .singleElement()
        .asString()
        .startsWith("f.yaml:2: is not YAML: ");
  }

  @Test
  void secondDocument_isRefused() {
    assertThat(problems("name: x\n---\nname: y\n"))
        .containsExactly(
            "f.yaml:2: a second document starts here ('---'); keep one document in the file");
  }

  @Test
  void controlCharacter_isRefusedWithItsLine() {
    assertThat(problems("name: x\nsize: \u0000\n"))
        .containsExactly("f.yaml:2: character U+0000 is not allowed in YAML; remove it");
  }

  @Test
  void terminalSequencesInKeyAndValue_areEscaped() {
    assertThat(problems("name: x\n\"\\e[31mred\": 1\nsize: \"\\e]0;t\\a\"\n"))
        .containsExactly(
            "f.yaml:2: \\u{1b}[31mred: unknown key; known here: name, svid, size, sandbox, cluster, accounts",
            "f.yaml:3: size: must be a whole number from 1 to 256, not '\\u{1b}]0;t\\u{7}'");
  }

  @Test
  void deepNesting_isRefused() {
    assertThat(problems("name: " + "[".repeat(10_000) + "]".repeat(10_000)))
        .singleElement()
        .asString()
        .isEqualTo("f.yaml:1: is nested more than 16 levels deep");
  }

  @Test
  void listAsKey_isRefused() {
    assertThat(problems("name: x\n? [a, b]\n: c\n"))
        .containsExactly("f.yaml:2: a list or mapping cannot be a key; write 'key: value'");
  }

  @Test
  void tooLargeText_isRefused() {
    assertThat(problems("name: x\n#" + "x".repeat(YamlReader.MAX_SIZE)))
        .containsExactly("f.yaml: is larger than 1 MiB; this is no configuration of Signet");
  }

  @Test
  void refusalOfTheRecord_isAProblemOfTheFile() throws Exception {
    ConfigDocument document = ConfigDocument.parse("f.yaml", "a: 1\nb: 2");
    Setting<Integer> a = document.root().integer("a", 0, 0, 9);
    Setting<Integer> b = document.root().integer("b", 0, 0, 9);
    assertThatThrownBy(() ->
            document.build(() -> {
              if (a.get() < b.get()) {
                throw new IllegalArgumentException("a must not be less than b");
              }
              return a.get();
            }))
        .isInstanceOf(ConfigException.class)
        .hasMessage("f.yaml: a must not be less than b");
  }

  @Test
  void settingReadTooEarly_isAMistakeOfTheCaller() throws Exception {
    ConfigDocument document = ConfigDocument.parse("f.yaml", "a: secret");
    Setting<String> a = document.root().text("a");
    assertThatThrownBy(a::get).isInstanceOf(IllegalStateException.class);
    assertThat(document.<String>build(a::get)).isEqualTo("secret");
    assertThatThrownBy(a::get).isInstanceOf(IllegalStateException.class);
    assertThat(a.toString()).doesNotContain("secret");
  }

  @Test
  void sectionAskedForTwice_isTheSame() throws Exception {
    ConfigDocument document = ConfigDocument.parse("f.yaml", "s: {a: 1, b: 2}");
    Setting<Integer> a = document.root().section("s").integer("a", 0, 0, 9);
    Setting<Integer> b = document.root().section("s").integer("b", 0, 0, 9);
    assertThat(document.<Integer>build(() -> a.get() + b.get())).isEqualTo(3);
  }

  @Test
  void missingKeyBelowASection_hasTheSectionsLine() throws Exception {
    ConfigDocument document = ConfigDocument.parse("f.yaml", "x: 1\ncluster:\n  nam: demo\n");
    document.root().text("x");
    document.root().section("cluster").text("name");
    document.root().section("absent").text("name");
    assertThatThrownBy(() -> document.build(() -> ""))
        .hasMessage(
            """
            f.yaml:1: absent.name: is missing; it has no default
            f.yaml:2: cluster.name: is missing; it has no default
            f.yaml:3: cluster.nam: unknown key; did you mean 'name'?\
            """);
  }

  @Test
  void brokenSection_isReportedOnceAndNotForWhatItLacks() throws Exception {
    ConfigDocument document = ConfigDocument.parse("f.yaml", "cluster: demo\n");
    document.root().section("cluster").text("name");
    document.root().section("cluster").section("below").text("name");
    assertThatThrownBy(() -> document.build(() -> ""))
        .hasMessage("f.yaml:1: cluster: must be a section; write its keys below it, indented");
  }
}
