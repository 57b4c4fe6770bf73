package dev.signet.spiffe;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Reads DER elements one after another: definite, shortest-form lengths and one-byte tags only
 * (X.690 section 10.1), nothing beyond the end. Not safe for use by many threads.
 */
final class DerReader {

  static final int OCTET_STRING = 0x04;
  static final int SEQUENCE = 0x30;

  private final byte[] bytes;
  private final int end;
  private int position;

  private DerReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  static DerReader of(byte[] bytes) {
    return new DerReader(bytes, 0, bytes.length);
  }

  boolean hasNext() {
    return position < end;
  }

  Element next() throws BrokenRuleException {
    int start = position;
    int tag = octet();
    if ((tag & 0x1f) == 0x1f) {
      throw notDer("a tag of more than one byte", start);
    }
    int length = length(start);
    if (length > end - position) {
      throw notDer("an element that ends beyond its surroundings", start);
    }
    Element element = new Element(bytes, tag, start, position, position + length);
    position += length;
    return element;
  }

  Element next(int tag) throws BrokenRuleException {
    int start = position;
    Element element = next();
    if (element.tag() != tag) {
      throw notDer(
          String.format(Locale.ROOT, "tag %02x in place of %02x", element.tag(), tag), start);
    }
    return element;
  }

  /** The only element of the given tag that {@code bytes} consist of. */
  static Element single(byte[] bytes, int tag) throws BrokenRuleException {
    DerReader reader = of(bytes);
    Element element = reader.next(tag);
    if (reader.hasNext()) {
      throw notDer("bytes after the end", reader.position);
    }
    return element;
  }

  private int length(int start) throws BrokenRuleException {
    int first = octet();
    if (first < 0x80) {
      return first;
    }
    int octets = first & 0x7f;
    if (octets == 0 || octets > 3) {
      throw notDer("an indefinite or huge length", start);
    }
    int length = 0;
    for (int i = 0; i < octets; i++) {
      length = length << 8 | octet();
    }
    if (length < 0x80 || length >>> (8 * (octets - 1)) == 0) {
      throw notDer("a length that is not in its shortest form", start);
    }
    return length;
  }

  private int octet() throws BrokenRuleException {
    if (position >= end) {
      throw notDer("a cut element", position);
    }
    return bytes[position++] & 0xff;
  }

  private static BrokenRuleException notDer(String what, int offset) {
    return new BrokenRuleException(
        BrokenRuleException.PATH, "not DER: " + what + " at byte " + offset);
  }

  /** One element: its tag, its whole encoding and its content. */
  @SuppressWarnings("ArrayRecordComponent") // shared on purpose: never compared, never leaves
  record Element(byte[] source, int tag, int start, int contentStart, int end) {

    DerReader content() {
      return new DerReader(source, contentStart, end);
    }

    byte[] contentBytes() {
      return Arrays.copyOfRange(source, contentStart, end);
    }

    byte[] encoded() {
      return Arrays.copyOfRange(source, start, end);
    }

    /** The content as ASCII text; anything outside 0x01 to 0x7f is refused. */
    String ascii() throws BrokenRuleException {
      for (int i = contentStart; i < end; i++) {
        if (source[i] <= 0) {
          throw notDer("a NUL or non-ASCII byte in a text", i);
        }
      }
      return new String(source, contentStart, end - contentStart, StandardCharsets.US_ASCII);
    }
  }
}
