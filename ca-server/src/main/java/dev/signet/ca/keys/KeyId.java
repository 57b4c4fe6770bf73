package dev.signet.ca.keys;

import java.util.regex.Pattern;

/**
 * Names a private key inside a {@link KeyManager}. It is used as a file name, hence the narrow
 * form.
 *
 * @param value lower-case letters, digits and {@code -}, at most 64 characters
 */
public record KeyId(String value) {
  private static final Pattern FORM = Pattern.compile("[a-z][a-z0-9-]{0,63}");

  public KeyId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "\"" + value + "\" is no key ID: it matches " + FORM.pattern());
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
