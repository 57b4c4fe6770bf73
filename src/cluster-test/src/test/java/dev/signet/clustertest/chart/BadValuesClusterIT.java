package dev.signet.clustertest.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.signet.clustertest.lab.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that cannot be are refused before anything is installed, with what to do instead. */
class BadValuesClusterIT {
  private static final String NAMESPACE = "signet-system";

  static Stream<Arguments> refused() {
    return Stream.of(
        arguments("trustDomain=", "trustDomain is not set: add --set trustDomain=<name>"),
        arguments(
            "trustDomain=Shop.example", "\"Shop.example\" is no trust domain: use 1 to 255 of"),
        arguments("trustDomain=spiffe://shop", "is no trust domain"),
        arguments("trustDomain=shop.example:8443", "is no trust domain"),
        arguments("trustDomain=shop.example.", "ends in a dot"),
        arguments("trustDomain=" + "a".repeat(256), "is no trust domain"),
        arguments("clusterName=a/b", "clusterName \"a/b\" cannot be part of an ID"),
        arguments("clusterName=..", "clusterName \"..\" cannot be part of an ID"),
        arguments("ca.replicas=2", "ca.replicas is 2: the store is SQLite"),
        arguments("ca.replicas=0", "ca.replicas is 0: the store is SQLite"),
        arguments("ca.svid.ttl=4m", "ca.svid.ttl 4m is out of 5m to 24h"),
        arguments("ca.svid.ttl=25h", "ca.svid.ttl 25h is out of 5m to 24h"),
        arguments("ca.svid.ttl=1 hour", "\"1 hour\" is no length of time: write a whole number"),
        arguments("ca.svid.backdate=2h", "ca.svid.backdate 2h is out of 0s to 1h"),
        arguments("ca.allowDefaultAccount={A}", "\"A\" is no name of a namespace"),
        arguments(
            "ca.persistence.hostPath=/d,ca.nodeSelector.a=b,ca.persistence.storageClassName=fast",
            "has both hostPath and storageClassName"),
        arguments(
            "ca.persistence.hostPath=/d,ca.nodeSelector.a=b,ca.persistence.enabled=false",
            "hostPath is set and ca.persistence.enabled is false"),
        arguments("ca.persistence.hostPath=/d", "hostPath needs ca.nodeSelector"),
        arguments("ca.persistence.hostPath=d,ca.nodeSelector.a=b", "\"d\" is no absolute path"),
        arguments("ca.persistence.hostPath=/a/../b,ca.nodeSelector.a=b", "is no absolute path"),
        arguments("ca.persistence.size=much", "\"much\" is no size"),
        arguments("ca.persistence.size=1024Mi", "1Gi for 1024Mi"),
        arguments("ca.persistence.size=1.5Gi", "write whole numbers"),
        arguments("ca.keyEncryptionKey.existingSecret=AbC=", "name it, not the key itself"),
        arguments("ca.keyEncryptionKey.key=other", "no existingSecret is named"),
        arguments("agent.kubeletDir=var/lib/kubelet", "is no absolute path as kubelet spells it"),
        arguments("agent.kubeletDir=/var/lib/kubelet/", "is no absolute path as kubelet spells it"),
        arguments("agent.kubeletDir=/var/lib/../kubelet", "is no absolute path"),
        arguments("agent.kubeletDir=/" + "k".repeat(66), "has 67 bytes"),
        arguments("agent.kubeletDir=/run/signet/kubelet", "which is the agents' own"),
        arguments("agent.updateStrategy.maxUnavailable=0", "no agent could ever be upgraded"),
        arguments("ca.enabled=false,agent.enabled=false", "nothing is left to install"),
        arguments("ca.enabled=false", "agent.ca.address is not set"),
        arguments("ca.enabled=false,agent.ca.address=a:1", "agent.ca.trustBundle is not set"),
        arguments(
            "ca.enabled=false,agent.ca.address=https://a:1", "\"https://a:1\" is no host:port"),
        arguments("ca.enabled=false,agent.ca.address=a", "\"a\" is no host:port"),
        arguments("ca.enabled=false,agent.ca.address=a:70000", "\"a:70000\" is no host:port"),
        arguments(
            "ca.enabled=false,agent.ca.address=a:1,agent.ca.trustBundle=b",
            "agent.ca.trustBundle holds no certificate in PEM: in the CA's cluster: kubectl"),
        arguments(
            "ca.enabled=false,agent.ca.address=a:1,agent.ca.trustBundle=-----BEGIN PRIVATE KEY-----",
            "agent.ca.trustBundle holds a private key"),
        arguments("ca.enabled=false,ca.tokenIssuer=a", "set them where the CA is installed"),
        arguments("agent.ca.address=a:1", "the agents of this release use its own CA"),
        arguments("ca.agentAccounts={a/b}", "run as signet-system/signet-agent; leave it out"),
        arguments("agent.enabled=false", "ca.agentAccounts is empty"),
        arguments("agent.enabled=false,ca.agentAccounts={a}", "\"a\" is no namespace/name"),
        arguments(
            "agent.enabled=false,ca.agentAccounts={a/b},agent.ca.address=a:1",
            "set it where the agents are installed"),
        arguments("agent.review=agent", "ca.tokenIssuer is not set"),
        arguments("agent.review=agent,ca.tokenIssuer=a", "ca.tokenKeys is not set"),
        arguments("agent.review=agent,ca.tokenIssuer=a,ca.tokenKeys=b", "is no JSON Web Key Set"),
        arguments("agent.review=agent,ca.svid.ttl=2h", "a pod that is gone could be renewed"),
        arguments("ca.tokenIssuer=a", "are for agent.review=agent"),
        arguments("agent.review=agent,ca.tokenIssuer= a", "begins or ends in a blank"),
        arguments("agent.review=agent,csiDriver.tokenExpirationSeconds=7201", "7200 s at most"),
        arguments("csiDriver.tokenExpirationSeconds=599", "no cluster makes tokens under 600 s"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void valueThatCannotBe_isRefusedWithTheMend(String settings, String message) throws Exception {
    assertRefused(NAMESPACE, List.of("--set", settings), message);
  }

  static Stream<Arguments> refusedBySchema() {
    return Stream.of(
        arguments("trustdomain=a", "additional properties 'trustdomain' not allowed"),
        arguments("ca.persistance.size=1Gi", "additional properties 'persistance' not allowed"),
        arguments("agent.ca.adress=a:1", "additional properties 'adress' not allowed"),
        arguments("agent.review=both", "value must be one of 'ca', 'agent'"),
        arguments("ca.replicas=many", "got string, want integer"),
        arguments("csiDriver.tokensInSecrets=maybe", "value must be one of"),
        arguments("image.digests.ca=latest", "does not match pattern"),
        arguments("listenAddress=127.0.0.1", "value must be one of '0.0.0.0', '[::]'"));
  }

  @ParameterizedTest
  @MethodSource("refusedBySchema")
  void valueOfAnotherShape_isRefusedByItsPlace(String setting, String message) throws Exception {
    assertRefused(NAMESPACE, List.of("--set", setting), message);
  }

  @Test
  void clusterThatIsTooOld_isRefusedWithTheReason() throws Exception {
    assertRefused(
        NAMESPACE,
        List.of("--kube-version", "1.26.15"),
        "chart requires kubeVersion: >=1.27.0-0 which is incompatible with Kubernetes v1.26.15");
    assertRefused(
        NAMESPACE, List.of("--kube-version", "1.29.14"), "upgrade the cluster to 1.30 or later");
  }

  @Test
  void tokensInSecrets_belowKubernetes135_isRefused() throws Exception {
    assertRefused(
        NAMESPACE,
        List.of("--kube-version", "1.34.9", "--set", "csiDriver.tokensInSecrets=true"),
        "set auto or false, or upgrade the cluster to 1.35");
  }

  @Test
  void injectVolume_whereTheClusterHasNoMutatingPolicies_isRefused() throws Exception {
    assertRefused(
        NAMESPACE,
        List.of("--kube-version", "1.35.1", "--set", "policies.injectVolume.enabled=true"),
        "serves no MutatingAdmissionPolicy");
  }

  @Test
  void sharedNamespace_isRefused() throws Exception {
    assertRefused("kube-system", List.of(), "namespace kube-system is shared");
  }

  @Test
  void allThatIsWrong_isSaidAtOnce() throws Exception {
    Output result =
        Chart.tryRender(NAMESPACE, List.of("--set", "trustDomain=A,ca.replicas=3,ca.svid.ttl=1s"));
    assertThat(result.err()).contains("is no trust domain", "ca.replicas is 3", "ca.svid.ttl 1s");
  }

  private static void assertRefused(String namespace, List<String> arguments, String message)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("--set", Chart.TRUST_DOMAIN));
    all.addAll(arguments);
    Output result = Chart.tryRender(namespace, all);
    assertThat(result.code()).as("%s", result.command()).isNotZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains(message);
  }
}
