package dev.signet.ca.rotation;

import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.TrustChange.AuthorityChange;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What holds of trust in every state and over every step (FAULTS.md 3.2). Pure. */
public final class TrustInvariants {
  private static final Map<AuthorityState, Set<AuthorityState>> ROOT_WAYS =
      Map.of(
          AuthorityState.PREPARED, EnumSet.of(AuthorityState.PUBLISHED, AuthorityState.RETIRED),
          AuthorityState.PUBLISHED, EnumSet.of(AuthorityState.ACTIVE, AuthorityState.RETIRED),
          AuthorityState.ACTIVE, EnumSet.of(AuthorityState.RETIRING, AuthorityState.TAINTED),
          AuthorityState.RETIRING, EnumSet.of(AuthorityState.RETIRED, AuthorityState.TAINTED),
          AuthorityState.TAINTED, EnumSet.of(AuthorityState.REVOKED),
          AuthorityState.RETIRED, EnumSet.noneOf(AuthorityState.class),
          AuthorityState.REVOKED, EnumSet.noneOf(AuthorityState.class));

  private static final Set<Step.Kind> ONCE =
      EnumSet.complementOf(
          EnumSet.of(Step.Kind.PAUSE, Step.Kind.RESUME, Step.Kind.BAN, Step.Kind.UNBAN));

  private TrustInvariants() {}

  /** The state after a change: what {@link TrustStateStore#step} makes of it. */
  public static TrustState after(TrustState state, TrustChange change) {
    if (change.from() != state.version()) {
      throw new IllegalArgumentException(
          "the change starts from version " + change.from() + ", not " + state.version());
    }
    Since since = new Since(change.from() + 1, change.revision(), change.step().at());
    Map<KeyId, AuthorityChange> changes =
        change.authorities().stream().collect(Collectors.toMap(AuthorityChange::id, next -> next));
    List<TrustState.Root> roots = new ArrayList<>();
    for (TrustState.Root root : state.roots()) {
      AuthorityChange next = changes.remove(root.id());
      roots.add(next == null ? root : changed(root, next, since));
    }
    List<TrustState.Issuer> issuers = new ArrayList<>();
    for (TrustState.Issuer issuer : state.issuers()) {
      AuthorityChange next = changes.remove(issuer.id());
      issuers.add(next == null ? issuer : changed(issuer, next));
    }
    for (AuthorityChange made : changes.values()) {
      roots.add(
          new TrustState.Root(made.id(), made.state(), Optional.empty(), since, made.forced()));
    }
    List<Ban> bans = new ArrayList<>(state.bans());
    change.ban().ifPresent(bans::add);
    change
        .unban()
        .ifPresent(
            node -> bans.removeIf(ban -> node.equals(new NodeRef(ban.cluster(), ban.nodeName()))));
    return new TrustState(
        change.from() + 1, change.revision(), change.paused(), roots, issuers, bans);
  }

  private static TrustState.Root changed(TrustState.Root root, AuthorityChange next, Since since) {
    return new TrustState.Root(
        root.id(),
        next.state(),
        root.validity(),
        next.state() == root.state() ? root.since() : since,
        next.forced());
  }

  private static TrustState.Issuer changed(TrustState.Issuer issuer, AuthorityChange next) {
    return new TrustState.Issuer(
        issuer.id(), issuer.root(), issuer.replica(), next.state(), issuer.notAfter());
  }

  /** What a state breaks, each in one sentence; empty if it is sound. */
  public static List<String> broken(TrustState state) {
    List<String> broken = new ArrayList<>();
    if (state.roots(AuthorityState.ACTIVE).size() > 1) {
      broken.add("more than one root is ACTIVE");
    }
    if (state.roots(AuthorityState.PREPARED).size() + state.roots(AuthorityState.PUBLISHED).size()
        > 1) {
      broken.add("more than one rotation is under way");
    }
    if (!state.roots().isEmpty() && state.signer().isEmpty()) {
      broken.add("no root signs");
    }
    for (TrustState.Root root : state.roots()) {
      if (root.since().version() > state.version() || root.since().revision() > state.revision()) {
        broken.add(root.id() + " is " + root.state() + " since a state that is not yet");
      }
      if (root.validity().isEmpty()
          && root.state() != AuthorityState.PREPARED
          && root.state() != AuthorityState.RETIRED) {
        broken.add(root.id() + " is " + root.state() + " and was never completed");
      }
    }
    for (TrustState.Issuer issuer : state.issuers()) {
      boolean rootInBundle =
          state.root(issuer.root()).filter(root -> root.state().inBundle()).isPresent();
      if (issuer.state() == AuthorityState.ACTIVE && !rootInBundle) {
        broken.add(issuer.id() + " is ACTIVE below a root that is not in the bundle");
      }
    }
    return broken;
  }

  /** What a step breaks, each in one sentence; empty if it is sound. */
  public static List<String> broken(TrustState before, TrustState after) {
    List<String> broken = new ArrayList<>(broken(after));
    if (after.version() != before.version() + 1) {
      broken.add("the version went from " + before.version() + " to " + after.version());
    }
    boolean rootsChanged = !bundle(before).equals(bundle(after));
    if (after.revision() != before.revision() + (rootsChanged ? 1 : 0)) {
      broken.add(
          "the revision went from "
              + before.revision()
              + " to "
              + after.revision()
              + (rootsChanged ? " with another set of roots" : " with the same roots"));
    }
    if (bundle(after).size() - bundle(before).size() > 1
        || bundle(before).size() - bundle(after).size() > 1) {
      broken.add("more than one root entered or left the bundle");
    }
    for (TrustState.Root root : before.roots()) {
      Optional<AuthorityState> next = after.root(root.id()).map(TrustState.Root::state);
      if (next.isEmpty()) {
        broken.add(root.id() + " is forgotten");
      } else if (next.get() != root.state()
          && !ROOT_WAYS.getOrDefault(root.state(), Set.of()).contains(next.get())) {
        broken.add(root.id() + " went from " + root.state() + " to " + next.get());
      }
    }
    return broken;
  }

  /** What the record of all steps breaks: whatever ends or begins something is there once. */
  public static List<String> brokenHistory(List<Step> steps) {
    Set<String> seen = new HashSet<>();
    List<String> broken = new ArrayList<>();
    for (Step step : steps) {
      String once = step.kind() + " " + step.authority().map(KeyId::value).orElse("");
      if (ONCE.contains(step.kind()) && !seen.add(once)) {
        broken.add(once + " twice");
      }
      if (step.who().isBlank()) {
        broken.add(once + " of nobody");
      }
      if (!step.overrides().isEmpty() && step.why().isBlank()) {
        broken.add(once + " passed somebody over without a reason");
      }
    }
    return broken;
  }

  /** The roots that consumers hold in a state. */
  public static Set<KeyId> bundle(TrustState state) {
    return state.roots().stream()
        .filter(root -> root.state().inBundle())
        .map(TrustState.Root::id)
        .collect(Collectors.toUnmodifiableSet());
  }
}
