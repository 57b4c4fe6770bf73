package dev.signet.ca.adapter.kubernetes;

import java.util.Locale;
import java.util.Optional;

/**
 * What the CA does with its ConfigMap, and what the operator is told where it may not or cannot.
 */
enum ConfigMapVerb {
  GET,
  CREATE,
  UPDATE;

  /** In the words of a role. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT) + " configmaps";
  }

  /** What a status means that the operator alone can mend; empty for all others. */
  Optional<String> mend(int status, ConfigMapName configMap) {
    return switch (status) {
      case 401 ->
          Optional.of(
              "the Kubernetes API does not know this CA (HTTP 401): its token is of another cluster,"
                  + " has ended or its ServiceAccount is gone; give the pod its token anew (restart it)");
      case 403 ->
          Optional.of(
              "this CA may not "
                  + this
                  + " in the namespace "
                  + configMap.namespace()
                  + " (HTTP 403); add to its Role there: "
                  + rule(configMap).inRole());
      case 404 ->
          Optional.of(
              "the namespace "
                  + configMap.namespace()
                  + " of the ConfigMap "
                  + configMap
                  + " is not there (HTTP 404); make it, or correct trust_bundle_config_map");
      case 413, 422 ->
          Optional.of(
              "the API does not take the ConfigMap "
                  + configMap
                  + " (HTTP "
                  + status
                  + "): it is immutable, or too large with what others put in; delete it, and this CA makes"
                  + " another");
      default -> Optional.empty();
    };
  }

  /** RBAC cannot limit a create to a name. */
  Right rule(ConfigMapName configMap) {
    return new Right(
        name().toLowerCase(Locale.ROOT),
        "",
        "configmaps",
        configMap.namespace(),
        this == CREATE ? "" : configMap.name());
  }
}
