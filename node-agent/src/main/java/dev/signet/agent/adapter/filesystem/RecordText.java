package dev.signet.agent.adapter.filesystem;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The form of a file in the agent's state: a first line with the form's version and the SHA-256 of
 * all that follows, then lines {@code name: value}, then PEM blocks (RFC 7468). It may hold a
 * private key and prints nothing of itself.
 *
 * <p>The digest finds out a file that is cut or damaged; it defends against nobody who can write
 * the file.
 */
final class RecordText {
  static final String CERTIFICATE = "CERTIFICATE";
  static final String PRIVATE_KEY = "PRIVATE KEY";

  private static final int VERSION = 1;
  private static final Pattern FIRST_LINE =
      Pattern.compile("signet-agent-state ([0-9]{1,9}) sha256 ([0-9a-f]{64})");
  private static final Pattern FIELD = Pattern.compile("([a-z][-a-z]*): ([^\\p{Cntrl}]*)");
  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ([A-Z ]+)-----");
  private static final Base64.Encoder BASE64 =
      Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

  private final Map<String, String> fields = new LinkedHashMap<>();
  private final List<Block> blocks = new ArrayList<>();

  /** One PEM block. */
  private static final class Block {
    private final String label;
    private final byte[] der;

    Block(String label, byte[] der) {
      this.label = label;
      this.der = der;
    }
  }

  /** An empty one, to be filled. */
  RecordText() {}

  /**
   * Reads the form.
   *
   * @throws IllegalArgumentException saying what is wrong, without a word of the content
   */
  static RecordText parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    int end = text.indexOf('\n');
    Matcher first = FIRST_LINE.matcher(end < 0 ? text : text.substring(0, end));
    if (!first.matches()) {
      throw new IllegalArgumentException("its first line is not that of an agent's state");
    }
    if (!first.group(1).equals(Integer.toString(VERSION))) {
      throw new IllegalArgumentException(
          "it has version " + first.group(1) + " and this agent reads " + VERSION);
    }
    String body = end < 0 ? "" : text.substring(end + 1);
    if (!first.group(2).equals(digest(body))) {
      throw new IllegalArgumentException("it is cut or damaged: its digest is another");
    }
    var record = new RecordText();
    record.read(body.lines().toList());
    return record;
  }

  private void read(List<String> lines) {
    int at = 0;
    while (at < lines.size()) {
      Matcher begin = BEGIN.matcher(lines.get(at));
      if (begin.matches()) {
        at = readBlock(begin.group(1), lines, at + 1);
      } else {
        readField(lines.get(at));
        at++;
      }
    }
  }

  private void readField(String line) {
    Matcher field = FIELD.matcher(line);
    if (!field.matches() || fields.put(field.group(1), field.group(2)) != null) {
      throw new IllegalArgumentException("a line of it is no field, or a field is there twice");
    }
  }

  private int readBlock(String label, List<String> lines, int from) {
    int end = from;
    while (end < lines.size() && !lines.get(end).equals("-----END " + label + "-----")) {
      end++;
    }
    if (end == lines.size()) {
      throw new IllegalArgumentException("a PEM block of it has no end");
    }
    byte[] der;
    try {
      der = Base64.getDecoder().decode(String.join("", lines.subList(from, end)));
    } catch (IllegalArgumentException notBase64) {
      // Without the cause: it would quote what may be a key.
      throw new IllegalArgumentException("a PEM block of it is no base64");
    }
    blocks.add(new Block(label, der));
    return end + 1;
  }

  /**
   * Adds a field.
   *
   * @throws IllegalArgumentException if the value does not fit on a line
   */
  RecordText with(String name, String value) {
    if (!FIELD.matcher(name + ": " + value).matches()) {
      throw new IllegalArgumentException(name + " holds a control character");
    }
    fields.put(name, value);
    return this;
  }

  RecordText with(String label, byte[] der) {
    blocks.add(new Block(label, der.clone()));
    return this;
  }

  /**
   * A field's value.
   *
   * @throws IllegalArgumentException if it is not there
   */
  String field(String name) {
    String value = fields.get(name);
    if (value == null) {
      throw new IllegalArgumentException("it has no field " + name);
    }
    return value;
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  /** What the blocks of this label hold, in their order. */
  List<byte[]> blocks(String label) {
    return blocks.stream()
        .filter(block -> block.label.equals(label))
        .map(block -> block.der)
        .toList();
  }

  /** The form as bytes. */
  byte[] encoded() {
    var body = new StringBuilder();
    fields.forEach((name, value) -> body.append(name).append(": ").append(value).append('\n'));
    for (Block block : blocks) {
      body.append("-----BEGIN ")
          .append(block.label)
          .append("-----\n")
          .append(BASE64.encodeToString(block.der))
          .append("\n-----END ")
          .append(block.label)
          .append("-----\n");
    }
    return ("signet-agent-state " + VERSION + " sha256 " + digest(body.toString()) + "\n" + body)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String digest(String body) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "RecordText" + fields.keySet();
  }
}
