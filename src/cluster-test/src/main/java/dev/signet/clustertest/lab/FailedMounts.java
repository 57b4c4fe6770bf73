package dev.signet.clustertest.lab;

import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.List;

/** Kubelet's events about volumes of a pod that it could not mount. */
public final class FailedMounts {
  private static final Duration SOON = Duration.ofSeconds(60);

  private FailedMounts() {}

  /** Their messages so far. */
  public static List<String> of(String namespace, String pod) {
    return Kubectl.get(
            "events",
            "-n",
            namespace,
            "--field-selector",
            "reason=FailedMount,involvedObject.name=" + pod)
        .getAsJsonArray("items")
        .asList()
        .stream()
        .map(event -> Kubectl.text(event.getAsJsonObject(), "message"))
        .toList();
  }

  /** The first message that holds a text. */
  public static String await(String namespace, String pod, String text)
      throws InterruptedException {
    return Eventually.await(
            SOON,
            () -> of(namespace, pod).stream().filter(message -> message.contains(text)).findFirst())
        .orElseThrow(() ->
            new AssertionError(
                "no event of pod %s says \"%s\", but\n%s"
                    .formatted(pod, text, Kubectl.run("get", "events", "-n", namespace).all())));
  }
}
