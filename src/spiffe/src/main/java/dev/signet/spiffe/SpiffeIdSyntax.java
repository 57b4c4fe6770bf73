package dev.signet.spiffe;

/** The characters and lengths of SPIFFE-ID section 2. Nothing is ever normalised. */
final class SpiffeIdSyntax {

  /** SPIFFE-ID section 2.3: all must accept this many, none should make more. */
  static final int MAX_ID_BYTES = 2048;

  /** SPIFFE-ID section 2.3. */
  private static final int MAX_TRUST_DOMAIN_BYTES = 255;

  private SpiffeIdSyntax() {}

  static void checkLength(String id) {
    // Characters are bytes here: every character outside ASCII is refused by the checks below.
    if (id.length() > MAX_ID_BYTES) {
      throw new InvalidSpiffeIdException(
          "ID-13",
          "a SPIFFE ID has at most 2048 bytes; this one is longer, shorten its path: "
              + Quoted.of(id));
    }
  }

  static void checkTrustDomain(String name, String whole) {
    if (name.isEmpty()) {
      throw new InvalidSpiffeIdException(
          "ID-2", Quoted.of(whole) + " has no trust domain; write it as in spiffe://shop.example");
    }
    for (int i = 0; i < name.length(); i++) {
      if (!isTrustDomainCharacter(name.charAt(i))) {
        throw illegalInTrustDomain(name.charAt(i), whole);
      }
    }
    if (name.length() > MAX_TRUST_DOMAIN_BYTES) {
      throw new InvalidSpiffeIdException(
          "ID-14",
          "a trust domain has at most 255 bytes, this one has "
              + name.length()
              + "; choose a shorter name: "
              + Quoted.of(whole));
    }
  }

  /** Checks a path that is empty or starts with a slash. */
  static void checkPath(String path, String whole) {
    int start = 1;
    while (start <= path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      if (start == end && slash < 0) {
        throw new InvalidSpiffeIdException(
            "ID-12", Quoted.of(whole) + " ends with a slash; leave it out");
      }
      checkSegment(path.substring(start, end), whole);
      start = end + 1;
    }
  }

  static void checkSegment(String segment, String whole) {
    for (int i = 0; i < segment.length(); i++) {
      if (!isSegmentCharacter(segment.charAt(i))) {
        throw illegalInPath(segment.charAt(i), whole);
      }
    }
    if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
      throw new InvalidSpiffeIdException(
          "ID-11",
          Quoted.of(whole)
              + " has the path segment "
              + Quoted.of(segment)
              + "; a segment is not empty, \".\" or \"..\"");
    }
  }

  private static boolean isTrustDomainCharacter(char c) {
    return (c >= 'a' && c <= 'z') || isDigitOrMark(c);
  }

  private static boolean isSegmentCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigitOrMark(c);
  }

  private static boolean isDigitOrMark(char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  }

  private static InvalidSpiffeIdException illegalInTrustDomain(char c, String whole) {
    if (c >= 'A' && c <= 'Z') {
      return illegal("ID-5", c, whole, "write the trust domain in lower case");
    }
    return switch (c) {
      case '?', '#' -> illegal("ID-3", c, whole, "an ID has no query and no fragment");
      case '@', ':' -> illegal("ID-4", c, whole, "an ID has no user and no port");
      case '%' -> illegal("ID-7", c, whole, "a trust domain is never percent-encoded");
      default -> illegal("ID-6", c, whole, "a trust domain has only a-z 0-9 . - _");
    };
  }

  private static InvalidSpiffeIdException illegalInPath(char c, String whole) {
    return switch (c) {
      case '?', '#' -> illegal("ID-3", c, whole, "an ID has no query and no fragment");
      case '%' -> illegal("ID-9", c, whole, "a path is never percent-encoded");
      default -> illegal("ID-10", c, whole, "a path segment has only a-z A-Z 0-9 . - _");
    };
  }

  private static InvalidSpiffeIdException illegal(
      String rule, char character, String whole, String hint) {
    return new InvalidSpiffeIdException(
        rule, Quoted.of(whole) + " contains " + Quoted.of(character) + "; " + hint);
  }
}
