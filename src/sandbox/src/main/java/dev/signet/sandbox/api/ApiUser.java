package dev.signet.sandbox.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Who calls, or whom a reviewed token stands for. */
record ApiUser(String name, String uid, List<String> groups, Map<String, List<String>> extra) {
  static final String AUTHENTICATED = "system:authenticated";
  static final String MASTERS = "system:masters";
  static final String NODES = "system:nodes";
  static final ApiUser ANONYMOUS =
      new ApiUser("system:anonymous", "", List.of("system:unauthenticated"), Map.of());

  private static final String ACCOUNT_PREFIX = "system:serviceaccount:";
  private static final String NODE_PREFIX = "system:node:";

  ApiUser {
    groups = List.copyOf(groups);
    extra = Collections.unmodifiableMap(new TreeMap<>(extra));
  }

  static ApiUser named(String name, List<String> groups) {
    List<String> all = new ArrayList<>(groups);
    accountOf(name).ifPresent(account -> all.addAll(account.groups()));
    if (!all.contains(AUTHENTICATED)) {
      all.add(AUTHENTICATED);
    }
    return new ApiUser(name, "", all, Map.of());
  }

  static ApiUser node(String nodeName) {
    return named(NODE_PREFIX + nodeName, List.of(NODES));
  }

  static ApiUser account(Account account, String uid, Map<String, List<String>> extra) {
    List<String> groups = new ArrayList<>(account.groups());
    groups.add(AUTHENTICATED);
    return new ApiUser(account.username(), uid, groups, extra);
  }

  boolean in(String group) {
    return groups.contains(group);
  }

  /** The node whose kubelet this is. */
  Optional<String> node() {
    return in(NODES) && name.startsWith(NODE_PREFIX)
        ? Optional.of(name.substring(NODE_PREFIX.length()))
        : Optional.empty();
  }

  Optional<Account> account() {
    return accountOf(name);
  }

  private static Optional<Account> accountOf(String name) {
    int colon = name.indexOf(':', Math.min(name.length(), ACCOUNT_PREFIX.length()));
    return name.startsWith(ACCOUNT_PREFIX) && colon > 0
        ? Optional.of(
            new Account(name.substring(ACCOUNT_PREFIX.length(), colon), name.substring(colon + 1)))
        : Optional.empty();
  }

  /** A ServiceAccount by name. */
  record Account(String namespace, String name) {
    String username() {
      return ACCOUNT_PREFIX + namespace + ":" + name;
    }

    List<String> groups() {
      return List.of("system:serviceaccounts", "system:serviceaccounts:" + namespace);
    }
  }
}
