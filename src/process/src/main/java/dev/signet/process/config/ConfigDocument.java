package dev.signet.process.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A configuration file (YAML 1.2). It is used in two steps: declare the settings, on {@link
 * #root()} and its sections, then {@link #build} the record from them. Between the two every
 * problem is known, so that one run reports them all:
 *
 * <pre>{@code
 * ConfigSection root = document.root();
 * Setting<String> cluster = root.text("cluster");
 * Setting<Duration> ttl = root.section("svid").duration("ttl", ofHours(1), ofMinutes(5), ofHours(24));
 * return document.build(() -> new CaConfig(cluster.get(), ttl.get()));
 * }</pre>
 *
 * <p>A key that nothing declared is a problem. Variables ({@code ${NAME}}) are not expanded, and
 * refused. For use by one thread.
 */
public final class ConfigDocument {
  private final ConfigSection root;
  private final Findings findings;

  private ConfigDocument(ConfigSection root, Findings findings) {
    this.root = root;
    this.findings = findings;
  }

  /**
   * Reads a file of at most 1 MiB, UTF-8, with or without byte order mark. Relative paths in it are
   * taken from the file's own folder, so that they mean the same wherever the process was started.
   */
  public static ConfigDocument read(Path file) throws ConfigException {
    Path folder = file.toAbsolutePath().getParent();
    return parse(file.toString(), load(file), folder == null ? file.toAbsolutePath() : folder);
  }

  /**
   * Parses a text; {@code name} stands for the file in messages. Relative paths in it are taken
   * from the working directory.
   */
  public static ConfigDocument parse(String name, String yaml) throws ConfigException {
    return parse(name, yaml, Path.of("").toAbsolutePath());
  }

  private static ConfigDocument parse(String name, String yaml, Path folder)
      throws ConfigException {
    List<ConfigProblem> problems = new ArrayList<>();
    ConfigNode.Entries entries = YamlReader.read(name, yaml, problems);
    Findings findings = new Findings(name, folder, problems);
    return new ConfigDocument(new ConfigSection(findings, "", entries), findings);
  }

  /** The top level. */
  public ConfigSection root() {
    return root;
  }

  /**
   * Makes the record from the declared settings, which can be read in here and nowhere else. An
   * {@link IllegalArgumentException} from {@code record} (a check across several settings) is a
   * problem of the file.
   *
   * @throws ConfigException with every problem that the file has
   */
  public <T> T build(Supplier<T> record) throws ConfigException {
    root.noteUnknownKeys();
    findings.throwIfAny();
    findings.open();
    try {
      return record.get();
    } catch (IllegalArgumentException e) {
      throw findings.failed(e);
    } finally {
      findings.close();
    }
  }

  private static String load(Path file) throws ConfigException {
    // A ConfigMap's files are symbolic links: they are followed. A FIFO or device would block or
    // never end.
    if (Files.isDirectory(file)) {
      throw unreadable(file, "is a folder; name the file in it");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw unreadable(file, "is not a regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(YamlReader.MAX_SIZE + 1);
      if (bytes.length > YamlReader.MAX_SIZE) {
        throw unreadable(file, "is larger than 1 MiB; this is no configuration of Signet");
      }
      return decode(file, bytes);
    } catch (NoSuchFileException e) {
      throw unreadable(file, "does not exist; name the file with --config");
    } catch (IOException e) {
      throw unreadable(
          file, "cannot be read: " + e.getClass().getSimpleName() + "; check its permissions");
    }
  }

  private static String decode(Path file, byte[] bytes) throws ConfigException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(in)
          .toString();
    } catch (CharacterCodingException e) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new ConfigException(
          new ConfigProblem(file.toString(), line, "", "is not UTF-8; save the file as UTF-8"));
    }
  }

  private static ConfigException unreadable(Path file, String text) {
    return new ConfigException(new ConfigProblem(file.toString(), 0, "", text));
  }
}
