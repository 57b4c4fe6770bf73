package dev.signet.cli.cluster;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A release of Kubernetes, of an API server or a kubelet.
 *
 * @param text as the process spells it, for example {@code v1.36.3+k0s}
 */
public record KubernetesVersion(int major, int minor, String text) {
  private static final Pattern FORM = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})(?!\\d).*");

  /** Empty if the text does not begin as a version does. */
  public static Optional<KubernetesVersion> parse(String text) {
    Matcher form = FORM.matcher(text);
    return form.matches()
        ? Optional.of(
            new KubernetesVersion(
                Integer.parseInt(form.group(1)), Integer.parseInt(form.group(2)), text))
        : Optional.empty();
  }

  public boolean atLeast(int major, int minor) {
    return this.major > major || (this.major == major && this.minor >= minor);
  }

  @Override
  public String toString() {
    return text;
  }
}
