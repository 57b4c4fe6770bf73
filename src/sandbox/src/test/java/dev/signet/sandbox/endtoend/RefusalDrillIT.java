package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.issuance.RefusalReason;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.World;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/** Provokes each refusal from outside, on the wire, in a world with a real CA and stolen nodes. */
@ExtendWith(SharedWorld.class)
class RefusalDrillIT {
  /** What no caller and no cluster can bring about; the tests of the CA's own module show each. */
  private static final Set<RefusalReason> NOT_FROM_OUTSIDE =
      EnumSet.of(
          RefusalReason.TOKEN_AUDIENCE_MISSING,
          RefusalReason.TOKEN_NOT_SERVICE_ACCOUNT,
          RefusalReason.POD_NOT_FOUND,
          RefusalReason.POD_UID_MISMATCH,
          RefusalReason.POD_ACCOUNT_MISMATCH,
          RefusalReason.POD_NODE_MISMATCH,
          RefusalReason.ID_NOT_LEGAL,
          RefusalReason.AUTHORITY_UNAVAILABLE,
          RefusalReason.AGENT_BANNED,
          RefusalReason.REPLICA_BEHIND,
          RefusalReason.CLOCK_BEHIND_RECORDS,
          RefusalReason.SHUTTING_DOWN,
          RefusalReason.INTERNAL_ERROR,
          RefusalReason.CERTIFICATE_NOT_SOUND);

  /** Of clusters whose agents review tokens: {@link AgentReviewIT} has such a world. */
  private static final Set<RefusalReason> WHERE_AGENTS_REVIEW =
      EnumSet.of(
          RefusalReason.AGENT_REVIEW_MISSING,
          RefusalReason.AGENT_REVIEW_MISMATCH,
          RefusalReason.TOKEN_KEY_UNKNOWN);

  private static RefusalDrills drills;

  @BeforeAll
  static void prepare(World world) {
    drills = new RefusalDrills(world);
  }

  @TestFactory
  Stream<DynamicTest> each_isRefusedForItsReason() {
    return new TreeMap<>(drills.byReason())
        .entrySet().stream()
            .map(drill ->
                DynamicTest.dynamicTest(
                    drill.getKey().name(),
                    () -> {
                      CaAnswer answer = drill.getValue().run();
                      assertThat(answer).isInstanceOf(CaAnswer.Refused.class);
                      CaAnswer.Refused refused = (CaAnswer.Refused) answer;
                      assertThat(refused.reason()).isEqualTo(drill.getKey().name());
                      assertThat(refused.retryable()).isEqualTo(drill.getKey().retryable());
                    }));
  }

  @Test
  void honestRequest_isGranted() throws Exception {
    assertThat(drills.honest()).isInstanceOf(CaAnswer.Issued.class);
  }

  @Test
  void everyReason_isDrilledOrSaidNotToBeProvokable() {
    Set<RefusalReason> covered = EnumSet.copyOf(NOT_FROM_OUTSIDE);
    covered.addAll(WHERE_AGENTS_REVIEW);
    Map<RefusalReason, RefusalDrills.Drill> byReason = drills.byReason();
    assertThat(byReason.keySet()).doesNotContainAnyElementsOf(NOT_FROM_OUTSIDE);
    assertThat(byReason.keySet()).doesNotContainAnyElementsOf(WHERE_AGENTS_REVIEW);
    covered.addAll(byReason.keySet());
    assertThat(covered).containsExactlyInAnyOrder(RefusalReason.values());
  }
}
