package dev.signet.sandbox.endtoend;

import static dev.signet.ca.issuance.RefusalReason.AGENT_ACCOUNT_NOT_ALLOWED;
import static dev.signet.ca.issuance.RefusalReason.AGENT_ALREADY_ON_NODE;
import static dev.signet.ca.issuance.RefusalReason.AGENT_NOT_LIVE;
import static dev.signet.ca.issuance.RefusalReason.AGENT_REVIEW_NOT_ALLOWED;
import static dev.signet.ca.issuance.RefusalReason.CALLER_NOT_AGENT;
import static dev.signet.ca.issuance.RefusalReason.CSR_ASKS_FOR_MORE;
import static dev.signet.ca.issuance.RefusalReason.CSR_KEY_NOT_ALLOWED;
import static dev.signet.ca.issuance.RefusalReason.CSR_KEY_REUSED;
import static dev.signet.ca.issuance.RefusalReason.CSR_MALFORMED;
import static dev.signet.ca.issuance.RefusalReason.CSR_SIGNATURE_INVALID;
import static dev.signet.ca.issuance.RefusalReason.DEFAULT_ACCOUNT_NOT_ALLOWED;
import static dev.signet.ca.issuance.RefusalReason.KUBERNETES_UNAVAILABLE;
import static dev.signet.ca.issuance.RefusalReason.NODE_MISMATCH;
import static dev.signet.ca.issuance.RefusalReason.NODE_UID_MISMATCH;
import static dev.signet.ca.issuance.RefusalReason.OVERLOADED;
import static dev.signet.ca.issuance.RefusalReason.POD_FINISHED;
import static dev.signet.ca.issuance.RefusalReason.POD_TERMINATING;
import static dev.signet.ca.issuance.RefusalReason.REQUEST_MALFORMED;
import static dev.signet.ca.issuance.RefusalReason.STORE_UNAVAILABLE;
import static dev.signet.ca.issuance.RefusalReason.TOKEN_MALFORMED;
import static dev.signet.ca.issuance.RefusalReason.TOKEN_NODE_MISSING;
import static dev.signet.ca.issuance.RefusalReason.TOKEN_NOT_POD_BOUND;
import static dev.signet.ca.issuance.RefusalReason.TOKEN_REJECTED;

import com.google.protobuf.ByteString;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.sandbox.api.FaultSwitch;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.StolenNode;
import dev.signet.sandbox.world.World;
import dev.signet.spiffe.X509Svid;
import io.grpc.Status;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One way to each refusal. Each stands on nodes and pods of its own. */
final class RefusalDrills {
  /** Does what must be refused. */
  @FunctionalInterface
  interface Drill {
    CaAnswer run() throws Exception;
  }

  private static final String NAMESPACE = "drills";
  private static final String ACCOUNT = "app";
  private static final int MOST_ITEMS = 256;
  private static final int MANY_CALLS = 60;

  private final World world;
  private final AtomicInteger nodes = new AtomicInteger();

  RefusalDrills(World world) {
    this.world = world;
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, ACCOUNT);
  }

  Map<RefusalReason, Drill> byReason() {
    Map<RefusalReason, Drill> drills = new EnumMap<>(RefusalReason.class);
    drills.put(REQUEST_MALFORMED, this::tooManyItems);
    drills.put(CALLER_NOT_AGENT, this::noAgent);
    drills.put(AGENT_NOT_LIVE, this::replacedAgent);
    drills.put(AGENT_ACCOUNT_NOT_ALLOWED, this::agentOfAnotherAccount);
    drills.put(AGENT_ALREADY_ON_NODE, this::secondAgent);
    drills.put(TOKEN_MALFORMED, () -> presented("no.token"));
    drills.put(TOKEN_REJECTED, this::otherAudience);
    drills.put(TOKEN_NOT_POD_BOUND, this::accountToken);
    drills.put(TOKEN_NODE_MISSING, this::tokenOfNoNode);
    drills.put(AGENT_REVIEW_NOT_ALLOWED, this::agentsOwnReview);
    drills.put(NODE_MISMATCH, this::podOfAnotherNode);
    drills.put(NODE_UID_MISMATCH, this::nodeCreatedAnew);
    drills.put(POD_TERMINATING, this::podMarkedForDeletion);
    drills.put(POD_FINISHED, this::podEnded);
    drills.put(CSR_MALFORMED, () -> asked(new byte[] {0x30, 0x03, 0x02, 0x01, 0x00}));
    drills.put(CSR_KEY_NOT_ALLOWED, () -> asked(CertificateRequests.forKey(key("secp521r1"))));
    drills.put(CSR_SIGNATURE_INVALID, this::requestOfAnotherKey);
    drills.put(CSR_ASKS_FOR_MORE, this::requestWithAName);
    drills.put(CSR_KEY_REUSED, this::oneKeyForTwo);
    drills.put(DEFAULT_ACCOUNT_NOT_ALLOWED, this::defaultAccount);
    drills.put(KUBERNETES_UNAVAILABLE, this::silentApi);
    drills.put(STORE_UNAVAILABLE, this::lockedStore);
    drills.put(OVERLOADED, this::moreCallsThanOneMayHave);
    return drills;
  }

  /** What all the others differ from in one thing. */
  CaAnswer honest() {
    return asked(goodRequest());
  }

  private CaAnswer tooManyItems() {
    ByteString request = ByteString.copyFrom(goodRequest());
    try (CaClient ca = CaClient.as(world.ca().server(), agentOf(node()))) {
      return ca.issue(Collections.nCopies(MOST_ITEMS + 1, new CaClient.Item("a.b.c", request)))
          .getFirst();
    }
  }

  private CaAnswer noAgent() {
    StolenNode node = node();
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      return ca.issue(podToken(node), goodRequest());
    }
  }

  private CaAnswer replacedAgent() {
    StolenNode node = node();
    X509Svid first = agentOf(node);
    agentOf(node);
    return as(first, podToken(node), goodRequest());
  }

  private CaAnswer agentOfAnotherAccount() {
    StolenNode node = node();
    String token = node.token(node.pod(NAMESPACE, name("pod"), ACCOUNT), agentAudience());
    return attested(token);
  }

  private CaAnswer secondAgent() {
    StolenNode node = node();
    agentOf(node);
    return attested(node.token(node.secondAgent(), agentAudience()));
  }

  private CaAnswer otherAudience() {
    StolenNode node = node();
    return as(
        agentOf(node),
        node.token(node.pod(NAMESPACE, name("pod"), ACCOUNT), "https://vault.example"),
        goodRequest());
  }

  private CaAnswer accountToken() {
    return presented(world.cluster().accountToken(NAMESPACE, ACCOUNT, workloadAudience()));
  }

  private CaAnswer tokenOfNoNode() {
    StolenNode node = node();
    X509Svid agent = agentOf(node);
    PodRef pod = node.pod(NAMESPACE, name("pod"), ACCOUNT);
    world.cluster().deleteNode(node.name());
    return as(agent, world.cluster().token(pod, workloadAudience()), goodRequest());
  }

  /** All of it true. */
  private CaAnswer agentsOwnReview() throws Exception {
    StolenNode node = node();
    X509Svid agent = agentOf(node);
    String token = podToken(node);
    try (CaClient ca = CaClient.as(world.ca().server(), agent)) {
      return ca.issue(token, goodRequest(), Reviews.of(world, token));
    }
  }

  private CaAnswer podOfAnotherNode() {
    return as(agentOf(node()), podToken(node()), goodRequest());
  }

  private CaAnswer nodeCreatedAnew() {
    StolenNode node = node();
    X509Svid agent = agentOf(node);
    world.cluster().deleteNode(node.name());
    world.cluster().createNode(node.name());
    return as(agent, podToken(node), goodRequest());
  }

  private CaAnswer podMarkedForDeletion() {
    StolenNode node = node();
    PodRef pod = node.pod(NAMESPACE, name("pod"), ACCOUNT);
    String token = node.token(pod, workloadAudience());
    world.cluster().deletePod(pod, 30);
    return as(agentOf(node), token, goodRequest());
  }

  private CaAnswer podEnded() {
    StolenNode node = node();
    PodRef pod = node.pod(NAMESPACE, name("pod"), ACCOUNT);
    String token = node.token(pod, workloadAudience());
    world.cluster().setPhase(pod, "Succeeded");
    return as(agentOf(node), token, goodRequest());
  }

  private CaAnswer requestOfAnotherKey() {
    byte[] request = goodRequest();
    byte[] other = goodRequest();
    // An ECDSA signature ends the request; of another request's, its last bytes fit no key.
    System.arraycopy(other, other.length - 16, request, request.length - 16, 16);
    return asked(request);
  }

  private CaAnswer requestWithAName() {
    String id = "spiffe://" + world.config().trustDomain() + "/ns/shop/sa/payments";
    return asked(CertificateRequests.naming(CaClient.newKey(), id));
  }

  private CaAnswer oneKeyForTwo() {
    StolenNode node = node();
    KeyPair key = CaClient.newKey();
    try (CaClient ca = CaClient.as(world.ca().server(), agentOf(node))) {
      ByteString request = ByteString.copyFrom(CertificateRequests.forKey(key));
      List<CaAnswer> answers =
          ca.issue(
              List.of(
                  new CaClient.Item(podToken(node), request),
                  new CaClient.Item(podToken(node), request)));
      return answers.stream()
          .filter(CaAnswer.Refused.class::isInstance)
          .findFirst()
          .orElseGet(answers::getFirst);
    }
  }

  private CaAnswer defaultAccount() {
    StolenNode node = node();
    PodRef pod = node.pod(NAMESPACE, name("pod"), "default");
    return as(agentOf(node), node.token(pod, workloadAudience()), goodRequest());
  }

  private CaAnswer silentApi() {
    StolenNode node = node();
    X509Svid agent = agentOf(node);
    String token = podToken(node);
    try (FaultSwitch.Injection _ =
        world
            .api()
            .faults()
            .inject(
                new FaultSwitch.Match("create", "tokenreviews"),
                new FaultSwitch.Fault.Unavailable())) {
      return as(agent, token, goodRequest());
    }
  }

  private CaAnswer lockedStore() throws Exception {
    StolenNode node = node();
    X509Svid agent = agentOf(node);
    String token = podToken(node);
    try (StoreFile store = StoreFile.of(world.ca());
        StoreFile.Lock _ = store.lock()) {
      return as(agent, token, goodRequest());
    }
  }

  /** While the API server keeps all of them waiting. */
  private CaAnswer moreCallsThanOneMayHave() throws Exception {
    StolenNode node = node();
    X509Svid agent = agentOf(node);
    String token = podToken(node);
    BlockingQueue<CaAnswer> answers = new LinkedBlockingQueue<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
        CaClient ca = CaClient.as(world.ca().server(), agent);
        FaultSwitch.Injection _ =
            world
                .api()
                .faults()
                .inject(
                    new FaultSwitch.Match("create", "tokenreviews"),
                    new FaultSwitch.Fault.Hang())) {
      for (int i = 0; i < MANY_CALLS; i++) {
        var _ = callers.submit(() -> answers.add(ca.issue(token, goodRequest())));
      }
      // The first to be answered is one too many: the others wait.
      CaAnswer first = answers.poll(10, TimeUnit.SECONDS);
      return first == null ? new CaAnswer.Refused("nothing came", false, Status.Code.OK) : first;
    }
  }

  private StolenNode node() {
    return world.stealNode(name("node"));
  }

  private String name(String kind) {
    return "drill-" + kind + "-" + nodes.incrementAndGet();
  }

  private X509Svid agentOf(StolenNode node) {
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      return ca.becomeAgent(node.agentToken());
    }
  }

  private CaAnswer attested(String token) {
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      return ca.attest(token, goodRequest());
    }
  }

  private String podToken(StolenNode node) {
    return node.token(node.pod(NAMESPACE, name("pod"), ACCOUNT), workloadAudience());
  }

  /** A token, with all else as it should be. */
  private CaAnswer presented(String token) {
    return as(agentOf(node()), token, goodRequest());
  }

  /** A request, with all else as it should be. */
  private CaAnswer asked(byte[] request) {
    StolenNode node = node();
    return as(agentOf(node), podToken(node), request);
  }

  private CaAnswer as(X509Svid agent, String token, byte[] request) {
    try (CaClient ca = CaClient.as(world.ca().server(), agent)) {
      return ca.issue(token, request);
    }
  }

  private static byte[] goodRequest() {
    return CertificateRequests.forKey(CaClient.newKey());
  }

  private static KeyPair key(String curve) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec(curve));
    return generator.generateKeyPair();
  }

  private String workloadAudience() {
    return world.config().workloadAudience();
  }

  private String agentAudience() {
    return world.config().agentAudience();
  }
}
