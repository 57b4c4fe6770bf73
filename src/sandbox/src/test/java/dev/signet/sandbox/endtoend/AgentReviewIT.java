package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.crypto.RSASSASigner;
import dev.signet.proto.agent.v1.AgentReview;
import dev.signet.sandbox.api.FaultSwitch;
import dev.signet.sandbox.world.CaAnswer;
import dev.signet.sandbox.world.CaClient;
import dev.signet.sandbox.world.CertificateRequests;
import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.StolenNode;
import dev.signet.sandbox.world.World;
import dev.signet.sandbox.world.WorldConfig;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.Authorizer;
import dev.signet.workload.SpiffeTls;
import dev.signet.workload.X509Source;
import java.nio.file.Files;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * A cluster whose API the CA cannot reach: its agents review tokens, the CA verifies what the
 * cluster signed. And what a stolen node of it can do (T48), which is more than where the CA looks
 * itself: it can keep a pod of its own that is gone until that pod's last token ends.
 */
class AgentReviewIT {
  private static final String NAMESPACE = "reviewed";
  private static final String ACCOUNT = "cart";
  private static final Duration SVID_TTL = Duration.ofSeconds(20);
  private static final Duration LIMIT = Duration.ofSeconds(40);
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private static World world;
  private static StolenNode stolen;
  private static X509Svid agent;

  @BeforeAll
  static void start() throws Exception {
    world =
        World.started(
            WorldConfig.defaults()
                .withSvidTtl(SVID_TTL)
                .withProcessFlags(Logs.AT_TRACE)
                .withAgentReview());
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, ACCOUNT);
    world.cluster().createAccount(NAMESPACE, "server");
    stolen = world.stealNode("stolen");
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      agent = ca.becomeAgent(stolen.agentToken());
    }
  }

  /** The agents' tokens for the API are in none, either. */
  @AfterAll
  static void end() throws Exception {
    try (World ended = world) {
      Logs.of(ended).forEach((file, text) -> assertThat(Secrets.tokensIn(text)).as(file).isEmpty());
    }
  }

  @Test
  void podsOnTwoNodes_knowEachOther_renew_andAreRecordedAsReviewedByTheirAgents() throws Exception {
    TrustDomain trustDomain = TrustDomain.parse(world.config().trustDomain());
    SpiffeId cart = SpiffeId.of(trustDomain, "ns", NAMESPACE, "sa", ACCOUNT);
    SpiffeId server = SpiffeId.of(trustDomain, "ns", NAMESPACE, "sa", "server");
    try (PodSource one = PodSource.start(world, NAMESPACE, "client", ACCOUNT, "node-1");
        PodSource two = PodSource.start(world, NAMESPACE, "server", "server", "node-2");
        X509Source clientSource = one.open();
        X509Source serverSource = two.open()) {
      Handshake handshake =
          Handshake.between(
              SpiffeTls.of(clientSource, Authorizer.id(server)),
              SpiffeTls.of(serverSource, Authorizer.id(cart)));
      assertThat(handshake.seenByServer()).isEqualTo(cart);
      String first = clientSource.context().svid().serial();

      Optional<String> second =
          Eventually.await(
              LIMIT,
              () ->
                  Optional.of(clientSource.context().svid().serial())
                      .filter(serial -> !serial.equals(first)));

      assertThat(second).isPresent();
      assertThat(reviewOf(first)).containsExactly("AGENT_REVIEW");
      assertThat(reviewOf(second.get())).containsExactly("AGENT_REVIEW");
      assertThat(Logs.of(world).get("ca.log"))
          .containsPattern("svid issued.*serial=\"" + first + "\".*review=\"agent\"");
      assertThat(world.agentMetrics("node-1").sum("signet_review_total", "result=\"accepted\""))
          .as("one review at each issuance")
          .isGreaterThanOrEqualTo(2);
      assertThat(world.caMetrics().sum("signet_issue_total", "review=\"ca\"")).isZero();
    }
  }

  @Test
  void ca_hasNoWayToTheApi() throws Exception {
    assertThat(Files.readString(world.ca().configFile()))
        .contains("review: agent")
        .doesNotContain("kubeconfig");
    assertThat(world.caMetrics().sum("signet_attest_seconds_count", "step=\"review\"")).isZero();
    assertThat(world.caMetrics().sum("signet_attest_seconds_count", "step=\"pod\"")).isZero();
  }

  /** No answer is neither a yes nor a no. */
  @Test
  void apiAway_podWaits_andIsServedWhenItIsBack() throws Exception {
    try (PodSource pod = waiting();
        X509Source source = pod.open()) {
      assertThat(source.context().svid().id().toString()).endsWith("/sa/" + ACCOUNT);
    }
  }

  private static PodSource waiting() throws Exception {
    double unknown = world.agentMetrics("node-1").sum("signet_review_total", "result=\"unknown\"");
    try (FaultSwitch.Injection away =
        world
            .api()
            .faults()
            .inject(
                new FaultSwitch.Match("create", "tokenreviews"),
                new FaultSwitch.Fault.Unavailable())) {
      PodSource pod = PodSource.start(world, NAMESPACE, name("waits"), ACCOUNT, "node-1");
      assertThat(Eventually.await(LIMIT, () -> Optional.of(away).filter(a -> a.strikes() > 1)))
          .isPresent();
      assertThat(world.agentMetrics("node-1").sum("signet_review_total", "result=\"unknown\""))
          .isGreaterThan(unknown);
      return pod;
    }
  }

  @Test
  void honestReviewOfAPodOfTheNode_issued() throws Exception {
    String token = podToken();

    assertThat(asked(token, Reviews.of(world, token))).isInstanceOf(CaAnswer.Issued.class);
  }

  @Test
  void noReview_refused() {
    try (CaClient ca = CaClient.as(world.ca().server(), agent)) {
      assertRefused(ca.issue(podToken(), request()), "AGENT_REVIEW_MISSING");
    }
  }

  /** The token decides on which node the pod is, whatever the agent says. */
  @Test
  void podOfAnotherNode_refused_withATrueReviewAndAForgedOne() throws Exception {
    StolenNode other = world.stealNode(name("stolen"));
    String token =
        other.token(other.pod(NAMESPACE, name("pod"), ACCOUNT), world.config().workloadAudience());
    AgentReview honest = Reviews.of(world, token);

    assertRefused(asked(token, honest), "NODE_MISMATCH");
    assertRefused(asked(token, Reviews.with(honest, "node-name", stolen.name())), "NODE_MISMATCH");
  }

  @Test
  void inventedPod_refused() throws Exception {
    String token = podToken();
    AgentReview honest = Reviews.of(world, token);

    assertRefused(
        asked(token, Reviews.with(honest, "pod-uid", "11111111-2222-3333-4444-555555555555")),
        "AGENT_REVIEW_MISMATCH");
    assertRefused(
        asked(
            token,
            honest.toBuilder().setUsername("system:serviceaccount:kube-system:admin").build()),
        "AGENT_REVIEW_MISMATCH");
  }

  /** A token that the agent wrote itself, with a review that agrees in everything. */
  @Test
  void inventedToken_refused() throws Exception {
    String token = podToken();
    AgentReview honest = Reviews.of(world, token);
    String keyId = JWSObject.parse(token).getHeader().getKeyID();

    assertRefused(asked(signedByTheAgent(token, keyId), honest), "TOKEN_REJECTED");
    CaAnswer unknown = asked(signedByTheAgent(token, "the-agents-own"), honest);
    assertRefused(unknown, "TOKEN_KEY_UNKNOWN");
    assertThat(((CaAnswer.Refused) unknown).retryable()).isTrue();
  }

  private static String signedByTheAgent(String token, String keyId) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    JWSObject forged =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(keyId).build(),
            JWSObject.parse(token).getPayload());
    forged.sign(new RSASSASigner(generator.generateKeyPair().getPrivate()));
    return forged.serialize();
  }

  @Test
  void tokenThatHasEnded_refused_whateverTheReview() throws Exception {
    PodRef pod = stolen.pod(NAMESPACE, name("pod"), ACCOUNT);
    String audience = world.config().workloadAudience();
    AgentReview honest = Reviews.of(world, stolen.token(pod, audience));

    String ended =
        world
            .api()
            .formerToken(
                NAMESPACE, pod.name(), audience, Duration.ofHours(1).plus(Duration.ofMinutes(2)));

    assertRefused(asked(ended, honest), "TOKEN_REJECTED");
  }

  @Test
  void tokenForAgents_isNoPods() throws Exception {
    AgentReview honest = Reviews.of(world, podToken());

    assertRefused(asked(stolen.agentToken(), honest), "TOKEN_AUDIENCE_MISSING");
  }

  /** What is weaker here, and said so: the CA cannot see that the pod is gone. */
  @Test
  void stolenNode_keepsAPodThatIsGone_untilItsTokenEnds() throws Exception {
    PodRef pod = stolen.pod(NAMESPACE, name("pod"), ACCOUNT);
    String token = stolen.token(pod, world.config().workloadAudience());
    AgentReview stale = Reviews.of(world, token);
    world.cluster().deletePod(pod, 0);

    assertThat(asked(token, stale)).isInstanceOf(CaAnswer.Issued.class);
  }

  /** T17: the second is older than the SVID of the first, until kubelet gets it a newer token. */
  @Test
  void secondAgentOfANode_waitsUntilTheClusterVouchesForItLater() throws Exception {
    StolenNode node = world.stealNode(name("stolen"));
    PodRef second = node.secondAgent();
    String early = node.token(second, world.config().agentAudience());
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      assertThat(ca.becomeAgent(node.agentToken()).id().toString()).endsWith("/" + node.name());

      assertRefused(ca.attest(early, request()), "AGENT_ALREADY_ON_NODE");
      Optional<CaAnswer> later =
          Eventually.await(
              LIMIT,
              () ->
                  Optional.of(
                          ca.attest(node.token(second, world.config().agentAudience()), request()))
                      .filter(CaAnswer.Issued.class::isInstance));

      assertThat(later).isPresent();
    }
  }

  @Test
  void agentOfAnotherAccount_refused() {
    PodRef pod = stolen.pod(NAMESPACE, name("pod"), ACCOUNT);
    try (CaClient ca = CaClient.anonymous(world.ca().server())) {
      assertRefused(
          ca.attest(stolen.token(pod, world.config().agentAudience()), request()),
          "AGENT_ACCOUNT_NOT_ALLOWED");
    }
  }

  @Test
  void agentsOwnSvid_isShort() {
    Duration life = Duration.between(agent.leaf().getNotBefore().toInstant(), agent.notAfter());

    assertThat(life.minus(world.config().backdate())).isLessThanOrEqualTo(Duration.ofMinutes(10));
  }

  private static List<String> reviewOf(String serial) throws Exception {
    try (StoreFile store = StoreFile.of(world.ca())) {
      return store.strings("SELECT review FROM issuance WHERE serial = '" + serial + "'");
    }
  }

  private static String name(String kind) {
    return kind + "-" + NUMBER.incrementAndGet();
  }

  private static String podToken() {
    return stolen.token(
        stolen.pod(NAMESPACE, name("pod"), ACCOUNT), world.config().workloadAudience());
  }

  private static CaAnswer asked(String token, AgentReview review) {
    try (CaClient ca = CaClient.as(world.ca().server(), agent)) {
      return ca.issue(token, request(), review);
    }
  }

  private static byte[] request() {
    return CertificateRequests.forKey(CaClient.newKey());
  }

  private static void assertRefused(CaAnswer answer, String reason) {
    assertThat(answer).isInstanceOf(CaAnswer.Refused.class);
    assertThat(((CaAnswer.Refused) answer).reason()).isEqualTo(reason);
  }
}
