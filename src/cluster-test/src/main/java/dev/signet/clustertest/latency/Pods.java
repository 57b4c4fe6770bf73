package dev.signet.clustertest.latency;

import com.google.gson.reflect.TypeToken;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodList;
import io.kubernetes.client.util.Config;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.Yaml;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The pods of one namespace, over the wire: no program is started for any of them. All nodes and
 * this program share one machine's clock. Thread-safe; close it.
 */
final class Pods implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private final String namespace;
  private final Clock clock;
  private final CoreV1Api api;
  private final ApiClient client;
  private final Map<String, CompletableFuture<String>> ends = new ConcurrentHashMap<>();
  private volatile boolean closed;

  Pods(String namespace, Clock clock) throws IOException {
    this.namespace = namespace;
    this.clock = clock;
    client = Config.fromConfig(Lab.kubeconfig().toString());
    client.setHttpClient(client.getHttpClient().newBuilder().readTimeout(Duration.ZERO).build());
    api = new CoreV1Api(client);
    Thread.ofVirtual().name("pod watch").start(this::follow);
  }

  /** Lists and watches; an API server under load may end a watch at any time, but not a list. */
  private void follow() {
    try {
      while (!closed) {
        V1PodList now = api.listNamespacedPod(namespace).execute();
        now.getItems().forEach(this::see);
        watchFrom(Objects.requireNonNull(now.getMetadata()).getResourceVersion());
      }
    } catch (ApiException | IOException e) {
      ends.values().forEach(end -> end.completeExceptionally(e));
    }
  }

  private void watchFrom(@Nullable String version) throws ApiException, IOException {
    try (Watch<V1Pod> watch =
        Watch.createWatch(
            client,
            api.listNamespacedPod(namespace).watch(true).resourceVersion(version).buildCall(null),
            new TypeToken<Watch.Response<V1Pod>>() {}.getType())) {
      watch.forEach(change -> see(change.object));
    } catch (RuntimeException e) {
      System.err.println("The watch of pods begins anew: " + e);
    }
  }

  private void see(V1Pod pod) {
    String phase = Objects.requireNonNull(pod.getStatus()).getPhase();
    if ("Succeeded".equals(phase) || "Failed".equals(phase)) {
      end(name(pod)).complete(phase);
    }
  }

  private static String name(V1Pod pod) {
    return Objects.requireNonNull(Objects.requireNonNull(pod.getMetadata()).getName());
  }

  private CompletableFuture<String> end(String name) {
    return ends.computeIfAbsent(name, _ -> new CompletableFuture<>());
  }

  /**
   * Creates a pod, waits for its end and removes it.
   *
   * @return milliseconds from before its creation to the line of its program that is asked for
   */
  long measure(String yaml, String lastEvent)
      throws ApiException, InterruptedException, ExecutionException {
    V1Pod pod = Yaml.loadAs(yaml, V1Pod.class);
    // The client sets an empty one, which the server takes for a wish.
    Objects.requireNonNull(pod.getSpec()).overhead(null);
    String name = name(pod);
    Instant created = clock.instant();
    api.createNamespacedPod(namespace, pod).execute();
    String phase = phase(name);
    String log = api.readNamespacedPodLog(name, namespace).execute();
    if (!phase.equals("Succeeded")) {
      throw new IllegalStateException("pod " + name + " failed: " + log);
    }
    Instant seen =
        ProbePod.events(log).stream()
            .filter(event -> Kubectl.text(event, "event").equals(lastEvent))
            .map(event -> Instant.parse(Kubectl.text(event, "at")))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("pod " + name + " said: " + log));
    api.deleteNamespacedPod(name, namespace).gracePeriodSeconds(0).execute();
    return Duration.between(created, seen).toMillis();
  }

  /** Phase at its end. */
  private String phase(String name) throws InterruptedException, ExecutionException {
    try {
      return end(name).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "pod "
              + name
              + " has not ended\n"
              + Kubectl.run("describe", "pod", "-n", namespace, name).all(),
          e);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
