package dev.signet.ca.adapter.x509;

/**
 * Whether bytes are one value in DER: definite and shortest lengths, low tag numbers, nothing
 * behind the end, and the canonical form of each primitive type. It runs before any library parses,
 * and takes time linear in the length.
 */
final class StrictDer {
  /** A certification request without attributes has 5 levels. */
  private static final int MAX_DEPTH = 16;

  private static final int CONSTRUCTED = 0x20;
  private static final int CLASS = 0xc0;
  private static final int TAG_NUMBER = 0x1f;

  /** It is not DER. The message says where and why. */
  static final class MalformedException extends Exception {
    MalformedException(int offset, String what) {
      super("at byte " + offset + ": " + what);
    }
  }

  private final byte[] der;

  private StrictDer(byte[] der) {
    this.der = der;
  }

  static void check(byte[] der) throws MalformedException {
    int end = new StrictDer(der).value(0, der.length, 0);
    if (end != der.length) {
      throw new MalformedException(end, "bytes follow the value");
    }
  }

  /** Checks the value at {@code start}; where it ends. */
  private int value(int start, int limit, int depth) throws MalformedException {
    if (depth > MAX_DEPTH) {
      throw new MalformedException(start, "nested deeper than " + MAX_DEPTH);
    }
    if (limit - start < 2) {
      throw new MalformedException(start, "cut off");
    }
    int tag = der[start] & 0xff;
    if ((tag & TAG_NUMBER) == TAG_NUMBER) {
      throw new MalformedException(start, "a tag number above 30");
    }
    int content = start + 1 + lengthBytes(start + 1, limit);
    long length = length(start + 1);
    if (length > limit - content) {
      throw new MalformedException(start, "longer than what holds it");
    }
    int end = (int) (content + length);
    if ((tag & CONSTRUCTED) != 0) {
      constructed(tag, start);
      for (int at = content; at < end; ) {
        at = value(at, end, depth + 1);
      }
    } else {
      primitive(tag, content, end);
    }
    return end;
  }

  private int lengthBytes(int at, int limit) throws MalformedException {
    int first = der[at] & 0xff;
    if (first < 0x80) {
      return 1;
    }
    int more = first & 0x7f;
    if (more == 0) {
      throw new MalformedException(at, "an indefinite length");
    }
    if (more > 3 || limit - at - 1 < more) {
      throw new MalformedException(at, "a length out of bounds");
    }
    if (der[at + 1] == 0 || (more == 1 && der[at + 1] > 0)) {
      throw new MalformedException(at, "a length that is not the shortest");
    }
    return 1 + more;
  }

  private long length(int at) {
    int first = der[at] & 0xff;
    if (first < 0x80) {
      return first;
    }
    long length = 0;
    for (int i = 1; i <= (first & 0x7f); i++) {
      length = length << 8 | (der[at + i] & 0xff);
    }
    return length;
  }

  private static void constructed(int tag, int start) throws MalformedException {
    int number = tag & TAG_NUMBER;
    if ((tag & CLASS) == 0 && number != 0x10 && number != 0x11) {
      throw new MalformedException(start, "a primitive type in constructed form");
    }
  }

  private void primitive(int tag, int content, int end) throws MalformedException {
    if ((tag & CLASS) != 0) {
      return;
    }
    switch (tag) {
      case 0x00 -> throw new MalformedException(content, "an end-of-contents marker");
      case 0x01 ->
          require(
              end - content == 1 && (der[content] == 0 || der[content] == -1), content, "BOOLEAN");
      case 0x02, 0x0a -> require(isShortestInteger(content, end), content, "INTEGER");
      case 0x03 -> require(isBitString(content, end), content, "BIT STRING");
      case 0x05 -> require(content == end, content, "NULL");
      case 0x06 -> require(isObjectIdentifier(content, end), content, "OBJECT IDENTIFIER");
      case 0x10, 0x11 ->
          throw new MalformedException(content, "a SEQUENCE or SET in primitive form");
      default -> {
        // Strings, times and the rest have no second form that matters here.
      }
    }
  }

  private boolean isShortestInteger(int content, int end) {
    if (content == end) {
      return false;
    }
    if (end - content == 1) {
      return true;
    }
    boolean padded =
        (der[content] == 0 && der[content + 1] >= 0)
            || (der[content] == -1 && der[content + 1] < 0);
    return !padded;
  }

  private boolean isBitString(int content, int end) {
    if (content == end) {
      return false;
    }
    int unused = der[content];
    if (unused < 0 || unused > 7 || (unused > 0 && end - content == 1)) {
      return false;
    }
    return unused == 0 || (der[end - 1] & ((1 << unused) - 1)) == 0;
  }

  private boolean isObjectIdentifier(int content, int end) {
    if (content == end || der[end - 1] < 0) {
      return false;
    }
    for (int i = content; i < end; i++) {
      boolean begins = i == content || der[i - 1] >= 0;
      if (begins && der[i] == (byte) 0x80) {
        return false;
      }
    }
    return true;
  }

  private static void require(boolean holds, int offset, String type) throws MalformedException {
    if (!holds) {
      throw new MalformedException(offset, type + " not in DER");
    }
  }
}
