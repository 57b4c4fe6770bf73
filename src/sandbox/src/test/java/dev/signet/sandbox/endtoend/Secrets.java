package dev.signet.sandbox.endtoend;

import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** How secrets look in a text. */
final class Secrets {
  /** A JWT with its payload, as {@code eyJ...}: both begin with an object in base64url. */
  private static final Pattern TOKEN =
      Pattern.compile("eyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}");

  /** Signatures alone would be no secret; a payload alone is a name. */
  private Secrets() {}

  static List<String> tokensIn(String text) {
    return TOKEN.matcher(text).results().map(MatchResult::group).toList();
  }

  /** A key's number in hexadecimal, in base64 at each alignment, in decimal and in raw bytes. */
  static List<String> traces(PrivateKey key) {
    byte[] scalar = ((ECPrivateKey) key).getS().toByteArray();
    String hex = HexFormat.of().formatHex(scalar);
    List<String> traces = new ArrayList<>();
    // Enough of it to be no accident, little enough that a leading zero or a line's end is no way
    // out.
    traces.add(hex.substring(8, 40));
    traces.add(hex.substring(8, 40).toUpperCase(Locale.ROOT));
    traces.add(((ECPrivateKey) key).getS().toString());
    traces.add(new String(scalar, 4, 16, StandardCharsets.ISO_8859_1));
    for (int shift = 0; shift < 3; shift++) {
      byte[] shifted = new byte[24];
      System.arraycopy(scalar, 4 - shift, shifted, 0, 24);
      traces.add(Base64.getEncoder().encodeToString(shifted).substring(4, 28));
      traces.add(Base64.getUrlEncoder().encodeToString(shifted).substring(4, 28));
    }
    return traces;
  }
}
