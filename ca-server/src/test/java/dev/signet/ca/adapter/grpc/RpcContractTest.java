package dev.signet.ca.adapter.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.issuance.RefusedException;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

class RpcContractTest {
  /** THREATS T42: a method without rule, limit and audit event fails the build. */
  @Test
  void everyMethodThatIsServed_hasRuleLimitAndAuditEvent() {
    try (EndpointFixture ca = new EndpointFixture()) {
      List<ServerServiceDefinition> services = ca.endpoint.services();
      List<ServerMethodDefinition<?, ?>> methods =
          services.stream().flatMap(service -> service.getMethods().stream()).toList();

      assertThat(methods).hasSameSizeAs(RpcContract.values());
      for (ServerMethodDefinition<?, ?> method : methods) {
        RpcContract contract = RpcContract.of(method.getMethodDescriptor()).orElseThrow();
        assertThat(contract.rule()).isNotNull();
        assertThat(contract.leaves()).isNotNull();
        assertThat(contract.mostOfOneCaller()).isPositive().isLessThan(contract.mostInAll());
      }
    }
  }

  @Test
  void limit_perCallerAndInAll_andFreedOnce() throws Exception {
    CallLimits limits = new CallLimits();
    CallLimits.Permit first = limits.enter(RpcContract.SESSION, "a");
    for (int i = 1; i < RpcContract.SESSION.mostOfOneCaller(); i++) {
      limits.enter(RpcContract.SESSION, "a");
    }
    assertThatThrownBy(() -> limits.enter(RpcContract.SESSION, "a"))
        .isInstanceOf(RefusedException.class);
    limits.enter(RpcContract.SESSION, "b");
    limits.enter(RpcContract.ISSUE_X509_SVIDS, "a");

    first.end();
    first.end();

    limits.enter(RpcContract.SESSION, "a");
    assertThatThrownBy(() -> limits.enter(RpcContract.SESSION, "a"))
        .isInstanceOf(RefusedException.class);
  }

  @Test
  void limitInAll_holdsForNewCallersToo() throws Exception {
    CallLimits limits = new CallLimits();
    for (int i = 0; i < RpcContract.ATTEST_AGENT.mostInAll(); i++) {
      limits.enter(RpcContract.ATTEST_AGENT, "caller-" + i);
    }

    assertThatThrownBy(() -> limits.enter(RpcContract.ATTEST_AGENT, "one more"))
        .isInstanceOf(RefusedException.class);
  }
}
