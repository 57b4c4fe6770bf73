package dev.signet.sandbox.api;

import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What Signet relies on in a Kubernetes API server. Runs on any: a subclass names the address and
 * an administrator's credentials (group {@code system:masters}), nothing else; every test sets up
 * its own namespace through the official client and removes it again. No node needs to exist and no
 * controller to run, though both may.
 *
 * <p>Each test states the fact it holds. Where a real server may take a while (its authorisers
 * learn of changes a moment later, positive reviews are up to 10 s old), the test waits for the
 * outcome, within {@link ContractWorld#SETTLED}.
 */
@NullUnmarked // Set by JUnit before each test.
public abstract class KubernetesApiContract
    implements TokenReviewContract,
        TokenRequestContract,
        IssuerContract,
        PodContract,
        WatchContract,
        AccessContract {
  private ContractWorld world;

  /** The server under test, as its administrator. */
  protected abstract ApiAccess admin();

  @Override
  public final ContractWorld world() {
    return world;
  }

  @BeforeEach
  final void createWorld() throws Exception {
    world = new ContractWorld(admin());
  }

  @AfterEach
  final void removeWorld() throws Exception {
    world.end();
  }
}
