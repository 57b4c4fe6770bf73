package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.World;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is left of a pod's identity when the pod goes. */
@ExtendWith(SharedWorld.class)
class PodEndIT {
  private static final String NAMESPACE = "pod-end";

  @BeforeAll
  static void prepare(World world) {
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, "app");
  }

  @Test
  void podIsDeleted_itsConnectionsClose_andClientsSeeUnavailable(World world) throws Exception {
    PodSource pod = PodSource.start(world, NAMESPACE, "leaving", "app", "node-1");
    try (WorkloadStream stream = new WorkloadStream(pod.socket().path())) {
      stream.next();
      long deleted = System.nanoTime();
      pod.close();

      Status status = stream.ended().get(10, TimeUnit.SECONDS);

      assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(Duration.ofNanos(System.nanoTime() - deleted)).isLessThan(Duration.ofSeconds(1));
    }
    Optional<Boolean> gone =
        Eventually.await(
            Duration.ofSeconds(10),
            () ->
                Optional.of(Files.notExists(pod.socket().path(), LinkOption.NOFOLLOW_LINKS))
                    .filter(absent -> absent));
    assertThat(gone).isPresent();
  }

  @Test
  void otherPods_areNotDisturbed(World world) throws Exception {
    PodSource leaving = PodSource.start(world, NAMESPACE, "first", "app", "node-1");
    try (PodSource staying = PodSource.start(world, NAMESPACE, "second", "app", "node-1");
        WorkloadStream stream = new WorkloadStream(staying.socket().path());
        WorkloadStream ending = new WorkloadStream(leaving.socket().path())) {
      stream.next();
      ending.next();
      leaving.close();

      ending.ended().get(10, TimeUnit.SECONDS);
      assertThat(stream.ended()).isNotDone();
      // The next message is the renewal: the stream has lived on.
      assertThat(stream.next().getSvidsCount()).isEqualTo(1);
    }
  }
}
