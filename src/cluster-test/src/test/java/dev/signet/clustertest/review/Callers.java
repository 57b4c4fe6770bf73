package dev.signet.clustertest.review;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.ProbePod;
import dev.signet.clustertest.lab.Signet;
import java.time.Duration;
import java.util.List;

/** A server on one node and its caller on the other. */
record Callers(ProbePod server, ProbePod client, String trustDomain) {
  private static final Duration SOON = Duration.ofSeconds(60);

  static Callers start(String namespace, String trustDomain) throws InterruptedException {
    Signet.namespace(namespace, "restricted");
    Signet.account(namespace, "server");
    Signet.account(namespace, "client");
    String client = id(trustDomain, namespace, "client");
    Callers callers =
        new Callers(
            ProbePod.of(namespace, "server", "server", Lab.NODE_B, "serve", "--allow", client)
                .create(),
            ProbePod.of(namespace, "client", "client", Lab.NODE_A, "watch").create(),
            trustDomain);
    callers.server().awaitReady();
    callers.client().awaitReady();
    return callers;
  }

  /** They call each other, and each knows the other by its account. */
  void assertCall() throws InterruptedException {
    server.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("serving"));
    String address =
        Kubectl.text(Kubectl.get("pod", "-n", server.namespace(), server.name()), "status.podIP");
    JsonObject answer =
        ProbePod.events(client.probe("call", address + ":8443", "--expect", id(server)).orFail())
            .getLast();
    assertThat(Kubectl.text(answer, "peer")).isEqualTo(id(server));
    assertThat(Kubectl.text(answer, "me")).isEqualTo(id(client));
  }

  /** The SVIDs that the client has been given, the serials as the CA writes them. */
  List<String> serials() throws InterruptedException {
    client.awaitEvent(SOON, event -> Kubectl.text(event, "event").equals("svid"));
    return client.events().stream()
        .filter(event -> Kubectl.text(event, "event").equals("svid"))
        .map(event -> "%32s".formatted(Kubectl.text(event, "serial")).replace(' ', '0'))
        .toList();
  }

  private String id(ProbePod pod) {
    return id(trustDomain, pod.namespace(), pod.account());
  }

  private static String id(String trustDomain, String namespace, String account) {
    return "spiffe://%s/ns/%s/sa/%s".formatted(trustDomain, namespace, account);
  }
}
