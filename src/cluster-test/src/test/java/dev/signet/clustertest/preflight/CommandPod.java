package dev.signet.clustertest.preflight;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;
import java.util.List;

/** Runs {@code signet} as a pod, with that pod's own account: nothing is configured for it. */
final class CommandPod {
  private static final String IMAGE = Signet.image("cli");
  private static final Duration END = Duration.ofSeconds(60);

  private CommandPod() {}

  /** How it ended, and what it printed on both streams. */
  record Result(int code, String printed) {}

  static Result run(String namespace, String account, String name, String... arguments)
      throws InterruptedException {
    Kubectl.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: %s, namespace: %s}
        spec:
          serviceAccountName: %s
          restartPolicy: Never
          securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault}}
          containers:
          - name: signet
            image: %s
            imagePullPolicy: Never
            args: [%s]
            securityContext:
              allowPrivilegeEscalation: false
              readOnlyRootFilesystem: true
              capabilities: {drop: [ALL]}
            volumeMounts: [{name: tmp, mountPath: /tmp}]
          volumes: [{name: tmp, emptyDir: {}}]
        """
            .formatted(name, namespace, account, IMAGE, String.join(", ", List.of(arguments))));
    JsonObject pod = Kubectl.await(END, namespace, "pod/" + name, CommandPod::ended);
    int code =
        Kubectl.at(pod, "status.containerStatuses")
            .orElseThrow()
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject()
            .getAsJsonObject("state")
            .getAsJsonObject("terminated")
            .get("exitCode")
            .getAsInt();
    Result result = new Result(code, Kubectl.logs(namespace, name));
    Kubectl.run("delete", "pod", name, "-n", namespace).orFail();
    return result;
  }

  private static boolean ended(JsonObject pod) {
    return List.of("Succeeded", "Failed").contains(Kubectl.text(pod, "status.phase"));
  }
}
