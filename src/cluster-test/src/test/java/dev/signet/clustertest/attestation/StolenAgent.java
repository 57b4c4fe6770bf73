package dev.signet.clustertest.attestation;

import com.google.protobuf.ByteString;
import dev.signet.clustertest.lab.Tokens;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.sandbox.world.Eventually;
import dev.signet.spiffe.X509Svid;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node whose agent's token is in other hands: what they get of the CA with it. The node's own
 * agent lives on beside them and takes its identity back within a second or so, so whoever asks
 * here becomes the agent first, and does so again if it was faster.
 */
final class StolenAgent {
  private static final Duration TURN = Duration.ofSeconds(20);

  private final String node;
  private final CaClient.Server server;

  private StolenAgent(String node, CaClient.Server server) {
    this.node = node;
    this.server = server;
  }

  /**
   * The agent of a node.
   *
   * @param folder for files
   */
  static StolenAgent of(String node, Path folder) {
    return new StolenAgent(node, CaAccess.server(folder));
  }

  CaClient.Server server() {
    return server;
  }

  /** An agent's SVID of this node: the newest until the node's own agent attests again. */
  X509Svid become() throws InterruptedException {
    try (CaClient ca = CaClient.anonymous(server)) {
      return ca.becomeAgent(Tokens.ofAgent(node));
    }
  }

  /** Asks for an SVID for each of these tokens, with a key of its own each. */
  Map<String, CaAnswer> ask(Map<String, String> tokens) throws InterruptedException {
    List<String> names = List.copyOf(tokens.keySet());
    List<CaAnswer> answers =
        askFor(
            names.stream()
                .map(name ->
                    new CaClient.Item(Drills.named(tokens, name), ByteString.copyFrom(request())))
                .toList());
    Map<String, CaAnswer> named = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      named.put(names.get(i), answers.get(i));
    }
    return named;
  }

  /** Asks for one. */
  CaAnswer ask(String token) throws InterruptedException {
    return askWith(token, request());
  }

  /** Asks for one with a request of the caller's making. */
  CaAnswer askWith(String token, byte[] request) throws InterruptedException {
    return askFor(List.of(new CaClient.Item(token, ByteString.copyFrom(request)))).getFirst();
  }

  private List<CaAnswer> askFor(List<CaClient.Item> items) throws InterruptedException {
    return Eventually.await(
            TURN,
            () -> {
              try (CaClient ca = CaClient.as(server, become())) {
                return Optional.of(ca.issue(items))
                    .filter(answers -> answers.stream().noneMatch(StolenAgent::cameTooLate));
              }
            })
        .orElseThrow(() ->
            new AssertionError("the agent of " + node + " took its identity back all the time"));
  }

  private static boolean cameTooLate(CaAnswer answer) {
    return answer instanceof CaAnswer.Refused refused && refused.reason().equals("AGENT_NOT_LIVE");
  }

  /** A good request with a new key. */
  static byte[] request() {
    return CertificateRequests.forKey(CaClient.newKey());
  }
}
