package dev.signet.clustertest.chart;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The chart's values, so combined that any two choices meet in at least one combination. Templates
 * that look at more than two values at once do not exist.
 */
final class Combinations {
  /** A value, or values that belong together, as arguments of helm. */
  record Choice(List<String> arguments) {
    static Choice of(String... settings) {
      return new Choice(
          Arrays.stream(settings).flatMap(setting -> List.of("--set", setting).stream()).toList());
    }
  }

  private static final List<String> TOKEN_KEYS =
      List.of(
          "--set-literal",
          "ca.tokenKeys={\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\"}]}",
          "--set",
          "agent.review=agent,ca.tokenIssuer=https://kubernetes.default.svc");

  /** What the rights depend on, by the name that the snapshot of them has for it. */
  static final Map<String, Choice> FORMS = forms();

  private static Map<String, Choice> forms() {
    Map<String, Choice> forms = new TreeMap<>();
    forms.put("agent.review=ca", Choice.of("agent.review=ca"));
    forms.put("agent.review=agent", new Choice(TOKEN_KEYS));
    forms.put(
        "agent.review=agent, the CA alone",
        new Choice(
            Stream.concat(
                    TOKEN_KEYS.stream(),
                    Stream.of(
                        "--set",
                        "agent.enabled=false",
                        "--set",
                        "ca.agentAccounts={signet-system/signet-agent}"))
                .toList()));
    forms.put(
        "agent.review=agent, the agents alone",
        new Choice(
            List.of(
                "--set",
                "agent.review=agent,ca.enabled=false,agent.ca.address=ca.example:443",
                "--set-literal",
                "agent.ca.trustBundle=-----BEGIN CERTIFICATE-----")));
    return forms;
  }

  static final Choice HOST_PATH =
      Choice.of(
          "ca.persistence.hostPath=/var/lib/signet-ca",
          "ca.nodeSelector.kubernetes\\.io/hostname=node-a");

  private static final List<List<Choice>> ALL =
      List.of(
          List.copyOf(FORMS.values()),
          List.of(
              Choice.of("ca.persistence.size=2Gi"),
              Choice.of("ca.persistence.storageClassName=fast"),
              HOST_PATH,
              Choice.of("ca.persistence.enabled=false")),
          List.of(
              Choice.of("ca.keyEncryptionKey.existingSecret="),
              Choice.of(
                  "ca.keyEncryptionKey.existingSecret=mine", "ca.keyEncryptionKey.key=my.key")),
          List.of(
              Choice.of("csiDriver.tokensInSecrets=auto"),
              Choice.of("csiDriver.tokensInSecrets=true"),
              Choice.of("csiDriver.tokensInSecrets=false", "csiDriver.tokenExpirationSeconds=600")),
          List.of(Choice.of("policies.enabled=true"), Choice.of("policies.enabled=false")),
          List.of(
              Choice.of("policies.injectVolume.enabled=false"),
              Choice.of("policies.injectVolume.enabled=true")),
          List.of(
              Choice.of("networkPolicies.enabled=true"),
              Choice.of("networkPolicies.enabled=false"),
              new Choice(
                  List.of(
                      "--set-json",
                      "networkPolicies.metrics.from=[{\"namespaceSelector\":{}}]",
                      "--set-json",
                      "networkPolicies.dns.to=[{\"ipBlock\":{\"cidr\":\"10.96.0.10/32\"}}]",
                      "--set-json",
                      "networkPolicies.apiServer={\"cidrs\":[\"10.0.0.0/8\"],\"ports\":[6443]}",
                      "--set-json",
                      "networkPolicies.agents.from=[{\"ipBlock\":{\"cidr\":\"192.0.2.0/24\"}}]",
                      "--set-json",
                      "networkPolicies.ca.to=[{\"ipBlock\":{\"cidr\":\"192.0.2.1/32\"}}]"))),
          List.of(
              Choice.of("priorityClasses.create=true"),
              Choice.of("priorityClasses.create=false"),
              Choice.of(
                  "ca.priorityClassName=system-cluster-critical",
                  "agent.priorityClassName=system-node-critical")),
          List.of(Choice.of("flowSchema.enabled=true"), Choice.of("flowSchema.enabled=false")),
          List.of(
              Choice.of("ca.podDisruptionBudget.maxUnavailable=1"),
              Choice.of("ca.podDisruptionBudget.maxUnavailable=50%"),
              Choice.of("ca.podDisruptionBudget.enabled=false")),
          List.of(Choice.of("namespace.create=false"), Choice.of("namespace.create=true")),
          List.of(Choice.of("uninstall.force=false"), Choice.of("uninstall.force=true")),
          List.of(Choice.of("listenAddress=0.0.0.0"), Choice.of("listenAddress=[::]")),
          List.of(
              Choice.of("agent.kubeletDir=/var/lib/kubelet"),
              Choice.of("agent.kubeletDir=/var/lib/k0s/kubelet", "agent.runSize=128m"),
              Choice.of("agent.selinuxLabel=system_u:object_r:container_file_t:s0")),
          List.of(
              Choice.of("image.tag="),
              new Choice(
                  List.of(
                      "--set-json",
                      "image={\"registry\":\"registry.example:5000/signet\",\"pullPolicy\":\"Always\","
                          + "\"pullSecrets\":[{\"name\":\"pull\"}],\"digests\":{\"ca\":\"sha256:"
                          + "a".repeat(64)
                          + "\"}}"))),
          List.of(
              Choice.of("ca.svid.ttl=5m"),
              Choice.of("ca.svid.backdate=0s", "ca.allowDefaultAccount={old,older}")),
          List.of(
              Choice.of("agent.updateStrategy.maxUnavailable=10%"),
              new Choice(
                  List.of(
                      "--set-json",
                      "ca={\"podLabels\":{\"app.kubernetes.io/component\":\"mine\",\"team\":\"a\"},"
                          + "\"podAnnotations\":{\"a\":\"b\"},\"tolerations\":[{\"operator\":\"Exists\"}],"
                          + "\"affinity\":{\"nodeAffinity\":{}}}",
                      "--set-json",
                      "agent={\"podLabels\":{\"team\":\"a\"},\"podAnnotations\":{\"a\":\"b\"},\"affinity\":{\"nodeAffinity\":{}},"
                          + "\"resources\":{\"limits\":{\"cpu\":1}}}"))));

  private Combinations() {}

  /** The arguments of each combination. */
  static List<List<String>> all() {
    return rows().stream()
        .map(row -> row.stream().flatMap(choice -> choice.arguments().stream()).toList())
        .toList();
  }

  private static List<List<Choice>> rows() {
    Set<String> open = new TreeSet<>();
    for (int first = 0; first < ALL.size(); first++) {
      for (int second = first + 1; second < ALL.size(); second++) {
        for (int one = 0; one < ALL.get(first).size(); one++) {
          for (int other = 0; other < ALL.get(second).size(); other++) {
            open.add(pair(first, one, second, other));
          }
        }
      }
    }
    List<List<Choice>> rows = new ArrayList<>();
    while (!open.isEmpty()) {
      rows.add(row(open));
    }
    return rows;
  }

  /** Greedy: each value is the one that meets most others for the first time. */
  private static List<Choice> row(Set<String> open) {
    int[] chosen = new int[ALL.size()];
    Arrays.fill(chosen, -1);
    String[] seed = open.iterator().next().split("[ .]", -1);
    chosen[Integer.parseInt(seed[0])] = Integer.parseInt(seed[1]);
    chosen[Integer.parseInt(seed[2])] = Integer.parseInt(seed[3]);
    for (int place = 0; place < chosen.length; place++) {
      if (chosen[place] < 0) {
        int best = 0;
        long most = -1;
        for (int candidate = 0; candidate < ALL.get(place).size(); candidate++) {
          chosen[place] = candidate;
          long met = pairs(chosen).stream().filter(open::contains).count();
          if (met > most) {
            most = met;
            best = candidate;
          }
        }
        chosen[place] = best;
      }
    }
    open.removeAll(pairs(chosen));
    List<Choice> row = new ArrayList<>();
    for (int place = 0; place < chosen.length; place++) {
      row.add(ALL.get(place).get(chosen[place]));
    }
    return row;
  }

  private static Set<String> pairs(int[] chosen) {
    Set<String> pairs = new TreeSet<>();
    for (int first = 0; first < chosen.length; first++) {
      for (int second = first + 1; second < chosen.length; second++) {
        if (chosen[first] >= 0 && chosen[second] >= 0) {
          pairs.add(pair(first, chosen[first], second, chosen[second]));
        }
      }
    }
    return pairs;
  }

  private static String pair(int first, int one, int second, int other) {
    return "%02d.%d %02d.%d".formatted(first, one, second, other);
  }
}
