package dev.signet.ca;

import dev.signet.ca.adapter.file.TrustBundleFile;
import dev.signet.ca.adapter.kubernetes.ConfigMapName;
import dev.signet.ca.adapter.kubernetes.KubernetesCluster;
import dev.signet.ca.bundle.PublishedBundle;
import dev.signet.process.StartRefusedException;
import java.nio.file.Path;
import java.util.Optional;

/** Where the trust bundle is published for agents. */
public sealed interface BundlePlace {
  /** {@code trust_bundle_file}. */
  record InFile(Path file) implements BundlePlace {}

  /** {@code trust_bundle_config_map}. */
  record InConfigMap(ConfigMapName name) implements BundlePlace {}

  /** Makes or has the connection to the cluster. */
  @FunctionalInterface
  interface Connection {
    KubernetesCluster kubernetes() throws StartRefusedException;
  }

  /** The place itself. Sends nothing yet, and needs no cluster for a file. */
  default PublishedBundle open(Connection cluster) throws StartRefusedException {
    return switch (this) {
      case InFile(Path file) -> new TrustBundleFile(file);
      case InConfigMap(ConfigMapName name) -> cluster.kubernetes().trustBundle(name);
    };
  }

  /** The ConfigMap, if it is one. */
  default Optional<ConfigMapName> configMap() {
    return this instanceof InConfigMap(ConfigMapName name) ? Optional.of(name) : Optional.empty();
  }
}
