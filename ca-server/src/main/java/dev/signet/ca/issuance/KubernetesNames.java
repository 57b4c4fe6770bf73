package dev.signet.ca.issuance;

import java.util.regex.Pattern;

/** The two shapes of a name in Kubernetes (RFC 1123 as its API validation applies it). */
public final class KubernetesNames {
  private static final int LONGEST_LABEL = 63;
  private static final int LONGEST_SUBDOMAIN = 253;
  private static final String LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
  private static final Pattern ONE_LABEL = Pattern.compile(LABEL);
  private static final Pattern LABELS = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*+");

  private KubernetesNames() {}

  /** The shape of a namespace's name. */
  public static boolean isLabel(String name) {
    return name.length() <= LONGEST_LABEL && ONE_LABEL.matcher(name).matches();
  }

  /** The shape of the name of a pod, a node or a ServiceAccount. */
  public static boolean isSubdomain(String name) {
    return name.length() <= LONGEST_SUBDOMAIN && LABELS.matcher(name).matches();
  }
}
