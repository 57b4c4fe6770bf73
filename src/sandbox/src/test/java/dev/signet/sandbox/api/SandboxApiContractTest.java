package dev.signet.sandbox.api;

import java.time.InstantSource;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The sandbox's API server keeps the contract. */
@NullUnmarked // Set by JUnit before each test.
final class SandboxApiContractTest extends KubernetesApiContract {
  private static SandboxApi api;

  @BeforeAll
  static void start() throws Exception {
    api = SandboxApi.start(SandboxApiConfig.defaults(), InstantSource.system());
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  @Override
  protected ApiAccess admin() {
    return api.admin();
  }
}
