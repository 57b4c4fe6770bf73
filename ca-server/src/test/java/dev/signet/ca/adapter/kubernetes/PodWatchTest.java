package dev.signet.ca.adapter.kubernetes;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.END;
import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.session.PodRemovals;
import dev.signet.ca.session.RemovalCause;
import dev.signet.process.StartRefusedException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** FAULTS F14. */
@Timeout(30)
class PodWatchTest {
  private static final String ACCESS =
      "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

  @TempDir private Path folder;
  private final FakeApiServer api = new FakeApiServer();
  private final BlockingQueue<String> all = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> succeeded = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> failed = new LinkedBlockingQueue<>();
  private final BlockingQueue<Optional<String>> health = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> removed = new LinkedBlockingQueue<>();
  private volatile Set<String> served = Set.of();
  private KubernetesCluster cluster;

  private final PodRemovals removals =
      new PodRemovals() {
        @Override
        public Set<String> servedPods() {
          return served;
        }

        @Override
        public void removed(String podUid, RemovalCause cause) {
          removed.add(podUid + " " + cause);
        }
      };

  @BeforeEach
  void connect() throws StartRefusedException {
    api.on("list", list("10", ""))
        .on("list succeeded", list("11", ""))
        .on("list failed", list("12", ""))
        .on("watch", api.watch(all))
        .on("watch succeeded", api.watch(succeeded))
        .on("watch failed", api.watch(failed))
        .on(ACCESS, json(201, "{\"status\":{\"allowed\":true}}"));
    cluster =
        new KubernetesCluster(
            KubernetesClient.create(Optional.of(api.kubeconfig(folder))),
            health::add,
            Duration.ofMillis(10),
            new SecureRandom());
  }

  @AfterEach
  void close() {
    cluster.close();
    api.close();
  }

  @Test
  void watches_metadataOnlyFromWhereTheListEnded() throws Exception {
    cluster.start(removals, Optional.empty());

    FakeApiServer.Request list = api.await(is("list"));
    FakeApiServer.Request watch = api.await(is("watch"));
    FakeApiServer.Request finished = api.await(is("watch failed"));

    assertThat(list.accept())
        .isEqualTo("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    assertThat(query(list.uri())).doesNotContain("resourceVersion=");
    assertThat(watch.accept())
        .isEqualTo("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    assertThat(query(watch.uri()))
        .contains("resourceVersion=10", "allowWatchBookmarks=true", "timeoutSeconds=300");
    assertThat(query(finished.uri())).contains("resourceVersion=12", "status.phase=Failed");
  }

  @Test
  void deletionMark_deletion_andFinalPhases_areTold() throws Exception {
    cluster.start(removals, Optional.empty());

    all.add(event("ADDED", "p1", "20", false));
    all.add(event("MODIFIED", "p1", "21", true));
    assertThat(next()).isEqualTo("p1 TERMINATING");
    all.add(event("DELETED", "p1", "22", true));
    assertThat(next()).isEqualTo("p1 DELETED");
    succeeded.add(event("ADDED", "p2", "23", false));
    assertThat(next()).isEqualTo("p2 FINISHED");
    failed.add(event("MODIFIED", "p3", "24", false));
    assertThat(next()).isEqualTo("p3 FINISHED");
    // It left the phase's list by being deleted: the watch of all pods says so.
    failed.add(event("DELETED", "p3", "25", false));
    failed.add(event("ADDED", "p4", "26", false));
    assertThat(next()).isEqualTo("p4 FINISHED");
  }

  @Test
  void list_tellsMarkedOnesAndThoseThatAreGone_overAllPages() throws Exception {
    served = Set.of("p1", "p2", "p9");
    api.on(
        "list",
        (exchange, request) -> {
          boolean second = query(request.uri()).contains("continue=more");
          String body = second ? page("10", "", "p2", false) : page("10", "more", "p1", true);
          json(200, body).handle(exchange, request);
        });

    cluster.start(removals, Optional.empty());

    assertThat(next()).isEqualTo("p1 TERMINATING");
    assertThat(next()).isEqualTo("p9 DELETED");
    api.await(is("watch"));
    assertThat(removed).isEmpty();
  }

  /** A pod that an agent names while the list is under way is not missing from it. */
  @Test
  void podServedSinceTheListBegan_isNotCalledGone() throws Exception {
    api.on(
        "list",
        (exchange, request) -> {
          served = Set.of("young");
          list("10", "").handle(exchange, request);
        });

    cluster.start(removals, Optional.empty());

    api.await(is("watch"));
    assertThat(removed).isEmpty();
  }

  @Test
  void cutWatch_goesOnWhereItWas_withoutAnotherList() throws Exception {
    cluster.start(removals, Optional.empty());
    all.add(event("ADDED", "p1", "20", false));
    all.add("{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"30\"}}}");
    api.await(is("watch"));
    all.add(END);

    assertThat(query(api.await(is("watch")).uri())).contains("resourceVersion=30");
    assertThat(api.requests.stream().filter(is("list"))).hasSize(1);
  }

  @Test
  void positionForgotten_listsAgain() throws Exception {
    cluster.start(removals, Optional.empty());
    api.await(is("list"));
    api.await(is("watch"));
    api.on("watch", json(410, "{\"kind\":\"Status\",\"code\":410}"));
    all.add("{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410}}");

    // Once for the event, once for the answer of the same kind.
    api.await(is("list"));
    api.await(is("watch"));
    api.await(is("list"));
  }

  @Test
  void garbageInAWatch_isReportedAndTriedAgain() throws Exception {
    cluster.start(removals, Optional.empty());
    api.await(is("watch"));
    awaitHealth(Optional::isEmpty);
    all.add("{\"type\":");

    awaitHealth(
        problem -> problem.filter(text -> text.contains("watch of pods (any)")).isPresent());
    api.await(is("watch"));
    awaitHealth(Optional::isEmpty);
  }

  @Test
  void apiServerInTrouble_isReported_andHeals() throws Exception {
    api.on("list", json(500, "")).on("list failed", FakeApiServer.hangUp());
    cluster.start(removals, Optional.empty());
    awaitHealth(problem -> problem.filter(text -> text.contains("HTTP 500")).isPresent());

    api.on("list", list("10", "")).on("list failed", list("12", ""));

    awaitHealth(Optional::isEmpty);
    assertThat(removed).isEmpty();
  }

  /** KUBERNETES section 7: the operator is told which right is missing, not that something is. */
  @Test
  void missingRight_isNamed_untilItIsGranted() throws Exception {
    api.on(
        ACCESS,
        (exchange, request) ->
            json(
                    201,
                    "{\"status\":{\"allowed\":"
                        + !request.body().contains("\"verb\":\"watch\"")
                        + "}}")
                .handle(exchange, request));
    cluster.start(removals, Optional.empty());
    awaitHealth(problem ->
        problem
            .filter(text -> text.contains("[watch pods]") && !text.contains("tokenreviews"))
            .isPresent());

    api.on(ACCESS, json(201, "{\"status\":{\"allowed\":true}}"));

    awaitHealth(Optional::isEmpty);
    assertThat(
            api.requests.stream()
                .filter(request -> request.uri().getPath().endsWith("accessreviews"))
                .map(FakeApiServer.Request::body))
        .anyMatch(body -> body.contains("\"create\"") && body.contains("\"tokenreviews\""))
        .anyMatch(body -> body.contains("\"get\"") && body.contains("\"pods\""))
        .anyMatch(body -> body.contains("\"list\"") && body.contains("\"pods\""));
  }

  @Test
  void noAnswerToTheRights_isNoYes() throws Exception {
    api.on(ACCESS, json(201, "{}"));
    cluster.start(removals, Optional.empty());

    awaitHealth(
        problem -> problem.filter(text -> text.contains("create tokenreviews")).isPresent());
  }

  private String next() throws InterruptedException {
    String told = removed.poll(10, TimeUnit.SECONDS);
    return told == null ? "nothing" : told;
  }

  private void awaitHealth(Predicate<Optional<String>> wanted) throws InterruptedException {
    Optional<String> last = Optional.of("nothing was said");
    do {
      Optional<String> said = health.poll(10, TimeUnit.SECONDS);
      if (said == null) {
        throw new AssertionError("not said; the last was " + last);
      }
      last = said;
    } while (!wanted.test(last));
  }

  private static Predicate<FakeApiServer.Request> is(String key) {
    return request -> FakeApiServer.key(request).equals(key);
  }

  private static String query(URI uri) {
    return String.valueOf(uri.getQuery());
  }

  private static FakeApiServer.Handler list(String version, String items) {
    return json(
        200, "{\"metadata\":{\"resourceVersion\":\"" + version + "\"},\"items\":[" + items + "]}");
  }

  private static String page(String version, String next, String uid, boolean marked) {
    return "{\"metadata\":{\"resourceVersion\":\""
        + version
        + "\",\"continue\":\""
        + next
        + "\"},\"items\":["
        + object(uid, "1", marked)
        + "]}";
  }

  private static String event(String type, String uid, String version, boolean marked) {
    return "{\"type\":\"" + type + "\",\"object\":" + object(uid, version, marked) + "}";
  }

  private static String object(String uid, String version, boolean marked) {
    return "{\"kind\":\"PartialObjectMetadata\",\"metadata\":{\"uid\":\""
        + uid
        + "\",\"resourceVersion\":\""
        + version
        + "\""
        + (marked ? ",\"deletionTimestamp\":\"2026-11-25T12:00:00Z\"" : "")
        + "}}";
  }
}
