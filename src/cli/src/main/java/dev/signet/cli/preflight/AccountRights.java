package dev.signet.cli.preflight;

import dev.signet.cli.cluster.AccessFacts;
import dev.signet.cli.cluster.AccessFacts.Binding;
import dev.signet.cli.cluster.AccessFacts.Rule;
import dev.signet.cli.cluster.AccessFacts.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What RBAC gives one ServiceAccount, and by which binding. */
final class AccountRights {
  private final String namespace;
  private final String account;

  AccountRights(String namespace, String account) {
    this.namespace = namespace;
    this.account = account;
  }

  /**
   * One right and where it comes from.
   *
   * @param everybodys whether the binding names a group that all accounts are in, and not this one
   */
  record Grant(Right right, Binding binding, boolean everybodys) {}

  List<Grant> grants(AccessFacts access) {
    List<Grant> grants = new ArrayList<>();
    for (Binding binding : access.bindings()) {
      boolean own = binding.subjects().stream().anyMatch(this::isMe);
      if (own || binding.subjects().stream().anyMatch(this::isMyGroup)) {
        for (Rule rule : access.roles().getOrDefault(binding.role(), List.of())) {
          for (Right right : rights(rule, binding.namespace())) {
            grants.add(new Grant(right, binding, !own));
          }
        }
      }
    }
    return grants;
  }

  private boolean isMe(Subject subject) {
    return switch (subject.kind()) {
      case "ServiceAccount" ->
          subject.namespace().equals(namespace) && subject.name().equals(account);
      case "User" -> subject.name().equals("system:serviceaccount:" + namespace + ":" + account);
      default -> false;
    };
  }

  private boolean isMyGroup(Subject subject) {
    return subject.kind().equals("Group")
        && Set.of(
                "system:serviceaccounts",
                "system:serviceaccounts:" + namespace,
                "system:authenticated")
            .contains(subject.name());
  }

  private static List<Right> rights(Rule rule, String namespace) {
    List<Right> rights = new ArrayList<>();
    List<String> names = rule.resourceNames().isEmpty() ? List.of("") : rule.resourceNames();
    for (String verb : rule.verbs()) {
      for (String group : rule.groups()) {
        for (String resource : rule.resources()) {
          for (String name : names) {
            rights.add(new Right(verb, group, resource, name, namespace));
          }
        }
      }
      for (String path : rule.paths()) {
        rights.add(new Right(verb, "", path, "", namespace));
      }
    }
    return rights;
  }
}
