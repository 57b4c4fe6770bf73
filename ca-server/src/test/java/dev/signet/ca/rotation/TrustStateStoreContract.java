package dev.signet.ca.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.signet.ca.TestAuthority;
import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.NewAuthority;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every {@link TrustStateStore} does. */
public abstract class TrustStateStoreContract {
  private static final Instant NOW = Instant.parse("2026-11-01T12:00:00Z");
  private static final KeyId ROOT = new KeyId("root-1");
  private static final KeyId NEXT = new KeyId("root-2");
  private static final KeyId ISSUER = new KeyId("authority-1");
  private static final X509Certificate CERTIFICATE = new TestAuthority("root").certificate();
  private static final Validity VALIDITY =
      new Validity(CERTIFICATE.getNotBefore().toInstant(), CERTIFICATE.getNotAfter().toInstant());

  protected abstract TrustStateStore store();

  /** That of the same store. */
  protected abstract AuthorityStore authorities();

  @Test
  void newStore_isAtNothing() throws RefusedException {
    assertThat(store().state())
        .isEqualTo(new TrustState(0, 0, false, List.of(), List.of(), List.of()));
    assertThat(store().steps(10)).isEmpty();
  }

  @Test
  void state_hasRootsAndCompletedIssuersWithTheirValidity() throws RefusedException {
    setUp();
    authorities()
        .prepare(new KeyId("authority-2"), new NewAuthority.Issuing(ROOT, "replica-2"), NOW);

    assertThat(store().state())
        .isEqualTo(
            new TrustState(
                1,
                1,
                false,
                List.of(
                    new TrustState.Root(
                        ROOT,
                        AuthorityState.ACTIVE,
                        Optional.of(VALIDITY),
                        new Since(1, 1, NOW),
                        false)),
                List.of(
                    new TrustState.Issuer(
                        ISSUER, ROOT, "replica-1", AuthorityState.ACTIVE, VALIDITY.notAfter())),
                List.of()));
  }

  @Test
  void step_raisesTheVersionAndIsKept() throws RefusedException {
    setUp();
    TrustChange change = Changes.pause(store().state(), true);

    assertThat(store().step(change)).isTrue();
    assertThat(store().state().version()).isEqualTo(2);
    assertThat(store().state().revision()).isEqualTo(1);
    assertThat(store().state().paused()).isTrue();
    assertThat(store().steps(10)).containsExactly(change.step());
  }

  @Test
  void stepFromAnotherVersion_changesNothing() throws RefusedException {
    setUp();
    TrustChange change = Changes.pause(store().state(), true);
    assertThat(store().step(change)).isTrue();
    TrustState before = store().state();

    assertThat(store().step(change)).isFalse();
    assertThat(store().step(Changes.of(7, 9, Step.Kind.PREPARE, next()))).isFalse();
    assertThat(store().state()).isEqualTo(before);
    assertThat(store().steps(10)).hasSize(1);
  }

  @Test
  void wholeRotation_isSeenStepByStep() throws Exception {
    setUp();
    assertThat(
            store()
                .step(
                    Changes.of(
                        1, 1, Step.Kind.PREPARE, Changes.forced(NEXT, AuthorityState.PREPARED))))
        .isTrue();
    assertThat(store().state().root(NEXT))
        .contains(
            new TrustState.Root(
                NEXT,
                AuthorityState.PREPARED,
                Optional.empty(),
                new Since(2, 1, Changes.AT),
                true));
    authorities().complete(NEXT, "ef".repeat(32), CERTIFICATE.getEncoded());
    assertThat(store().state().root(NEXT).orElseThrow().validity()).contains(VALIDITY);
    assertThat(
            store()
                .step(
                    Changes.of(
                        2, 2, Step.Kind.PUBLISH, Changes.to(NEXT, AuthorityState.PUBLISHED))))
        .isTrue();
    assertThat(
            store()
                .step(
                    Changes.of(
                        3,
                        2,
                        Step.Kind.ACTIVATE,
                        Changes.to(NEXT, AuthorityState.ACTIVE),
                        Changes.forced(ROOT, AuthorityState.RETIRING))))
        .isTrue();

    TrustState state = store().state();
    assertThat(state.version()).isEqualTo(4);
    assertThat(state.revision()).isEqualTo(2);
    assertThat(state.roots())
        .extracting(TrustState.Root::id, TrustState.Root::state, TrustState.Root::forced)
        .containsExactly(
            tuple(ROOT, AuthorityState.RETIRING, true), tuple(NEXT, AuthorityState.ACTIVE, false));
    assertThat(state.roots())
        .extracting(TrustState.Root::since)
        .containsOnly(new Since(4, 2, Changes.AT));
    assertThat(store().steps(2))
        .extracting(Step::kind)
        .containsExactly(Step.Kind.ACTIVATE, Step.Kind.PUBLISH);
  }

  /** A force is no state: it was in its state before. */
  @Test
  void forceAlone_leavesSince() throws Exception {
    setUp();
    assertThat(
            store()
                .step(
                    Changes.of(1, 1, Step.Kind.TAINT, Changes.forced(ROOT, AuthorityState.ACTIVE))))
        .isTrue();

    TrustState.Root root = store().state().root(ROOT).orElseThrow();
    assertThat(root.forced()).isTrue();
    assertThat(root.since()).isEqualTo(new Since(1, 1, NOW));
  }

  @Test
  void taintedIssuer_isSeen() throws Exception {
    setUp();
    assertThat(
            store()
                .step(
                    Changes.of(1, 1, Step.Kind.TAINT, Changes.to(ISSUER, AuthorityState.TAINTED))))
        .isTrue();

    assertThat(store().state().issuers())
        .extracting(TrustState.Issuer::state)
        .containsExactly(AuthorityState.TAINTED);
  }

  /** What the decisions never ask for is refused by the store as well, whole. */
  @Test
  void changesThatBreakARule_changeNothing() throws Exception {
    setUp();
    assertThat(store().step(Changes.of(1, 1, Step.Kind.PREPARE, next()))).isTrue();
    TrustState before = store().state();

    for (TrustChange change :
        List.of(
            Changes.of(2, 2, Step.Kind.PUBLISH, Changes.to(NEXT, AuthorityState.PUBLISHED)),
            Changes.of(
                2,
                2,
                Step.Kind.REVOKE,
                Changes.to(ROOT, AuthorityState.REVOKED),
                Changes.to(new KeyId("nobody"), AuthorityState.ACTIVE)))) {
      assertThat(catchThrowableOfType(RefusedException.class, () -> store().step(change)))
          .extracting(e -> e.refusal().reason())
          .isEqualTo(RefusalReason.INTERNAL_ERROR);
      assertThat(store().state()).isEqualTo(before);
    }
    authorities().complete(NEXT, "ef".repeat(32), CERTIFICATE.getEncoded());
    TrustChange secondActive =
        Changes.of(2, 2, Step.Kind.ACTIVATE, Changes.to(NEXT, AuthorityState.ACTIVE));
    assertThat(catchThrowableOfType(RefusedException.class, () -> store().step(secondActive)))
        .isNotNull();
    assertThat(store().state().version()).isEqualTo(2);
    assertThat(store().state().roots(AuthorityState.ACTIVE)).hasSize(1);
  }

  @Test
  void bans_areThereUntilTheyAreLifted() throws RefusedException {
    setUp();
    Ban one = new Ban("demo", "node-1", "alice", "stolen", Changes.AT);
    Ban two = new Ban("demo", "node-2", "bob", "", Changes.AT);
    assertThat(store().step(ban(1, Optional.of(two), Optional.empty()))).isTrue();
    assertThat(store().step(ban(2, Optional.of(one), Optional.empty()))).isTrue();
    assertThat(store().state().bans()).containsExactly(one, two);
    assertThat(store().state().isBanned("demo", "node-1")).isTrue();
    NodeRef node = new NodeRef("demo", "node-1");
    assertThat(store().step(ban(3, Optional.empty(), Optional.of(node)))).isTrue();

    assertThat(store().state().bans()).containsExactly(two);
    assertThat(store().steps(1).getFirst())
        .isEqualTo(
            new Step(
                Changes.AT,
                Step.Kind.UNBAN,
                Optional.empty(),
                Optional.of(node),
                "alice",
                "found again",
                ""));
  }

  /** RR13: two operators at once. */
  @Test
  void manyAtOnceFromOneVersion_oneIsMade() throws Exception {
    setUp();
    for (int round = 1; round <= 10; round++) {
      TrustChange change = Changes.pause(store().state(), round % 2 == 0);
      Callable<Boolean> step = () -> store().step(change);
      try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
        List<Future<Boolean>> made = threads.invokeAll(List.of(step, step, step));

        assertThat(made).filteredOn(Future::resultNow).hasSize(1);
      }
      assertThat(store().state().version()).isEqualTo(round + 1L);
    }
    assertThat(store().steps(100)).hasSize(10);
  }

  /** State and steps of one moment, whoever steps meanwhile. */
  @Test
  void state_isOneMoment() throws Exception {
    setUp();
    List<TrustState> seen = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
      Future<?> stepping =
          threads.submit(() -> {
            for (long version = 1; version <= 40; version++) {
              boolean paused = version % 2 == 1;
              TrustState now = store().state();
              Optional<Ban> ban =
                  paused
                      ? Optional.of(new Ban("demo", "node-1", "", "", Changes.AT))
                      : Optional.empty();
              Optional<NodeRef> unban =
                  paused ? Optional.empty() : Optional.of(new NodeRef("demo", "node-1"));
              assertThat(
                      store()
                          .step(
                              new TrustChange(
                                  now.version(),
                                  1,
                                  paused,
                                  List.of(),
                                  ban,
                                  unban,
                                  Changes.step(Step.Kind.BAN, Optional.empty()))))
                  .isTrue();
            }
            return null;
          });
      do {
        seen.add(store().state());
      } while (!stepping.isDone());
      assertThat(stepping.get()).isNull();
    }

    assertThat(seen).isNotEmpty();
    assertThat(seen)
        .allSatisfy(state -> {
          assertThat(state.paused()).isEqualTo(state.version() % 2 == 0);
          assertThat(state.isBanned("demo", "node-1")).isEqualTo(state.paused());
        });
  }

  @Test
  void step_isHeardOf() throws Exception {
    setUp();
    CountDownLatch first = new CountDownLatch(1);
    CountDownLatch second = new CountDownLatch(1);
    store().onStep(first::countDown);
    store().onStep(second::countDown);
    assertThat(store().step(Changes.pause(store().state(), true))).isTrue();

    assertThat(first.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private static TrustChange.AuthorityChange next() {
    return Changes.to(NEXT, AuthorityState.PREPARED);
  }

  private static TrustChange ban(long from, Optional<Ban> ban, Optional<NodeRef> unban) {
    Step step =
        new Step(
            Changes.AT,
            ban.isPresent() ? Step.Kind.BAN : Step.Kind.UNBAN,
            Optional.empty(),
            unban.or(() -> ban.map(of -> new NodeRef(of.cluster(), of.nodeName()))),
            "alice",
            "found again",
            "");
    return new TrustChange(from, 1, false, List.of(), ban, unban, step);
  }

  private void setUp() throws RefusedException {
    authorities().prepare(ROOT, new NewAuthority.FirstRoot(), NOW);
    authorities().complete(ROOT, "ab".repeat(32), der());
    authorities().prepare(ISSUER, new NewAuthority.Issuing(ROOT, "replica-1"), NOW);
    authorities().complete(ISSUER, "cd".repeat(32), der());
  }

  private static byte[] der() {
    try {
      return CERTIFICATE.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new AssertionError(e);
    }
  }
}
