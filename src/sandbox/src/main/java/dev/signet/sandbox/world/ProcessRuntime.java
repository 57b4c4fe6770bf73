package dev.signet.sandbox.world;

import dev.signet.sandbox.kubelet.ContainerRuntime;
import dev.signet.sandbox.kubelet.PodMounts;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1EnvVar;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1VolumeMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Runs the one container of each pod of a node as a process. It has no root file system of its own:
 * each mount is a link in a short folder, and a mount path in the value of a variable is replaced
 * by that link's. Thread-safe.
 */
final class ProcessRuntime implements ContainerRuntime {
  private final NodeSetUp setUp;
  private final AgentProgram agent;
  private final Map<String, CompletableFuture<Container>> byPodUid = new ConcurrentHashMap<>();

  ProcessRuntime(NodeSetUp setUp, AgentProgram agent) {
    this.setUp = setUp;
    this.agent = agent;
  }

  /**
   * A container.
   *
   * @param root what it has for a file system
   * @param startedNanos when, by {@link System#nanoTime}
   * @param child empty where its image runs nothing
   */
  record Container(PodRef pod, Path root, long startedNanos, Optional<Child> child) {
    /** Where a path of the container is on this machine. */
    Path path(String inContainer) {
      return root.resolve(inContainer.substring(1));
    }
  }

  /** The newest container of a pod, once it was started. */
  CompletableFuture<Container> container(String podUid) {
    return byPodUid.computeIfAbsent(podUid, absent -> new CompletableFuture<>());
  }

  @Override
  public RunningPod start(V1Pod pod, PodMounts mounts) throws IOException {
    PodRef ref = PodRef.of(pod);
    V1Container spec = Objects.requireNonNull(pod.getSpec()).getContainers().getFirst();
    Path root = setUp.folder().container(setUp.containers().incrementAndGet());
    Container nothing = new Container(ref, root, 0, Optional.empty());
    for (V1VolumeMount mount : orEmpty(spec.getVolumeMounts())) {
      Path target =
          mounts
              .path(mount.getName())
              .orElseThrow(() -> new IOException("volume " + mount.getName() + " is not mounted"));
      Path link = nothing.path(mount.getMountPath());
      Files.createDirectories(link.getParent());
      Files.createSymbolicLink(link, target);
    }
    Optional<Child> child =
        command(spec, nothing)
            .map(arguments ->
                setUp
                    .processes()
                    .start(
                        new Command(
                            "pod " + ref.name(),
                            arguments,
                            environment(spec, nothing),
                            setUp.folder().log(ref))));
    Container started = new Container(ref, root, System.nanoTime(), child);
    if (!container(ref.uid()).complete(started)) {
      byPodUid.put(ref.uid(), CompletableFuture.completedFuture(started));
    }
    return child.<RunningPod>map(ProcessPod::new).orElseGet(PausePod::new);
  }

  private Optional<List<String>> command(V1Container spec, Container container) throws IOException {
    List<String> arguments = orEmpty(spec.getArgs());
    return switch (Objects.requireNonNullElse(spec.getImage(), "")) {
      case Images.PAUSE -> Optional.empty();
      case Images.AGENT ->
          Optional.of(
              agent.command(
                  container.path(PodManifests.AGENT_SECRETS + "/" + PodManifests.TOKEN_FILE)));
      case Images.PROGRAM -> {
        List<String> command =
            new ArrayList<>(
                setUp
                    .processes()
                    .installation()
                    .program(setUp.folder().temporary(), arguments.getFirst()));
        command.addAll(arguments.subList(1, arguments.size()));
        yield Optional.of(command);
      }
      default -> throw new IOException("there is no image " + spec.getImage());
    };
  }

  private static Map<String, String> environment(V1Container spec, Container container) {
    Map<String, String> environment = new LinkedHashMap<>();
    for (V1EnvVar variable : orEmpty(spec.getEnv())) {
      String value = Objects.requireNonNullElse(variable.getValue(), "");
      for (V1VolumeMount mount : orEmpty(spec.getVolumeMounts())) {
        value =
            value.replace(mount.getMountPath(), container.path(mount.getMountPath()).toString());
      }
      environment.put(variable.getName(), value);
    }
    return environment;
  }

  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return Objects.requireNonNullElse(list, List.of());
  }

  private record ProcessPod(Child child) implements RunningPod {
    @Override
    public CompletableFuture<Integer> ended() {
      return child.ended();
    }

    @Override
    public void stop(Duration grace) {
      child.stop(grace);
    }
  }

  /** Ends when it is told to. */
  private static final class PausePod implements RunningPod {
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();

    @Override
    public CompletableFuture<Integer> ended() {
      return ended;
    }

    @Override
    public void stop(Duration grace) {
      ended.complete(0);
    }
  }
}
