package dev.signet.sandbox.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.kubelet.FakeCsiDriver.Publish;
import dev.signet.sandbox.kubelet.FakeCsiDriver.Registered;
import dev.signet.sandbox.kubelet.FakeRuntime.FakePod;
import io.kubernetes.client.openapi.models.V1Pod;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where tokens go: older kubelets' volume context, projected files, and the regular sync. */
@NullUnmarked // Fields of the client's models may all be absent: where one must not be, the test
// fails by itself.
final class KubeletTokensTest {
  private static final String TOKENS = "csi.storage.k8s.io/serviceAccount.tokens";

  @TempDir private Path dir;

  /**
   * 3.2, tiers B and C: the token is in {@code volume_context}, over what the pod's author planted
   * there.
   */
  @Test
  void olderKubelet_sendsTokensInTheVolumeContext() throws Exception {
    try (KubeletWorld world = new KubeletWorld(dir, false);
        FakeCsiDriver driver = new FakeCsiDriver(dir, "csi.fake")) {
      V1Pod pod = world.pod("web-1");
      pod.getSpec().getVolumes().get(0).getCsi().setVolumeAttributes(Map.of(TOKENS, "planted"));
      world.create(pod);

      Publish publish = driver.skipTo(Publish.class);

      assertThat(publish.request().getSecretsMap()).isEmpty();
      assertThat(publish.request().getVolumeContextOrThrow(TOKENS))
          .contains(KubeletWorld.AUDIENCE)
          .isNotEqualTo("planted");
    }
  }

  /**
   * 2: a projected token's file is readable at every moment, and a new token appears in it when it
   * is due.
   */
  @Test
  void projectedToken_isReplacedWhenItIsDue() throws Exception {
    try (KubeletWorld world = new KubeletWorld(dir, true)) {
      V1Pod pod = world.pod("agent-1");
      pod.getSpec().setVolumes(List.of(pod.getSpec().getVolumes().get(1)));
      pod = world.create(pod);
      FakePod started = world.runtime.next();
      Path file = started.mounts.path("own").orElseThrow().resolve("token");
      String first = Files.readString(file);
      assertThat(world.review(first, "signet://shop.example/agent").getAuthenticated()).isTrue();

      world.clock.advance(Duration.ofMinutes(48));
      var _ = world.kubelet.republish(pod.getMetadata().getUid());

      KubeletWorld.await(() -> !Files.readString(file).equals(first));
      assertThat(
              world
                  .review(Files.readString(file), "signet://shop.example/agent")
                  .getAuthenticated())
          .isTrue();
      try (var entries = Files.list(file.getParent())) {
        assertThat(entries.map(path -> path.getFileName().toString()))
            .hasSize(3)
            .contains("..data", "token");
      }
    }
  }

  /** 3.3: republish at the sync frequency, with no other cause. */
  @Test
  void sync_republishesAgainAndAgain() throws Exception {
    try (KubeletWorld world = new KubeletWorld(dir, true);
        FakeCsiDriver driver = new FakeCsiDriver(dir, "csi.fake")) {
      world.kubelet.close();
      world.startKubelet(world.config.withSyncFrequency(Duration.ofMillis(30)));
      world.create(world.pod("web-1"));

      Publish last = driver.skipTo(Publish.class);
      for (int i = 0; i < 5; i++) {
        Publish next = driver.skipTo(Publish.class);
        assertThat(next.request().getVolumeId()).isEqualTo(last.request().getVolumeId());
        last = next;
      }
    }
  }

  /** A pod may not lead kubelet out of the volume's folder. */
  @Test
  void tokenPathOutOfItsVolume_isRefused() throws Exception {
    try (KubeletWorld world = new KubeletWorld(dir, true)) {
      V1Pod pod = world.pod("agent-1");
      pod.getSpec().setVolumes(List.of(pod.getSpec().getVolumes().get(1)));
      pod.getSpec()
          .getVolumes()
          .get(0)
          .getProjected()
          .getSources()
          .get(0)
          .getServiceAccountToken()
          .setPath("../../escaped");
      world.create(pod);
      V1Pod after = world.pod("agent-2");
      after.getSpec().setVolumes(List.of(after.getSpec().getVolumes().get(1)));
      world.create(after);

      assertThat(world.runtime.next().pod.getMetadata().getName()).isEqualTo("agent-2");
      assertThat(world.phase("agent-1")).isEqualTo("Pending");
    }
  }

  /** The driver registers whether it or the kubelet starts first. */
  @Test
  void driverBeforeItsKubelet_isRegistered() throws Exception {
    try (FakeCsiDriver driver = new FakeCsiDriver(dir, "csi.fake");
        KubeletWorld _ = new KubeletWorld(dir, true)) {
      assertThat(driver.skipTo(Registered.class).registered()).isTrue();
    }
  }
}
