package dev.signet.agent.pod;

import java.util.regex.Pattern;

/**
 * A pod, by what kubelet said of it. None of it decides an identity: that the CA takes from its own
 * review of the token.
 *
 * @param namespace a DNS label
 * @param name a DNS subdomain
 * @param account name of its ServiceAccount, a DNS subdomain
 */
public record Pod(PodUid uid, String namespace, String name, String account) {
  private static final String LABEL = "[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?";
  private static final Pattern DNS_LABEL = Pattern.compile(LABEL);
  private static final Pattern DNS_SUBDOMAIN = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");

  public Pod {
    if (!DNS_LABEL.matcher(namespace).matches()) {
      throw new IllegalArgumentException("the namespace is not a DNS label");
    }
    if (!isSubdomain(name)) {
      throw new IllegalArgumentException("the pod's name is not a DNS subdomain");
    }
    if (!isSubdomain(account)) {
      throw new IllegalArgumentException("the ServiceAccount's name is not a DNS subdomain");
    }
  }

  private static boolean isSubdomain(String text) {
    return text.length() <= 253 && DNS_SUBDOMAIN.matcher(text).matches();
  }

  /** {@code namespace/name}, for logs. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
