package dev.signet.clustertest.latency;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;

/**
 * A CSI driver on every node whose volumes are empty folders. Kubelet treats it as it treats ours:
 * the same CSIDriver, a token of its own audience, the same calls. What is left between the two is
 * Signet's own work.
 */
final class EmptyDriver {
  static final String NAME = "empty.test";
  private static final String NAMESPACE = "latency-driver";

  private EmptyDriver() {}

  /** Until it runs on every node. */
  static void install() {
    Signet.namespace(NAMESPACE, "privileged");
    Kubectl.apply(
        """
        apiVersion: storage.k8s.io/v1
        kind: CSIDriver
        metadata: {name: %1$s}
        spec:
          attachRequired: false
          podInfoOnMount: true
          requiresRepublish: true
          serviceAccountTokenInSecrets: true
          fsGroupPolicy: None
          volumeLifecycleModes: [Ephemeral]
          tokenRequests: [{audience: %1$s, expirationSeconds: 3600}]
        ---
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: driver, namespace: %2$s}
        spec:
          selector: {matchLabels: {app: driver}}
          template:
            metadata: {labels: {app: driver}}
            spec:
              containers:
              - name: main
                image: %3$s
                imagePullPolicy: Never
                args: [empty-csi, --name, %1$s]
                env: [{name: NODE_NAME, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
                volumeMounts: [{name: kubelet, mountPath: /var/lib/kubelet}]
              volumes: [{name: kubelet, hostPath: {path: /var/lib/kubelet}}]
        """
            .formatted(NAME, NAMESPACE, ProbePod.IMAGE));
    Kubectl.run("rollout", "status", "-n", NAMESPACE, "daemonset/driver", "--timeout=60s").orFail();
  }

  static void remove() {
    Kubectl.run("delete", "csidriver", NAME).orFail();
    Kubectl.run("delete", "namespace", NAMESPACE, "--timeout=120s").orFail();
  }
}
