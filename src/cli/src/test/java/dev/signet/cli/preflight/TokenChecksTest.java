package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.TokenTrial.Review;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenChecksTest {
  private static final String AUDIENCE = "signet://shop.example/preflight";
  private static final String ACCOUNT = "system:serviceaccount:signet-system:signet-ca";
  private final TestCluster cluster = new TestCluster();

  private void reviewed(List<String> audiences, String name, Map<String, List<String>> extra) {
    cluster.own = Observed.seen(new Review(true, audiences, name, extra, ""));
  }

  private static Map<String, List<String>> extras() {
    return new HashMap<>(TestCluster.extra("node-a-uid", "JTI=1"));
  }

  @Test
  void refusedToken_fails_andItsExtrasAreUnknown() {
    cluster.own = Observed.seen(new Review(false, List.of(), "", Map.of(), "bad signature"));

    assertThat(cluster.status(Check.TOKEN_AUDIENCE)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.TOKEN_AUDIENCE).seen()).contains("bad signature");
    assertThat(cluster.status(Check.TOKEN_EXTRAS)).isEqualTo(Status.UNKNOWN);
    assertThat(cluster.status(Check.TOKEN_FOREIGN_AUDIENCE)).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void audienceThatIsNotConfirmed_fails() {
    reviewed(List.of(), ACCOUNT, extras());

    assertThat(cluster.one(Check.TOKEN_AUDIENCE).seen()).contains("does not confirm", AUDIENCE);
    assertThat(cluster.status(Check.TOKEN_AUDIENCE)).isEqualTo(Status.FAIL);
  }

  @Test
  void anotherAuthenticatorsName_fails() {
    reviewed(List.of(AUDIENCE), "joe", extras());

    assertThat(cluster.one(Check.TOKEN_AUDIENCE).seen()).contains("'joe'");
    assertThat(cluster.status(Check.TOKEN_AUDIENCE)).isEqualTo(Status.FAIL);
  }

  @Test
  void tokenThatPassesForAnotherAudience_fails() {
    cluster.foreign =
        new Review(true, List.of("signet://shop.example/workload"), ACCOUNT, Map.of(), "");

    assertThat(cluster.status(Check.TOKEN_FOREIGN_AUDIENCE)).isEqualTo(Status.FAIL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pod-name", "pod-uid", "node-name", "node-uid"})
  void missingExtra_fails_andIsNamed(String key) {
    Map<String, List<String>> extra = extras();
    extra.remove("authentication.kubernetes.io/" + key);
    reviewed(List.of(AUDIENCE), ACCOUNT, extra);

    assertThat(cluster.status(Check.TOKEN_EXTRAS)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.TOKEN_EXTRAS).seen()).contains("lacks " + key);
  }

  @Test
  void extraWithTwoValues_countsAsMissing() {
    Map<String, List<String>> extra = extras();
    extra.put("authentication.kubernetes.io/pod-uid", List.of("ca-uid", "other"));
    reviewed(List.of(AUDIENCE), ACCOUNT, extra);

    assertThat(cluster.one(Check.TOKEN_EXTRAS).seen()).contains("lacks pod-uid");
  }

  @Test
  void extrasOfAnotherNode_fail() {
    reviewed(List.of(AUDIENCE), ACCOUNT, TestCluster.extra("another-uid", "JTI=1"));

    assertThat(cluster.one(Check.TOKEN_EXTRAS).seen()).contains("elsewhere");
    assertThat(cluster.status(Check.TOKEN_EXTRAS)).isEqualTo(Status.FAIL);
  }

  @Test
  void missingCredential_isALossOnly() {
    reviewed(List.of(AUDIENCE), ACCOUNT, TestCluster.extra("node-a-uid", ""));

    assertThat(cluster.status(Check.TOKEN_EXTRAS)).isEqualTo(Status.WARN);
  }

  @Test
  void tokenThatMayNotBeMade_isUnknown() {
    cluster.own = Observed.hidden("this user may not create serviceaccounts/token", "become one");

    assertThat(List.of(Check.TOKEN_AUDIENCE, Check.TOKEN_FOREIGN_AUDIENCE, Check.TOKEN_EXTRAS))
        .allSatisfy(check -> {
          assertThat(cluster.status(check)).isEqualTo(Status.UNKNOWN);
          assertThat(cluster.one(check).seen()).contains("serviceaccounts/token");
        });
  }
}
