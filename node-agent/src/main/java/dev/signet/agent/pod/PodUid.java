package dev.signet.agent.pod;

import java.util.regex.Pattern;

/** The UID of a pod, as the API server writes it: 36 characters, lower-case hex and dashes. */
public record PodUid(String value) {
  /** The form as a regular expression without groups. */
  public static final String PATTERN = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";

  private static final Pattern FORM = Pattern.compile(PATTERN);

  public PodUid {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("a pod UID is a UUID in lower case");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
