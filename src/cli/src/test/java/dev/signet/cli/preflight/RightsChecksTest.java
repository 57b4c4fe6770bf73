package dev.signet.cli.preflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.AccessFacts.Binding;
import dev.signet.cli.cluster.AccessFacts.RoleKey;
import dev.signet.cli.cluster.AccessFacts.Rule;
import dev.signet.cli.cluster.AccessFacts.Subject;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.Observed;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RightsChecksTest {
  private static final String REVIEWS = "authentication.k8s.io";
  private final TestCluster cluster = new TestCluster();

  @Test
  void missingVerb_isNamed() {
    cluster.roles.put(
        new RoleKey("", "signet-ca-pods"), List.of(TestCluster.podRule("get", "list")));

    assertThat(cluster.status(Check.CA_RIGHTS)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.CA_RIGHTS).seen())
        .isEqualTo("signet-system/signet-ca lacks: watch pods");
  }

  @Test
  void rightInOneNamespace_isNotTheClusters() {
    cluster.bindings.removeIf(binding -> binding.name().equals("signet-ca-pods"));
    cluster.bindings.add(
        new Binding(
            "signet-system",
            "pods",
            new RoleKey("", "signet-ca-pods"),
            List.of(TestCluster.account("signet-ca")),
            false));

    assertThat(cluster.one(Check.CA_RIGHTS).seen())
        .contains("lacks: get pods; list pods; watch pods");
  }

  @Test
  void bindingToARoleThatIsGone_grantsNothing() {
    cluster.roles.remove(new RoleKey("", "signet-ca"));

    assertThat(cluster.one(Check.CA_RIGHTS).seen())
        .contains("lacks: create tokenreviews.authentication.k8s.io");
  }

  @ParameterizedTest
  @CsvSource({
    "get,         '',                        secrets",
    "create,      '',                        serviceaccounts/token",
    "get,         '',                        nodes/proxy",
    "create,      '',                        pods/exec",
    "impersonate, '',                        users",
    "impersonate:associated-node, authentication.k8s.io, nodes",
    "bind,        rbac.authorization.k8s.io, clusterroles",
    "escalate,    rbac.authorization.k8s.io, clusterroles",
    "*,           apps,                      deployments",
    "get,         *,                         pods",
    "get,         '',                        *",
    "get,         '',                        */status",
  })
  void rightThatIsNeverHad_fails_andIsCalledSo(String verb, String group, String resource) {
    cluster.grant("bad", "signet-agent", TestCluster.rule(verb, group, resource));

    Finding finding = cluster.one(Check.AGENT_EXCESS);
    assertThat(finding.status()).isEqualTo(Status.FAIL);
    assertThat(finding.seen())
        .contains(verb, resource, "never to be had", "ClusterRoleBinding bad");
    assertThat(finding.mend()).isEqualTo("kubectl delete clusterrolebinding bad");
  }

  @Test
  void harmlessRightTooMuch_failsAsWell() {
    cluster.grant("curious", "signet-ca", TestCluster.rule("list", "apps", "deployments"));

    assertThat(cluster.status(Check.CA_EXCESS)).isEqualTo(Status.FAIL);
    assertThat(cluster.one(Check.CA_EXCESS).seen())
        .contains("may also list deployments.apps")
        .doesNotContain("never");
  }

  @Test
  void worstRight_isSaidFirst_andTheOthersCounted() {
    cluster.grant(
        "wide",
        "signet-agent",
        new Rule(
            List.of("get", "list"), List.of(""), List.of("pods", "secrets"), List.of(), List.of()));

    assertThat(cluster.one(Check.AGENT_EXCESS).seen())
        .contains("may also get/list secrets, never to be had (and 2 other rights)");
  }

  @Test
  void otherConfigMaps_areTooMuch() {
    cluster.grant("wide", "signet-ca", TestCluster.rule("update", "", "configmaps"));

    assertThat(cluster.status(Check.CA_EXCESS)).isEqualTo(Status.FAIL);
  }

  @Test
  void sharedBinding_isEdited_notDeleted() {
    cluster.grant(
        "shared",
        List.of(TestCluster.account("signet-ca"), new Subject("User", "", "joe")),
        TestCluster.rule("get", "", "secrets"));

    assertThat(cluster.one(Check.CA_EXCESS).mend())
        .isEqualTo(
            "kubectl edit clusterrolebinding shared: take signet-system/signet-ca out of its"
                + " subjects");
  }

  @Test
  void accountNamedAsAUser_countsToo() {
    cluster.grant(
        "as-user",
        List.of(new Subject("User", "", "system:serviceaccount:signet-system:signet-agent")),
        TestCluster.rule("get", "", "pods"));

    assertThat(cluster.status(Check.AGENT_EXCESS)).isEqualTo(Status.FAIL);
  }

  @Test
  void accountOfTheSameNameElsewhere_isAnother() {
    cluster.grant(
        "elsewhere",
        List.of(new Subject("ServiceAccount", "other", "signet-agent")),
        TestCluster.rule("get", "", "secrets"));

    assertThat(cluster.status(Check.AGENT_EXCESS)).isEqualTo(Status.OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "system:serviceaccounts",
        "system:serviceaccounts:signet-system",
        "system:authenticated"
      })
  void whatEverybodyHas_isAWarning_andAFailureIfItIsNeverHad(String group) {
    Subject everybody = new Subject("Group", "", group);
    cluster.grant("open", List.of(everybody), TestCluster.podRule("list"));
    assertThat(cluster.status(Check.AGENT_EXCESS)).isEqualTo(Status.WARN);
    assertThat(cluster.one(Check.AGENT_EXCESS).seen()).contains("like every account");

    cluster.roles.put(new RoleKey("", "open"), List.of(TestCluster.rule("get", "", "secrets")));
    assertThat(cluster.status(Check.AGENT_EXCESS)).isEqualTo(Status.FAIL);
  }

  @Test
  void agentsThatReview_haveOneRight_andTheCaHasItNoMore() {
    cluster.settings = reviewByAgents();
    cluster.grant(
        "signet-agent", "signet-agent", TestCluster.rule("create", REVIEWS, "tokenreviews"));

    assertThat(cluster.status(Check.AGENT_RIGHTS)).isEqualTo(Status.OK);
    assertThat(cluster.status(Check.AGENT_EXCESS)).isEqualTo(Status.OK);
    assertThat(cluster.status(Check.CA_RIGHTS)).isEqualTo(Status.OK);
    assertThat(cluster.of(Check.CA_EXCESS))
        .hasSize(2)
        .allSatisfy(finding -> assertThat(finding.status()).isEqualTo(Status.FAIL));
  }

  @Test
  void agentsThatReviewWithoutTheRight_fail() {
    cluster.settings = reviewByAgents();

    assertThat(cluster.status(Check.AGENT_RIGHTS)).isEqualTo(Status.FAIL);
  }

  @Test
  void leftoverBinding_isFoundBeforeAnInstallation() {
    TestCluster bare = TestCluster.bare();
    bare.grant("leftover", "signet-agent", TestCluster.rule("get", "", "secrets"));

    assertThat(bare.status(Check.AGENT_EXCESS)).isEqualTo(Status.FAIL);
    assertThat(bare.status(Check.CA_RIGHTS)).isEqualTo(Status.NOT_INSTALLED);
  }

  private static Observed<Optional<InstalledSettings>> reviewByAgents() {
    return Observed.seen(
        Optional.of(
            TestCluster.settings(Optional.of("agent"), Optional.empty(), Optional.empty())));
  }
}
