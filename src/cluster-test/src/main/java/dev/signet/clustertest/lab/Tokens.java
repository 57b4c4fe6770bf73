package dev.signet.clustertest.lab;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** ServiceAccount tokens of the lab's API server, as whoever may ask for them gets them. */
public final class Tokens {
  public static final String WORKLOAD_AUDIENCE = "signet://" + Signet.TRUST_DOMAIN + "/workload";
  public static final String AGENT_AUDIENCE = "signet://" + Signet.TRUST_DOMAIN + "/agent";

  /** Of the agents, in Signet's namespace. */
  public static final String AGENT_ACCOUNT = "signet-agent";

  private Tokens() {}

  /** A token of a pod, as the administrator gets it: a secret. */
  public static String ofPod(String namespace, String name, String audience) {
    return token(bound(Kubectl.get("pod", "-n", namespace, name), audience));
  }

  /** A genuine token of the agent on a node, bound to that agent's pod: a secret. */
  public static String ofAgent(String node) throws InterruptedException {
    return token(bound(Signet.agent(node), AGENT_AUDIENCE));
  }

  /** A token that is bound to nothing, or to what the arguments name: a secret. */
  public static String ofAccount(String namespace, String account, String... arguments) {
    List<String> command = new ArrayList<>(List.of("create", "token", account, "-n", namespace));
    command.addAll(List.of(arguments));
    return token(command);
  }

  /** What a node's kubelet, or whoever has stolen its credentials, is told when it asks. */
  public static Output askedByKubelet(String node, String namespace, String pod, String audience) {
    return byKubelet(node, bound(Kubectl.get("pod", "-n", namespace, pod), audience));
  }

  /** The same for a token that is bound to no pod. */
  public static Output askedByKubelet(String node, String namespace, String account) {
    return byKubelet(node, List.of("create", "token", account, "-n", namespace));
  }

  private static Output byKubelet(String node, List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--kubeconfig=" + Lab.kubeletCredentials(node));
    return Lab.run("kubectl", "", arguments);
  }

  private static List<String> bound(JsonObject pod, String audience) {
    return List.of(
        "create",
        "token",
        Kubectl.text(pod, "spec.serviceAccountName"),
        "-n",
        Kubectl.text(pod, "metadata.namespace"),
        "--bound-object-kind=Pod",
        "--bound-object-name=" + Kubectl.text(pod, "metadata.name"),
        "--bound-object-uid=" + Kubectl.text(pod, "metadata.uid"),
        "--audience=" + audience);
  }

  private static String token(List<String> command) {
    return Lab.run("kubectl", "", command).orFail().strip();
  }

  /** What a token says of itself. */
  public static JsonObject claims(String token) {
    byte[] json = Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]);
    return JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
  }
}
