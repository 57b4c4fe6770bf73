package dev.signet.sandbox.shop;

import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.spiffe.TrustDomain;
import dev.signet.workload.Authorizer;
import dev.signet.workload.X509Source;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A pod like any other, with an identity of its own, that wants another's. Of its attempts none is
 * held back on its own side: whatever refuses is the other end. Thread-safe.
 */
final class Intruder {
  private static final int ANSWER_MILLIS = 10_000;

  private final X509Source source;
  private final Caller caller;
  private final TrustDomain trustDomain;
  private final AtomicReference<@Nullable CaClient> stolenAgent = new AtomicReference<>();

  Intruder(X509Source source) {
    this.source = source;
    this.trustDomain = source.context().svid().id().trustDomain();
    this.caller = new Caller(source, Authorizer.memberOf(trustDomain));
  }

  void serve(String program) throws IOException {
    new Console(
            Map.of(
                "identity", arguments -> Caller.identity(source),
                "call", arguments -> caller.call(arguments.getFirst()),
                "plaintext", arguments -> plaintext(arguments.getFirst()),
                "no-identity", arguments -> withoutIdentity(arguments.getFirst()),
                "become-agent",
                    arguments -> becomeAgent(arguments.get(0), arguments.get(1), arguments.get(2)),
                "present", arguments -> present(arguments.getFirst()),
                "ask-to-be", arguments -> askToBe(arguments.get(0), arguments.get(1))))
        .serve(program, 0);
  }

  /** No TLS at all. */
  private static Map<String, String> plaintext(String address) throws IOException {
    var target = Addresses.parse(address);
    try (Socket socket = new Socket(target.getAddress(), target.getPort())) {
      return ask(socket);
    }
  }

  /** TLS without a certificate of one's own. */
  private static Map<String, String> withoutIdentity(String address)
      throws IOException, GeneralSecurityException {
    var target = Addresses.parse(address);
    SSLContext tls = SSLContext.getInstance("TLSv1.3");
    tls.init(null, new TrustManager[] {new Gullible()}, null);
    try (SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(target.getAddress(), target.getPort())) {
      return ask(socket);
    }
  }

  private static Map<String, String> ask(Socket socket) throws IOException {
    socket.setSoTimeout(ANSWER_MILLIS);
    HttpWire wire = new HttpWire(socket.getInputStream(), socket.getOutputStream());
    try {
      wire.ask("/");
      return Map.of("status", Integer.toString(wire.answer().status()));
    } catch (EOFException e) {
      return Map.of("error", "closed without an answer");
    }
  }

  /**
   * Attests as the agent of a node that was taken over, with that agent's genuine token.
   *
   * @param bundle the CA's, as agents have it mounted
   */
  private Map<String, String> becomeAgent(String ca, String bundle, String token) {
    CaClient.Server server = new CaClient.Server(ca, trustDomain, Path.of(bundle));
    try (CaClient anonymous = CaClient.anonymous(server)) {
      var svid = anonymous.becomeAgent(token);
      CaClient previous = stolenAgent.getAndSet(CaClient.as(server, svid));
      if (previous != null) {
        previous.close();
      }
      return Map.of("id", svid.id().toString());
    }
  }

  /** Asks, as the stolen agent, for the SVID of the pod whose token this is. */
  private Map<String, String> present(String token) {
    return ask(token, CertificateRequests.forKey(CaClient.newKey()));
  }

  /** With a good token of a pod of its node, asks for another name. */
  private Map<String, String> askToBe(String token, String id) {
    KeyPair key = CaClient.newKey();
    return ask(token, CertificateRequests.naming(key, id));
  }

  private Map<String, String> ask(String token, byte[] csr) {
    CaClient agent = stolenAgent.get();
    if (agent == null) {
      return Map.of("error", "no agent was taken over yet");
    }
    return switch (agent.issue(token, csr)) {
      case CaAnswer.Issued issued -> Map.of("issued", issued.spiffeId());
      case CaAnswer.Refused refused -> Map.of("reason", refused.text());
    };
  }
}
