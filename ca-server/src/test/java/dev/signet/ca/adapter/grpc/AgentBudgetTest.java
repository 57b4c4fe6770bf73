package dev.signet.ca.adapter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.adapter.tls.PeerVerifier;
import dev.signet.ca.bundle.Bundles;
import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.World;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** THREATS T27: who asks without end spends what is its own. */
class AgentBudgetTest {
  private final TestAuthority authority = new TestAuthority("a");
  private final CurrentBundle bundles = new CurrentBundle(Bundles.of(1, authority));
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final AgentBudget budget = new AgentBudget(now::get);

  private AgentPeer agent(String node) throws RefusedException {
    PeerVerifier verifier = new PeerVerifier(bundles, InstantSource.fixed(World.NOW));
    return new Connection(
            new Connection.Checks(verifier, bundles, World.TRUST_DOMAIN),
            List.of(authority.agent(node).certificate()),
            "127.0.0.1",
            () -> {})
        .agent(World.NOW);
  }

  private void spendAll(AgentPeer agent) throws RefusedException {
    for (int left = AgentBudget.BURST; left > 0; left -= 250) {
      budget.spend(agent, 250);
    }
  }

  private void assertRefused(AgentPeer agent, int items, Duration wait) {
    assertThatThrownBy(() -> budget.spend(agent, items))
        .isInstanceOfSatisfying(
            RefusedException.class,
            e -> {
              assertThat(e.refusal().reason()).isEqualTo(RefusalReason.OVERLOADED);
              assertThat(e.refusal().retryAfter()).contains(wait);
            });
  }

  @Test
  void allPodsOfAFullNode_twiceAtOnce_andNoMore() throws Exception {
    AgentPeer agent = agent("node-1");
    spendAll(agent);

    assertRefused(agent, 10, Duration.ofMillis(500));
  }

  @Test
  void whatIsRefused_isNotSpent_andTimeFillsUp() throws Exception {
    AgentPeer agent = agent("node-1");
    spendAll(agent);
    for (int i = 0; i < 1_000; i++) {
      assertRefused(agent, 256, Duration.ofMillis(12_800));
    }

    now.addAndGet(Duration.ofSeconds(1).toNanos());

    budget.spend(agent, AgentBudget.PER_SECOND);
    assertRefused(agent, 1, Duration.ofMillis(50));
    now.addAndGet(Duration.ofDays(1).toNanos());
    spendAll(agent);
    assertRefused(agent, 1, Duration.ofMillis(50));
  }

  /** By node, not by certificate: a new SVID buys nothing. */
  @Test
  void newSvidOfTheAgent_buysNothing() throws Exception {
    spendAll(agent("node-1"));

    assertRefused(agent("node-1"), 1, Duration.ofMillis(50));
  }

  @Test
  void otherNodes_areNotTouched() throws Exception {
    spendAll(agent("node-1"));

    spendAll(agent("node-2"));
  }
}
