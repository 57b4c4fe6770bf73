package dev.signet.agent.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.testing.CapturedLog;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThreadLoopTest {

  /** As when a class is missing after a half-done upgrade: silence would leave a pod waiting. */
  @Test
  void taskThatFailsWithAnError_isLogged_andTheLoopGoesOn() throws Exception {
    var loop = new ThreadLoop("test-loop");
    var later = new CountDownLatch(1);
    try (CapturedLog log = CapturedLog.atTrace()) {
      loop.execute(() -> {
        throw new NoClassDefFoundError("dev/signet/Gone");
      });
      loop.after(Duration.ZERO, later::countDown);

      assertThat(later.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(log.lines()).anyMatch(line -> line.contains("dev/signet/Gone"));
    } finally {
      loop.close();
    }
  }
}
