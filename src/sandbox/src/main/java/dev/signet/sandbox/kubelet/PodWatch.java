package dev.signet.sandbox.kubelet;

import com.google.gson.reflect.TypeToken;
import dev.signet.sandbox.api.ApiAccess;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ListMeta;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodList;
import io.kubernetes.client.util.Watch;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the pods that are bound to a node: lists, watches from there, and lists again whenever
 * the watch breaks. Driven by one thread.
 */
final class PodWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PodWatch.class);
  private static final int WATCH_SECONDS = 300;

  private final String nodeName;
  private final ApiClient client;
  private final Listener listener;
  private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2));
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable Call open;

  PodWatch(String nodeName, ApiAccess access, Listener listener) {
    this.nodeName = nodeName;
    this.client = access.client().setReadTimeout(0);
    this.listener = listener;
  }

  /** Follows until closed. */
  void run() throws InterruptedException {
    while (closed.getCount() > 0) {
      try {
        String version = list();
        backoff.reset();
        while (!version.isEmpty()) {
          version = watch(version);
        }
      } catch (ApiException | IOException | RuntimeException e) {
        // The client's watch throws unchecked exceptions when its connection breaks.
        if (closed.getCount() > 0) {
          LOG.info(
              "The pods of {} are listed again: {}",
              nodeName,
              e instanceof ApiException failure ? NodeApi.reason(failure) : e.toString());
        }
      }
      boolean _ = closed.await(backoff.next().toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private String list() throws ApiException {
    V1PodList list =
        new CoreV1Api(client)
            .listPodForAllNamespaces()
            .fieldSelector("spec.nodeName=" + nodeName)
            .execute();
    listener.all(list.getItems().stream().map(BoundPod::of).toList());
    return version(list.getMetadata());
  }

  private static String version(@Nullable V1ListMeta metadata) {
    return Objects.requireNonNullElse(
        Objects.requireNonNull(metadata, "metadata").getResourceVersion(), "");
  }

  /**
   * Watches to the end of one stream; answers the version to go on from, or empty to list again.
   */
  private String watch(String from) throws ApiException, IOException {
    String version = from;
    Call call =
        new CoreV1Api(client)
            .listPodForAllNamespaces()
            .fieldSelector("spec.nodeName=" + nodeName)
            .resourceVersion(from)
            .allowWatchBookmarks(true)
            .timeoutSeconds(WATCH_SECONDS)
            .watch(true)
            .buildCall(null);
    open = call;
    if (closed.getCount() == 0) {
      return "";
    }
    try (Watch<V1Pod> watch =
        Watch.createWatch(client, call, new TypeToken<Watch.Response<V1Pod>>() {}.getType())) {
      while (watch.hasNext()) {
        Watch.Response<V1Pod> event = watch.next();
        if (event.object == null) {
          return "";
        }
        if (event.object.getMetadata() != null) {
          version = Objects.requireNonNullElse(event.object.getMetadata().getResourceVersion(), "");
        }
        switch (event.type) {
          case "ADDED", "MODIFIED" -> listener.changed(BoundPod.of(event.object));
          case "DELETED" -> listener.removed(BoundPod.of(event.object));
          default -> LOG.trace("A watch event of type {}", event.type);
        }
      }
    }
    return version;
  }

  @Override
  public void close() {
    closed.countDown();
    Call call = open;
    if (call != null) {
      call.cancel();
    }
    client.getHttpClient().dispatcher().executorService().shutdown();
    client.getHttpClient().connectionPool().evictAll();
  }

  /** Who hears of pods. */
  interface Listener {
    /** Every pod of the node; what is missing is gone. */
    void all(List<BoundPod> pods);

    void changed(BoundPod pod);

    void removed(BoundPod pod);
  }
}
