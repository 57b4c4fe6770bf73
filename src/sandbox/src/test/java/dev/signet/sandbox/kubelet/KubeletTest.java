package dev.signet.sandbox.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.sandbox.api.FaultSwitch.Fault;
import dev.signet.sandbox.api.FaultSwitch.Injection;
import dev.signet.sandbox.api.FaultSwitch.Match;
import dev.signet.sandbox.kubelet.FakeCsiDriver.GetInfo;
import dev.signet.sandbox.kubelet.FakeCsiDriver.NodeGetInfo;
import dev.signet.sandbox.kubelet.FakeCsiDriver.Publish;
import dev.signet.sandbox.kubelet.FakeCsiDriver.Registered;
import dev.signet.sandbox.kubelet.FakeCsiDriver.Unpublish;
import dev.signet.sandbox.kubelet.FakeRuntime.FakePod;
import io.grpc.Status;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1TokenReviewStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls that a pod's life makes, on a real API and real sockets (KUBERNETES.md 3.2, 3.3). */
@NullUnmarked // Fields of the client's models may all be absent: where one must not be, the test
// fails by itself.
final class KubeletTest {
  private static final String TOKENS = "csi.storage.k8s.io/serviceAccount.tokens";

  @TempDir private Path dir;
  private KubeletWorld world;
  private FakeCsiDriver driver;

  @BeforeEach
  void start() throws Exception {
    world = new KubeletWorld(dir, true);
    driver = new FakeCsiDriver(dir, "csi.fake");
    driver.skipTo(Registered.class);
  }

  @AfterEach
  void stop() throws Exception {
    world.close();
    driver.close();
  }

  @Test
  void pod_hasItsVolumesBeforeItsContainersAndIsThenRunning() throws Exception {
    world.create(world.pod("web-1"));

    Publish publish = driver.nextPublish();
    FakePod started = world.runtime.next();

    assertThat(started.pod.getMetadata().getName()).isEqualTo("web-1");
    assertThat(started.mounts.path("identity"))
        .hasValue(Path.of(publish.request().getTargetPath()));
    assertThat(started.mounts.path("own"))
        .hasValueSatisfying(path -> assertThat(path.resolve("token")).exists());
    KubeletWorld.await(() -> world.phase("web-1").equals("Running"));
  }

  /**
   * 3.2: {@code volume_id}, {@code target_path}, read-only, pod keys, the token in {@code secrets}.
   */
  @Test
  void publish_hasKubeletsShape() throws Exception {
    V1Pod pod = world.create(world.pod("web-1"));
    String uid = pod.getMetadata().getUid();

    Publish publish = driver.nextPublish();
    NodePublishVolumeRequest request = publish.request();

    assertThat(request.getVolumeId())
        .isEqualTo(CsiVolumes.volumeId(uid, "identity"))
        .matches("csi-[0-9a-f]{64}");
    assertThat(request.getTargetPath())
        .isEqualTo(dir + "/pods/" + uid + "/volumes/kubernetes.io~csi/identity/mount");
    assertThat(publish.parentExisted()).isTrue();
    assertThat(publish.targetExisted()).isFalse();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(Path.of(request.getTargetPath()).getParent())))
        .isEqualTo("rwxr-x---");
    assertThat(request.getReadonly()).isTrue();
    assertThat(request.getVolumeCapability().getMount().getVolumeMountGroup()).isEqualTo("4711");
    assertThat(request.getVolumeContextMap())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "author", "chose",
                "csi.storage.k8s.io/pod.name", "web-1",
                "csi.storage.k8s.io/pod.namespace", "shop",
                "csi.storage.k8s.io/pod.uid", uid,
                "csi.storage.k8s.io/serviceAccount.name", "web",
                "csi.storage.k8s.io/ephemeral", "true"));
    assertThat(request.getSecretsMap()).containsOnlyKeys(TOKENS);
  }

  /** 3.2: the token is of the CSIDriver's audience and bound to the pod. */
  @Test
  void publishedToken_isThePodsOwn() throws Exception {
    V1Pod pod = world.create(world.pod("web-1"));

    JsonObject tokens = tokens(driver.nextPublish());

    assertThat(tokens.keySet()).containsExactly(KubeletWorld.AUDIENCE);
    JsonObject entry = tokens.getAsJsonObject(KubeletWorld.AUDIENCE);
    assertThat(entry.get("expirationTimestamp").getAsString()).isEqualTo("2026-03-01T13:00:00Z");
    V1TokenReviewStatus review =
        world.review(entry.get("token").getAsString(), KubeletWorld.AUDIENCE);
    assertThat(review.getAuthenticated()).isTrue();
    assertThat(review.getUser().getExtra())
        .containsEntry("authentication.kubernetes.io/pod-uid", List.of(pod.getMetadata().getUid()))
        .containsEntry("authentication.kubernetes.io/node-name", List.of(KubeletWorld.NODE))
        .containsKey("authentication.kubernetes.io/node-uid");
  }

  /**
   * 3.2, forgery: kubelet's keys win; a key that kubelet does not write stays as the author wrote
   * it.
   */
  @Test
  void authorsKeys_surviveOnlyWhereKubeletWritesNone() throws Exception {
    V1Pod pod = world.pod("web-1");
    pod.getSpec()
        .getVolumes()
        .get(0)
        .getCsi()
        .setVolumeAttributes(Map.of(TOKENS, "planted", "csi.storage.k8s.io/pod.name", "planted"));
    world.create(pod);

    Map<String, String> context = driver.nextPublish().request().getVolumeContextMap();

    assertThat(context)
        .containsEntry(TOKENS, "planted")
        .containsEntry("csi.storage.k8s.io/pod.name", "web-1");
  }

  /** 3.3: back-off doubles, and after an error that is not final the mount folder stays. */
  @Test
  void failureThatIsNotFinal_isTriedAgainWithBackoff() throws Exception {
    driver.failPublish(Status.UNAVAILABLE, Status.RESOURCE_EXHAUSTED, Status.DEADLINE_EXCEEDED);
    world.create(world.pod("web-1"));

    Publish first = driver.nextPublish();
    Publish second = driver.nextPublish();
    Publish third = driver.nextPublish();
    Publish fourth = driver.nextPublish();

    assertThat(List.of(second.targetExisted(), third.targetExisted(), fourth.targetExisted()))
        .containsOnly(true);
    Duration backoff = world.config.mountBackoff();
    assertThat(second.nanos() - first.nanos()).isGreaterThanOrEqualTo(backoff.toNanos());
    assertThat(third.nanos() - second.nanos())
        .isGreaterThanOrEqualTo(backoff.multipliedBy(2).toNanos());
    assertThat(fourth.nanos() - third.nanos())
        .isGreaterThanOrEqualTo(backoff.multipliedBy(4).toNanos());
    world.runtime.next();
  }

  /** 3.3: every other code makes kubelet clean up the mount folder. */
  @Test
  void finalFailure_cleansUpBeforeTheNextTry() throws Exception {
    driver.failPublish(Status.PERMISSION_DENIED);
    world.create(world.pod("web-1"));

    assertThat(driver.nextPublish().targetExisted()).isFalse();
    assertThat(driver.nextPublish().targetExisted()).isFalse();
    world.runtime.next();
  }

  /** 3.3: an error on a republish does not take the mount away (1.37 and patched). */
  @Test
  void finalFailureOfARepublish_leavesTheMount() throws Exception {
    V1Pod pod = world.create(world.pod("web-1"));
    driver.nextPublish();
    world.runtime.next();
    driver.failPublish(Status.INTERNAL, Status.INTERNAL, Status.INTERNAL);

    var _ = world.kubelet.republish(pod.getMetadata().getUid());

    for (int i = 0; i < 4; i++) {
      assertThat(driver.nextPublish().targetExisted()).isTrue();
    }
    assertThat(world.runtime.already()).isEmpty();
  }

  /** 3.3: TokenRequest fails and no valid cached token: kubelet does not call the driver at all. */
  @Test
  void podWithoutAToken_isNotPublished() throws Exception {
    V1Pod pod = world.pod("web-1");
    pod.getSpec().setVolumes(List.of(pod.getSpec().getVolumes().get(0)));
    try (Injection fault =
        world
            .api
            .faults()
            .inject(new Match("create", "serviceaccounts/token"), new Fault.Unavailable())) {
      world.create(pod);
      KubeletWorld.await(() -> fault.strikes() >= 3);
      assertThat(Files.exists(dir.resolve("pods"))).isFalse();
    }
    driver.nextPublish();
  }

  /**
   * 3.3: republish with the same token until its refresh is due; 2: after 80% of the lifetime a new
   * one.
   */
  @Test
  void republish_renewsTheTokenWhenItIsDue() throws Exception {
    V1Pod pod = world.create(world.pod("web-1"));
    String uid = pod.getMetadata().getUid();
    JsonObject first = tokens(driver.nextPublish());
    // The pod's becoming Running brings a second publish, as on a real node.
    assertThat(tokens(driver.nextPublish())).isEqualTo(first);

    world.clock.advance(Duration.ofMinutes(47));
    var _ = world.kubelet.republish(uid);
    assertThat(tokens(driver.nextPublish())).isEqualTo(first);
    world.clock.advance(Duration.ofMinutes(1));
    var _ = world.kubelet.republish(uid);
    assertThat(tokens(driver.nextPublish())).isNotEqualTo(first);
  }

  /** 2: a failed refresh reuses the old token until it expires. */
  @Test
  void failedRefresh_reusesTheOldToken() throws Exception {
    V1Pod pod = world.create(world.pod("web-1"));
    String uid = pod.getMetadata().getUid();
    JsonObject first = tokens(driver.nextPublish());
    assertThat(tokens(driver.nextPublish())).isEqualTo(first);
    world.clock.advance(Duration.ofMinutes(50));
    try (Injection _ =
        world
            .api
            .faults()
            .inject(new Match("create", "serviceaccounts/token"), new Fault.Unavailable())) {
      var _ = world.kubelet.republish(uid);
      assertThat(tokens(driver.nextPublish())).isEqualTo(first);
    }
  }

  /** 3.3: unpublish comes after all containers stopped, and only then does the object go. */
  @Test
  void deletedPod_isUnpublishedAfterItsContainersAndThenRemoved() throws Exception {
    V1Pod pod = world.create(world.pod("web-1"));
    FakePod running = world.runtime.next();
    KubeletWorld.await(() -> world.phase("web-1").equals("Running"));

    world.core().deleteNamespacedPod("web-1", KubeletWorld.NAMESPACE).execute();
    assertThat(running.nextStop()).isEqualTo(Duration.ofSeconds(20));
    var _ = world.kubelet.republish(pod.getMetadata().getUid());
    assertThat(world.gone("web-1")).isFalse();
    running.ended.complete(0);

    Unpublish unpublish = driver.skipTo(Unpublish.class);
    String uid = pod.getMetadata().getUid();
    assertThat(unpublish.request().getVolumeId()).isEqualTo(CsiVolumes.volumeId(uid, "identity"));
    assertThat(unpublish.request().getTargetPath())
        .endsWith(uid + "/volumes/kubernetes.io~csi/identity/mount");
    KubeletWorld.await(() -> world.gone("web-1"));
    assertThat(dir.resolve("pods").resolve(uid)).doesNotExist();
  }

  /** A second deletion without grace, as an operator forces it, kills the containers. */
  @Test
  void forcedDeletion_killsTheContainers() throws Exception {
    world.create(world.pod("web-1"));
    FakePod running = world.runtime.next();
    world.core().deleteNamespacedPod("web-1", KubeletWorld.NAMESPACE).execute();
    assertThat(running.nextStop()).isEqualTo(Duration.ofSeconds(20));

    world
        .core()
        .deleteNamespacedPod("web-1", KubeletWorld.NAMESPACE)
        .gracePeriodSeconds(0)
        .execute();

    assertThat(running.nextStop()).isEqualTo(Duration.ZERO);
    driver.skipTo(Unpublish.class);
  }

  /** 9: Job pods: Succeeded or Failed by exit code; volumes go, the object stays. */
  @Test
  void endedPod_isUnpublishedAndKeepsItsObject() throws Exception {
    world.create(world.pod("good"));
    world.runtime.next().ended.complete(0);
    KubeletWorld.await(() -> world.phase("good").equals("Succeeded"));
    driver.skipTo(Unpublish.class);
    world.create(world.pod("bad"));
    world.runtime.next().ended.complete(3);
    KubeletWorld.await(() -> world.phase("bad").equals("Failed"));
    driver.skipTo(Unpublish.class);

    world.core().deleteNamespacedPod("good", KubeletWorld.NAMESPACE).execute();
    assertThat(world.gone("good")).isTrue();
  }

  @Test
  void containersOfPolicyAlways_areStartedAgainInTheSameVolumes() throws Exception {
    V1Pod pod = world.pod("web-1");
    pod.getSpec().setRestartPolicy("Always");
    world.runtime.failStarts(2);
    world.create(pod);
    FakePod first = world.runtime.next();
    first.ended.complete(1);

    FakePod second = world.runtime.next();

    assertThat(second.mounts).isEqualTo(first.mounts);
    assertThat(world.phase("web-1")).isIn("Pending", "Running");
  }

  /** 3.3, driver gone: unpublish fails and pods hang in Terminating, until it is back. */
  @Test
  void podOfAMissingDriver_hangsUntilItIsBack() throws Exception {
    world.create(world.pod("web-1"));
    FakePod running = world.runtime.next();
    driver.close();
    world.core().deleteNamespacedPod("web-1", KubeletWorld.NAMESPACE).execute();
    running.nextStop();
    running.ended.complete(0);
    KubeletWorld.await(() -> world.phase("web-1").equals("Succeeded"));
    assertThat(world.gone("web-1")).isFalse();

    driver = new FakeCsiDriver(dir, "csi.fake");

    driver.skipTo(Unpublish.class);
    KubeletWorld.await(() -> world.gone("web-1"));
  }

  /** 3.4: GetInfo, NodeGetInfo, NotifyRegistrationStatus; a restarted driver is registered anew. */
  @Test
  void restartedDriver_isRegisteredInKubeletsOrder() throws Exception {
    driver.close();
    driver = new FakeCsiDriver(dir, "csi.fake");

    assertThat(driver.next()).isInstanceOf(GetInfo.class);
    assertThat(driver.next()).isInstanceOf(NodeGetInfo.class);
    assertThat(driver.next()).isEqualTo(new Registered(true, ""));
  }

  /** 3.4: a second live registration of the same name with an equal version is refused. */
  @Test
  void secondDriverOfTheSameName_isRefused() throws Exception {
    try (FakeCsiDriver second = new FakeCsiDriver(dir, "csi.second")) {
      Registered answer = second.skipTo(Registered.class);

      assertThat(answer.registered()).isFalse();
      assertThat(answer.error()).contains("already registered");
    }
  }

  /** 3.3, kubelet restart: publishes again for every volume, with a new token. */
  @Test
  void restartedKubelet_publishesAgain() throws Exception {
    world.create(world.pod("web-1"));
    Publish first = driver.nextPublish();
    FakePod running = world.runtime.next();
    world.kubelet.close();
    assertThat(running.ended).isCompletedWithValue(137);

    world.clock.advance(Duration.ofSeconds(1));
    world.startKubelet(world.config);

    driver.skipTo(Registered.class);
    Publish again = driver.nextPublish();
    assertThat(again.request().getTargetPath()).isEqualTo(first.request().getTargetPath());
    assertThat(tokens(again)).isNotEqualTo(tokens(first));
  }

  /** A broken watch is taken up again: nothing of a pod's life is missed. */
  @Test
  void lostConnections_hideNoPod() throws Exception {
    world.create(world.pod("before"));
    world.runtime.next();
    world.api.dropConnections();
    world.create(world.pod("after"));

    assertThat(world.runtime.next().pod.getMetadata().getName()).isEqualTo("after");
  }

  private static JsonObject tokens(Publish publish) {
    return JsonParser.parseString(publish.request().getSecretsOrThrow(TOKENS)).getAsJsonObject();
  }
}
