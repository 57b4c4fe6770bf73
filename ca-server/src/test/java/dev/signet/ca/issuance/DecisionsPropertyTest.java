package dev.signet.ca.issuance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

class DecisionsPropertyTest {
  /** A pod that exists on a node. */
  record Placed(String namespace, String account, String pod, int number, int node) {
    String uid() {
      return "pod-uid-" + number;
    }

    TokenReview review() {
      return World.review(
          TokenAudience.WORKLOAD, namespace, account, pod, uid(), nodeName(node), nodeUid(node));
    }

    PodState state() {
      return new PodState(
          namespace, pod, uid(), account, nodeName(node), PodState.Phase.RUNNING, false);
    }
  }

  /**
   * T14, T16: of every combination of caller, token and pod only the one in which all three speak
   * of one pod on one node wins, and the name that it wins is a function of the reviewed facts.
   */
  @Property
  void onlyTheDiagonalWins_andItsNameIsOfReviewedFactsOnly(
      @ForAll("placed") Placed token,
      @ForAll("placed") Placed pod,
      @ForAll("nodes") int caller,
      @ForAll("keys") int key) {
    Facts facts =
        new Facts.Workload(
            World.agent(nodeName(caller), "5e" + caller),
            Optional.of(World.liveAgent(nodeName(caller), nodeUid(caller), "5e" + caller)),
            World.subject(token.review()),
            new PodEvidence.Read(Optional.of(pod.state())),
            Optional.empty(),
            World.key(key));

    Decision decision = Decisions.decide(facts, World.POLICY, World.NOW);

    boolean diagonal =
        token.equals(pod) && token.node() == caller && !token.account().equals("default");
    assertThat(decision).isInstanceOf(diagonal ? Granted.class : Refused.class);
    if (decision instanceof Granted granted) {
      assertThat(granted.template().id())
          .hasToString("spiffe://shop.example/ns/" + token.namespace() + "/sa/" + token.account());
    }
  }

  /**
   * T25, I8: whatever the text that comes as namespace and account, the ID is the template with
   * both as one segment each, or there is none; never one of Signet's own.
   */
  @Property
  void anyNames_templateOrRefusal(
      @ForAll("texts") String namespace, @ForAll("texts") String account) {
    Optional<String> id = idOf(namespace, account);

    id.ifPresent(text -> {
      assertThat(text).isEqualTo("spiffe://shop.example/ns/" + namespace + "/sa/" + account);
      assertThat(text.substring("spiffe://shop.example/".length()).split("/", -1))
          .containsExactly("ns", namespace, "sa", account);
      assertThat(text).doesNotStartWith("spiffe://shop.example/signet");
    });
  }

  /** T25: two accounts never have one ID. */
  @Property(shrinking = ShrinkingMode.BOUNDED)
  void twoAccounts_twoIds(
      @ForAll("texts") String namespace,
      @ForAll("texts") String account,
      @ForAll("texts") String otherNamespace,
      @ForAll("texts") String otherAccount) {
    Optional<String> id = idOf(namespace, account);
    Optional<String> other = idOf(otherNamespace, otherAccount);

    if (id.isPresent() && id.equals(other)) {
      assertThat(List.of(otherNamespace, otherAccount)).containsExactly(namespace, account);
    }
  }

  private static Optional<String> idOf(String namespace, String account) {
    TokenReview review =
        World.review(TokenAudience.WORKLOAD, namespace, account, "cart-1", World.POD_UID);
    try {
      TokenSubject subject =
          TokenSubject.of(review, World.CLUSTER, World.TRUST_DOMAIN, TokenAudience.WORKLOAD);
      PodState pod =
          new PodState(
              namespace,
              "cart-1",
              World.POD_UID,
              account,
              World.NODE,
              PodState.Phase.RUNNING,
              false);
      Facts facts =
          new Facts.Workload(
              World.agent(),
              Optional.of(World.liveAgent()),
              subject,
              new PodEvidence.Read(Optional.of(pod)),
              Optional.empty(),
              World.key());
      return switch (Decisions.decide(facts, World.POLICY, World.NOW)) {
        case Granted granted -> Optional.of(granted.template().id().toString());
        case Refused _ -> Optional.empty();
      };
    } catch (RefusedException e) {
      return Optional.empty();
    }
  }

  @Provide
  Arbitrary<Placed> placed() {
    return Combinators.combine(
            Arbitraries.of("cart", "shop"),
            Arbitraries.of("cart", "default", "pay.ments"),
            Arbitraries.of("a-1", "b-1"),
            Arbitraries.integers().between(1, 2),
            nodes())
        .as(Placed::new);
  }

  @Provide
  Arbitrary<Integer> nodes() {
    return Arbitraries.integers().between(1, 2);
  }

  @Provide
  Arbitrary<Integer> keys() {
    return Arbitraries.integers().between(1, 100);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().withChars("ab./:-_A%\\\0 ").ofMaxLength(8),
        Arbitraries.strings().withChars("ab.-").ofMinLength(1).ofMaxLength(4),
        Arbitraries.strings().ofMaxLength(6),
        Arbitraries.strings().withChars('a').ofMinLength(62).ofMaxLength(65),
        Arbitraries.of("", ".", "..", "signet", "default", "ns", "sa", "a/sa/b", "a:b"));
  }

  private static String nodeName(int number) {
    return "node-" + number;
  }

  private static String nodeUid(int number) {
    return "node-uid-" + number;
  }
}
