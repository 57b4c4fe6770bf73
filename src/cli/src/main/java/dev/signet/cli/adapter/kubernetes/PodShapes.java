package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.PodFacts.KubeletFolder;
import dev.signet.cli.cluster.PodRef;
import dev.signet.cli.cluster.RunningPod;
import dev.signet.cli.cluster.VolumeUser;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads pods. */
final class PodShapes {
  private static final Pattern REGISTRY = Pattern.compile("(/.+)/plugins_registry/*");
  private static final Pattern ROOT = Pattern.compile("(/.*kubelet)/*");

  private PodShapes() {}

  /** Empty if the pod has no volume of Signet's. */
  static Optional<VolumeUser> volumeUser(Doc pod) {
    Set<String> volumes =
        pod.list("spec", "volumes").stream()
            .filter(volume -> volume.text("csi", "driver").equals(Installed.DRIVER))
            .map(volume -> volume.text("name"))
            .collect(Collectors.toSet());
    if (volumes.isEmpty()) {
      return Optional.empty();
    }
    boolean subPath =
        mounts(pod)
            .filter(mount -> volumes.contains(mount.text("name")))
            .anyMatch(
                mount -> !mount.text("subPath").isEmpty() || !mount.text("subPathExpr").isEmpty());
    return Optional.of(
        new VolumeUser(
            new PodRef(pod.namespace(), pod.name()),
            pod.text("spec", "serviceAccountName"),
            pod.text("spec", "nodeName"),
            pod.text("status", "phase"),
            pod.at("metadata", "deletionTimestamp").present(),
            owner(pod),
            subPath));
  }

  /** Empty if the pod does not run, or has no account (static pods have none). */
  static Optional<RunningPod> running(Doc pod) {
    String account = pod.text("spec", "serviceAccountName");
    String node = pod.text("spec", "nodeName");
    boolean runs =
        pod.text("status", "phase").equals("Running")
            && !pod.at("metadata", "deletionTimestamp").present()
            && !pod.entries("metadata", "annotations").containsKey("kubernetes.io/config.mirror");
    return runs && !account.isEmpty() && !node.isEmpty()
        ? Optional.of(
            new RunningPod(
                new PodRef(pod.namespace(), pod.name()),
                pod.text("metadata", "uid"),
                account,
                node))
        : Optional.empty();
  }

  /**
   * Where another CSI driver, which is ready and so was found by kubelet, has kubelet's folder
   * from. Signet's own agents only repeat what they were told.
   */
  static Stream<KubeletFolder> kubeletFolders(Doc pod) {
    if (!pod.condition("Ready") || pod.controller().equals("DaemonSet/" + Installed.AGENT)) {
      return Stream.empty();
    }
    Set<String> shared =
        mounts(pod)
            .filter(mount -> mount.text("mountPropagation").equals("Bidirectional"))
            .map(mount -> mount.text("name"))
            .collect(Collectors.toSet());
    return pod.list("spec", "volumes").stream()
        .flatMap(volume -> root(volume, shared).stream())
        .distinct()
        .map(root ->
            new KubeletFolder(
                new PodRef(pod.namespace(), pod.name()), pod.text("spec", "nodeName"), root));
  }

  private static Optional<String> root(Doc volume, Set<String> shared) {
    String path = volume.text("hostPath", "path");
    Matcher registry = REGISTRY.matcher(path);
    if (registry.matches()) {
      return Optional.of(registry.group(1));
    }
    Matcher root = ROOT.matcher(path);
    return shared.contains(volume.text("name")) && root.matches()
        ? Optional.of(root.group(1))
        : Optional.empty();
  }

  private static Stream<Doc> mounts(Doc pod) {
    return Stream.of("initContainers", "containers", "ephemeralContainers")
        .flatMap(kind -> pod.list("spec", kind).stream())
        .flatMap(container -> container.list("volumeMounts").stream());
  }

  /** What made it, as people know it: the Deployment and not its ReplicaSet. */
  private static String owner(Doc pod) {
    String controller = pod.controller();
    String hash = pod.labels().getOrDefault("pod-template-hash", "");
    boolean deployment =
        controller.startsWith("ReplicaSet/") && !hash.isEmpty() && controller.endsWith("-" + hash);
    return deployment
        ? "Deployment/"
            + controller.substring("ReplicaSet/".length(), controller.length() - hash.length() - 1)
        : controller;
  }

  /** Why a pod is not ready, as far as it says itself. */
  static String trouble(Doc pod) {
    List<Doc> states =
        Stream.of("initContainerStatuses", "containerStatuses")
            .flatMap(kind -> pod.list("status", kind).stream())
            .map(status -> status.at("state", "waiting"))
            .filter(Doc::present)
            .toList();
    for (Doc waiting : states) {
      String reason = waiting.text("reason");
      if (!reason.equals("ContainerCreating") && !reason.equals("PodInitializing")) {
        return joined(reason, waiting.text("message"));
      }
    }
    return pod.list("status", "conditions").stream()
        .filter(
            each -> each.text("type").equals("PodScheduled") && each.text("status").equals("False"))
        .map(each -> joined(each.text("reason"), each.text("message")))
        .findFirst()
        .orElse("");
  }

  static String joined(String reason, String message) {
    return message.isEmpty() ? reason : reason + ": " + message;
  }
}
