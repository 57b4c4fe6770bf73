package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What goes on by itself. Pure. */
public final class RotationSchedule {
  private RotationSchedule() {}

  /**
   * The one step that a replica is to take now by itself, and then to ask again. Roots are revoked
   * by operators alone. While it is paused, no step is taken that waits for a gate, and none that
   * is due by time alone; a tainted root's successor is made and published all the same.
   *
   * @param gates as they stand, of {@link Gates#waiting}
   */
  public static Optional<NextStep> due(
      TrustState state, List<Gate> gates, Lifetimes lifetimes, Instant now) {
    Optional<TrustState.Root> next = state.next();
    if (next.isPresent() && next.get().state() == AuthorityState.PREPARED) {
      return next.filter(root -> Rotation.hasLife(root, lifetimes.leastForPublishing(), now))
          .map(root -> step(Step.Kind.PUBLISH, root, "its key and certificate are complete"))
          .or(() -> retirement(state, gates));
    }
    if (next.isPresent()) {
      return next.filter(root -> !state.paused() && Rotation.isOpen(gates, root.id()))
          .filter(root -> Rotation.hasLife(root, lifetimes.leastForSigning(), now))
          .map(root -> step(Step.Kind.ACTIVATE, root, "everybody holds it"))
          .or(() -> retirement(state, gates));
    }
    return preparation(state, lifetimes, now).or(() -> retirement(state, gates));
  }

  private static Optional<NextStep> retirement(TrustState state, List<Gate> gates) {
    return state.roots(AuthorityState.RETIRING).stream()
        .filter(root -> !state.paused() && Rotation.isOpen(gates, root.id()))
        .findFirst()
        .map(root -> step(Step.Kind.RETIRE, root, "nobody needs it any more"));
  }

  private static Optional<NextStep> preparation(
      TrustState state, Lifetimes lifetimes, Instant now) {
    Optional<TrustState.Root> signer = state.signer();
    if (lifetimes.root().compareTo(lifetimes.leastForPublishing()) < 0 || signer.isEmpty()) {
      return Optional.empty();
    }
    TrustState.Root root = signer.get();
    if (root.state() == AuthorityState.TAINTED) {
      return Optional.of(preparation(true, root.id() + " is tainted and signs"));
    }
    if (state.paused() || !state.roots(AuthorityState.RETIRING).isEmpty()) {
      return Optional.empty();
    }
    return root.validity()
        .filter(validity -> !now.isBefore(lifetimes.replaceAt(validity)))
        .map(validity -> preparation(false, root.id() + " ends at " + validity.notAfter()));
  }

  private static NextStep preparation(boolean forced, String why) {
    return new NextStep(Step.Kind.PREPARE, Optional.empty(), forced, why);
  }

  private static NextStep step(Step.Kind kind, TrustState.Root root, String why) {
    return new NextStep(kind, Optional.of(root.id()), false, why);
  }

  /**
   * What an operator has to hear: the root that signs ends before a rotation can be finished, or
   * one that was made cannot be used. Nothing is swapped for the sake of time.
   */
  public static Optional<String> alarm(TrustState state, Lifetimes lifetimes, Instant now) {
    Optional<String> tooLate =
        state
            .signer()
            .filter(root -> !Rotation.hasLife(root, lifetimes.longestGate(), now))
            .map(root -> tooLate(state, root));
    Optional<String> tooShort =
        state
            .next()
            .filter(root -> root.validity().isPresent())
            .filter(root -> !Rotation.hasLife(root, lifetimes.leastForSigning(), now))
            .map(root ->
                root.id()
                    + " ends too soon to sign what policy allows: signet rotate abort gives it"
                    + " up, and another is made");
    return tooLate.or(() -> tooShort);
  }

  private static String tooLate(TrustState state, TrustState.Root root) {
    String ends =
        root.id()
            + " signs and ends"
            + root.validity().map(validity -> " at " + validity.notAfter()).orElse("")
            + ", before a rotation can be finished for everybody: leaves are cut short from now on. ";
    if (state.paused()) {
      return ends + "The rotation is paused: signet rotate resume lets it go on";
    }
    return ends
        + state
            .next()
            .map(next ->
                next.id() + " is " + next.state() + ": signet rotate watch says who is missing")
            .orElse("No next root is under way");
  }

  /**
   * The issuing authorities whose leaves are to be replaced now: those that are tainted themselves,
   * and those below a {@code forced} root that does not sign any more. While a tainted root signs
   * on, nothing is replaced for its sake: the new leaves would be below it as well. Empty means
   * that leaves are replaced at their renewal.
   */
  public static Set<KeyId> reissue(TrustState state, Instant now) {
    Set<KeyId> all = new HashSet<>();
    for (TrustState.Issuer issuer : state.issuers()) {
      boolean ended = now.isAfter(issuer.notAfter().plus(Gates.GRACE));
      if (!ended && (issuer.state() == AuthorityState.TAINTED || isForced(state, issuer.root()))) {
        all.add(issuer.id());
      }
    }
    return Set.copyOf(all);
  }

  private static boolean isForced(TrustState state, KeyId root) {
    boolean signs = state.signer().filter(signer -> signer.id().equals(root)).isPresent();
    return !signs && state.root(root).filter(TrustState.Root::forced).isPresent();
  }
}
