package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.attestation.PodHint;
import dev.signet.ca.attestation.PodReader;
import dev.signet.ca.attestation.TokenReviewer;
import dev.signet.ca.bundle.PublishedBundle;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.session.PodRemovals;
import dev.signet.process.StartRefusedException;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.openapi.apis.AuthenticationV1Api;
import io.kubernetes.client.openapi.apis.AuthorizationV1Api;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cluster's API server, for what the CA asks of it. Nothing is sent before {@link #start}.
 * Thread-safe. Closing it ends the watches and the connections.
 */
public final class KubernetesCluster implements AutoCloseable {
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final String RIGHTS = "rights";
  private static final Logger log = LoggerFactory.getLogger(KubernetesCluster.class);

  private final ApiClient client;
  private final ApiExchange exchange = new ApiExchange(new RetryAfter(System::nanoTime));
  // A pause that the API server asks of the watches' lists must not hold up reviews.
  private final ApiExchange watching = new ApiExchange(new RetryAfter(System::nanoTime));
  private final ApiExchange publishing = new ApiExchange(new RetryAfter(System::nanoTime));
  private final KubernetesHealth health;
  private final Duration firstPause;
  private final RandomGenerator jitter;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("kubernetes-", 0).factory());
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile int excessRights;

  KubernetesCluster(
      ApiClient client,
      Consumer<Optional<String>> listener,
      Duration firstPause,
      RandomGenerator jitter) {
    this.client = client;
    this.health = new KubernetesHealth(listener);
    this.firstPause = firstPause;
    this.jitter = jitter;
  }

  /**
   * Reads the configuration of the connection.
   *
   * @param kubeconfig without one, the pod's own ServiceAccount is used
   * @param jitter spreads what is tried again
   * @param health gets what is wrong now, in one line for the operator, or empty if all is well
   */
  public static KubernetesCluster of(
      Optional<Path> kubeconfig, RandomGenerator jitter, Consumer<Optional<String>> health)
      throws StartRefusedException {
    return new KubernetesCluster(
        KubernetesClient.create(kubeconfig), health, SHORTEST_PAUSE, jitter);
  }

  public TokenReviewer tokenReviewer() {
    return new KubernetesTokenReviewer(new AuthenticationV1Api(client), exchange);
  }

  public PodReader podReader() {
    return new KubernetesPodReader(new CoreV1Api(client), exchange);
  }

  public PodHint podHint() {
    return new ClaimedPodHint();
  }

  /** The trust bundle in a ConfigMap. */
  public PublishedBundle trustBundle(ConfigMapName configMap) {
    return new TrustBundleConfigMap(new CoreV1Api(client), publishing, configMap);
  }

  /** How many rights this CA was found to have that it should not have. */
  public int excessRights() {
    return excessRights;
  }

  /**
   * Begins to watch pods, and to check this CA's rights until it has them all.
   *
   * @param configMap where the bundle is published, if in one
   */
  public void start(PodRemovals removals, Optional<ConfigMapName> configMap) {
    health.unknown(RIGHTS, "not checked yet");
    threads.execute(() -> checkRights(configMap));
    for (WatchedPhase phase : WatchedPhase.values()) {
      PodStream stream = new PodStream(new CoreV1Api(client), watching, phase);
      threads.execute(new PodWatch(stream, phase, removals, health, backoff(), closed));
    }
  }

  private void checkRights(Optional<ConfigMapName> configMap) {
    AccessRights rights = new AccessRights(new AuthorizationV1Api(client), watching, configMap);
    Backoff backoff = backoff();
    try {
      boolean excessKnown = false;
      boolean all = false;
      while (!all || !excessKnown) {
        all = all || haveAll(rights);
        excessKnown = excessKnown || tellExcess(rights);
        if ((!all || !excessKnown)
            && closed.await(backoff.next().toNanos(), TimeUnit.NANOSECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean haveAll(AccessRights rights) throws InterruptedException {
    try {
      List<Right> missing = rights.missing();
      if (missing.isEmpty()) {
        health.well(RIGHTS);
        return true;
      }
      health.broken(
          RIGHTS, "the CA's account lacks " + missing + "; " + AccessRights.mend(missing));
    } catch (RefusedException e) {
      health.broken(RIGHTS, e.refusal().detail());
    }
    return false;
  }

  /** Only told: whoever grants too much has to take it back. False if it is not known yet. */
  private boolean tellExcess(AccessRights rights) throws InterruptedException {
    try {
      List<Right> excess = rights.excess();
      excessRights = excess.size();
      if (!excess.isEmpty()) {
        log.warn(
            "the CA's account has rights that it must never have: {}. Whoever takes this CA takes them too;"
                + " remove the bindings that grant them (kubectl auth can-i --list --as"
                + " system:serviceaccount:NAMESPACE:NAME)",
            excess);
      }
      return true;
    } catch (RefusedException e) {
      return false;
    }
  }

  private Backoff backoff() {
    return new Backoff(firstPause, LONGEST_PAUSE, jitter);
  }

  @Override
  public void close() {
    closed.countDown();
    threads.shutdownNow();
    threads.close();
    client.getHttpClient().dispatcher().executorService().shutdown();
    client.getHttpClient().connectionPool().evictAll();
  }
}
