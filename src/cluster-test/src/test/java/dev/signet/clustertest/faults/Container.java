package dev.signet.clustertest.faults;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import dev.signet.clustertest.lab.Signet;
import java.util.ArrayList;
import java.util.List;

/** A container as its node's runtime knows it, so that it is found without the API server too. */
record Container(String node, String id) {
  /** The first container of a pod. */
  static Container of(String namespace, String pod) {
    JsonObject object = Kubectl.get("pod", "-n", namespace, pod);
    return new Container(
        Kubectl.text(object, "spec.nodeName"),
        Kubectl.text(first(object), "containerID").replaceFirst("^containerd://", ""));
  }

  /** A node's agent, whether it is ready or not: it is not while the CA is away. */
  static Container ofAgent(String node) throws InterruptedException {
    return of(Signet.NAMESPACE, agent(node));
  }

  private static String agent(String node) throws InterruptedException {
    return Kubectl.text(Signet.agent(node), "metadata.name");
  }

  /** How often kubelet has started a node's agent again: its probes must never be the reason. */
  static int restartsOfAgent(String node) throws InterruptedException {
    return restarts(Signet.NAMESPACE, agent(node));
  }

  /** How often kubelet has started a pod's first container again. */
  static int restarts(String namespace, String pod) {
    return restarts(Kubectl.get("pod", "-n", namespace, pod));
  }

  static int restarts(JsonObject pod) {
    return first(pod).get("restartCount").getAsInt();
  }

  private static JsonObject first(JsonObject pod) {
    return pod.getAsJsonObject("status")
        .getAsJsonArray("containerStatuses")
        .get(0)
        .getAsJsonObject();
  }

  /** SIGKILL to its process. */
  void kill() {
    ctr("kill", "--signal", "SIGKILL", id).orFail();
  }

  /** Runs a command in it. */
  Output exec(String name, String... command) {
    List<String> arguments = new ArrayList<>(List.of("exec", "--exec-id", name, id));
    arguments.addAll(List.of(command));
    return ctr(arguments.toArray(String[]::new));
  }

  private Output ctr(String... task) {
    List<String> command = new ArrayList<>(List.of("ctr", "-n", "k8s.io", "tasks"));
    command.addAll(List.of(task));
    return Lab.node(node, command.toArray(String[]::new));
  }
}
