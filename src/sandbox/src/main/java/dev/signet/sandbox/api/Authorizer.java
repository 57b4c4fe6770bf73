package dev.signet.sandbox.api;

import io.kubernetes.client.openapi.models.RbacV1Subject;
import io.kubernetes.client.openapi.models.V1ClusterRole;
import io.kubernetes.client.openapi.models.V1ClusterRoleBinding;
import io.kubernetes.client.openapi.models.V1PolicyRule;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what: administrators all; kubelets what concerns their own node (as the Node
 * authoriser of Kubernetes 1.32+); everybody else what a ClusterRole bound by a ClusterRoleBinding
 * grants. Reads the live objects at each question. Thread-safe.
 */
final class Authorizer {
  private static final Set<String> READ = Set.of("get", "list", "watch");

  private final ObjectStore store;

  Authorizer(ObjectStore store) {
    this.store = store;
  }

  /** Refuses what the user may not do. */
  void demand(ApiUser user, Target target, FieldSelector selector) {
    if (!allowed(user, target, selector)) {
      String scope =
          target.namespace().isEmpty()
              ? "at the cluster scope"
              : "in the namespace \"" + target.namespace() + "\"";
      throw ApiFailure.forbidden(
          target.group(),
          target.resource(),
          target.name(),
          String.format(
              Locale.ROOT,
              "User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s",
              user.name(),
              target.verb(),
              target.path(),
              target.group(),
              scope));
    }
  }

  boolean allowed(ApiUser user, Target target, FieldSelector selector) {
    return user.in(ApiUser.MASTERS)
        || selfReview(user, target)
        || user.node().filter(node -> nodeMay(node, target, selector)).isPresent()
        || roleGrants(user, target);
  }

  /** The standing role system:basic-user: everybody with a name may ask what they may do. */
  private static boolean selfReview(ApiUser user, Target target) {
    return user.in(ApiUser.AUTHENTICATED)
        && target.group().equals("authorization.k8s.io")
        && target.resource().equals("selfsubjectaccessreviews")
        && target.verb().equals("create");
  }

  private boolean nodeMay(String node, Target target, FieldSelector selector) {
    return switch (target.group() + "/" + target.path()) {
      case "/nodes" ->
          switch (target.verb()) {
            case "create" -> true;
            case "get" -> target.name().equals(node);
            case "list", "watch" ->
                selector.required("metadata.name").filter(node::equals).isPresent();
            default -> false;
          };
      case "/pods" ->
          switch (target.verb()) {
            case "list", "watch" ->
                selector.required("spec.nodeName").filter(node::equals).isPresent();
            case "get" -> bound(target, node);
            case "delete" -> boundOrGone(target, node);
            default -> false;
          };
      case "/pods/status" -> target.verb().equals("update") && boundOrGone(target, node);
      case "/serviceaccounts" -> target.verb().equals("get") && usesAccount(node, target);
      case "/serviceaccounts/token" -> target.verb().equals("create") && usesAccount(node, target);
      case "storage.k8s.io/csidrivers" -> READ.contains(target.verb());
      default -> false;
    };
  }

  private boolean bound(Target target, String node) {
    return store
        .get(Resource.PODS, target.namespace(), target.name())
        .filter(pod -> pod.text("spec", "nodeName").equals(node))
        .isPresent();
  }

  /** What NodeRestriction checks on the live object: one that is gone is answered as such. */
  private boolean boundOrGone(Target target, String node) {
    return bound(target, node)
        || store.get(Resource.PODS, target.namespace(), target.name()).isEmpty();
  }

  private boolean usesAccount(String node, Target target) {
    return store.list(Resource.PODS).objects().stream()
        .anyMatch(pod ->
            pod.text("spec", "nodeName").equals(node)
                && pod.namespace().equals(target.namespace())
                && pod.text("spec", "serviceAccountName").equals(target.name()));
  }

  private boolean roleGrants(ApiUser user, Target target) {
    for (ApiObject object : store.list(Resource.CLUSTER_ROLE_BINDINGS).objects()) {
      V1ClusterRoleBinding binding = object.as(V1ClusterRoleBinding.class);
      List<RbacV1Subject> subjects = binding.getSubjects();
      if (subjects != null
          && subjects.stream().anyMatch(subject -> is(user, subject))
          && roleGrants(binding.getRoleRef().getName(), target)) {
        return true;
      }
    }
    return false;
  }

  private static boolean is(ApiUser user, RbacV1Subject subject) {
    return switch (subject.getKind()) {
      case "User" -> user.name().equals(subject.getName());
      case "Group" -> user.in(subject.getName());
      case "ServiceAccount" ->
          user.account()
              .filter(account ->
                  account.namespace().equals(subject.getNamespace())
                      && account.name().equals(subject.getName()))
              .isPresent();
      default -> false;
    };
  }

  private boolean roleGrants(String name, Target target) {
    Optional<ApiObject> role = store.get(Resource.CLUSTER_ROLES, "", name);
    if (role.isEmpty()) {
      return false;
    }
    List<V1PolicyRule> rules = role.get().as(V1ClusterRole.class).getRules();
    return rules != null && rules.stream().anyMatch(rule -> grants(rule, target));
  }

  private static boolean grants(V1PolicyRule rule, Target target) {
    List<String> names = rule.getResourceNames();
    return holds(rule.getVerbs(), target.verb())
        && holds(rule.getApiGroups(), target.group())
        && holds(rule.getResources(), target.path())
        && (names == null || names.isEmpty() || names.contains(target.name()));
  }

  private static boolean holds(@Nullable List<String> values, String wanted) {
    return values != null && (values.contains(wanted) || values.contains("*"));
  }
}
