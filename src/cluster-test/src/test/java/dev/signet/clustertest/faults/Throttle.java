package dev.signet.clustertest.faults;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Metrics;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.Eventually;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.Config;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;

/**
 * Has the API server answer 429 to the CA, by its own priority and fairness. A level without seats
 * lets one request through while it has none, so this keeps one there, for up to the API server's
 * minute: a review in the CA's name whose body does not end.
 */
final class Throttle implements AutoCloseable {
  private static final String NAME = "faults-throttle";
  private static final String LEVEL = "priority_level=\"" + NAME + "\"";
  private static final Duration SOON = Duration.ofSeconds(30);

  private final OkHttpClient client;
  private final Request review;
  private final double rejectedBefore = allRejected();
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicInteger ownRejected = new AtomicInteger();

  private Throttle(OkHttpClient client, String server) {
    this.client = client;
    this.review =
        new Request.Builder()
            .url(server + "/apis/authentication.k8s.io/v1/tokenreviews")
            .header("Impersonate-User", "system:serviceaccount:" + Signet.NAMESPACE + ":signet-ca")
            .post(new Endless())
            .build();
  }

  /** Throttles from when this returns. */
  static Throttle start() throws IOException, InterruptedException {
    Kubectl.apply(
        """
        apiVersion: flowcontrol.apiserver.k8s.io/v1
        kind: PriorityLevelConfiguration
        metadata: {name: %1$s}
        spec:
          type: Limited
          limited: {nominalConcurrencyShares: 0, lendablePercent: 0, borrowingLimitPercent: 0, limitResponse: {type: Reject}}
        ---
        apiVersion: flowcontrol.apiserver.k8s.io/v1
        kind: FlowSchema
        metadata: {name: %1$s}
        spec:
          priorityLevelConfiguration: {name: %1$s}
          matchingPrecedence: 500
          distinguisherMethod: {type: ByUser}
          rules:
          - subjects: [{kind: ServiceAccount, serviceAccount: {name: signet-ca, namespace: %2$s}}]
            resourceRules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"], clusterScope: true, namespaces: ["*"]}]
        """
            .formatted(NAME, Signet.NAMESPACE));
    ApiClient admin = Config.fromConfig(Lab.kubeconfig().toString());
    var throttle =
        new Throttle(
            admin
                .getHttpClient()
                .newBuilder()
                .readTimeout(Duration.ZERO)
                .writeTimeout(Duration.ZERO)
                .build(),
            admin.getBasePath());
    throttle.hold();
    if (Eventually.await(SOON, () -> Optional.of(seats()).filter(taken -> taken >= 1)).isEmpty()) {
      throttle.close();
      throw new AssertionError("the API server does not let the throttle's own request in");
    }
    return throttle;
  }

  /** Requests of the CA itself that were answered with 429. */
  double rejected() {
    return allRejected() - rejectedBefore - ownRejected.get();
  }

  private static double allRejected() {
    return level("apiserver_flowcontrol_rejected_requests_total");
  }

  private static double seats() {
    return level("apiserver_flowcontrol_current_executing_requests");
  }

  private static double level(String name) {
    return new Metrics(Kubectl.run("get", "--raw", "/metrics").orFail()).sum(name, LEVEL);
  }

  private void hold() {
    client.newCall(review).enqueue(new Again());
  }

  @Override
  public void close() {
    end.countDown();
    client.dispatcher().cancelAll();
    remove();
  }

  /** Takes away what a throttle left in the API server, where it answers. */
  static void remove() {
    for (String kind : new String[] {"flowschema", "prioritylevelconfiguration"}) {
      Kubectl.run("delete", kind, NAME, "--ignore-not-found", "--request-timeout=10s");
    }
  }

  /** Until the end: one that comes while the CA has the seat is rejected, too. */
  private final class Again implements Callback {
    @Override
    public void onFailure(Call call, IOException e) {
      again();
    }

    @Override
    public void onResponse(Call call, Response response) {
      response.close();
      if (response.code() == 429) {
        ownRejected.incrementAndGet();
      }
      again();
    }

    private void again() {
      if (end.getCount() > 0) {
        hold();
      }
    }
  }

  /** A body that begins. */
  private final class Endless extends RequestBody {
    @Override
    public MediaType contentType() {
      return MediaType.get("application/json");
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.writeUtf8("{");
      sink.flush();
      try {
        end.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }
}
