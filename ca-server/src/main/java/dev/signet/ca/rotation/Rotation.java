package dev.signet.ca.rotation;

import dev.signet.ca.issuance.Validity;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.TrustChange.AuthorityChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The steps that trust can take: from a state to a change of it, or a refusal that says what to do
 * instead. Pure; the change is made by {@link TrustStateStore#step}, which finds out whether the
 * state is still the one that it starts from.
 *
 * <p>Nothing that waits for a gate is done while the gate is closed, unless an operator overrides
 * it with a reason; then the step says whom it passed over.
 *
 * <p>Whether a rotation is forced is kept on the new root until it signs, and from then on it is
 * said of the root that retires: there it means that the leaves below are to be replaced at once.
 * The same is said of a root that left against its gate, so that whoever was passed over is mended
 * soon, and of every tainted one.
 */
public final class Rotation {
  private static final int NAMED = 5;

  private Rotation() {}

  /**
   * Begins a rotation: a new root is to be made.
   *
   * @param newRoot a name that no authority had before
   */
  public static TrustChange prepare(
      TrustState state,
      KeyId newRoot,
      boolean forced,
      Lifetimes lifetimes,
      Operator by,
      Instant now)
      throws RotationRefusedException {
    if (isKnown(state, newRoot)) {
      throw refused(RotationRefusal.WRONG_STATE, newRoot + " exists already");
    }
    Optional<TrustState.Root> underWay = state.next();
    if (underWay.isPresent()) {
      throw refused(RotationRefusal.ROTATION_UNDER_WAY, describe(underWay.get()));
    }
    Optional<TrustState.Root> signer = state.signer();
    if (signer.isEmpty()) {
      throw refused(RotationRefusal.WRONG_STATE, "there is no root that could be replaced");
    }
    // A root that is not to be relied on is replaced without waiting for the one before it.
    List<TrustState.Root> retiring = state.roots(AuthorityState.RETIRING);
    if (!retiring.isEmpty() && signer.get().state() != AuthorityState.TAINTED) {
      throw refused(RotationRefusal.ROTATION_UNDER_WAY, describe(retiring.getFirst()));
    }
    if (lifetimes.root().compareTo(lifetimes.leastForPublishing()) < 0) {
      throw refused(
          RotationRefusal.NOT_LONG_ENOUGH,
          "a root that lives "
              + Roll.text(lifetimes.root())
              + " is too short for leaves of "
              + Roll.text(lifetimes.longestLeaf())
              + ": at least "
              + Roll.text(lifetimes.leastForPublishing())
              + " are needed");
    }
    return new Draft(state, Step.Kind.PREPARE, newRoot, by, now)
        .set(newRoot, AuthorityState.PREPARED, forced)
        .change();
  }

  /** Puts a root that was made to the end into the bundle. */
  public static TrustChange publish(
      TrustState state, KeyId root, Lifetimes lifetimes, Operator by, Instant now)
      throws RotationRefusedException {
    TrustState.Root found = root(state, root);
    switch (found.state()) {
      case PREPARED -> requireLife(found, lifetimes.leastForPublishing(), now);
      case PUBLISHED -> throw refused(RotationRefusal.ALREADY_DONE, describe(found));
      case ACTIVE, RETIRING, RETIRED, TAINTED, REVOKED -> throw wrongState(found);
    }
    return new Draft(state, Step.Kind.PUBLISH, root, by, now)
        .set(root, AuthorityState.PUBLISHED, found.forced())
        .change();
  }

  /**
   * Lets a published root sign, and the one before retire.
   *
   * @param gate of {@link Gates#activate}
   * @param override whether to pass over those who are missing
   */
  public static TrustChange activate(
      TrustState state,
      KeyId root,
      Gate gate,
      Lifetimes lifetimes,
      Operator by,
      boolean override,
      Instant now)
      throws RotationRefusedException {
    TrustState.Root found = root(state, root);
    switch (found.state()) {
      case PUBLISHED -> requireLife(found, lifetimes.leastForSigning(), now);
      case ACTIVE -> throw refused(RotationRefusal.ALREADY_DONE, describe(found));
      case PREPARED, RETIRING, RETIRED, TAINTED, REVOKED -> throw wrongState(found);
    }
    requireGate(gate, Step.Kind.ACTIVATE, root);
    Draft draft =
        new Draft(state, Step.Kind.ACTIVATE, root, by, now).passedOver(gate, by, override);
    for (TrustState.Root before : state.roots(AuthorityState.ACTIVE)) {
      draft.set(before.id(), AuthorityState.RETIRING, before.forced() || found.forced());
    }
    return draft.set(root, AuthorityState.ACTIVE, false).change();
  }

  /**
   * Takes a root that was replaced out of the bundle, for good, and its issuing authorities with
   * it.
   *
   * @param gate of {@link Gates#remove}, for RETIRE
   * @param override whether to pass over those who are missing
   */
  public static TrustChange retire(
      TrustState state, KeyId root, Gate gate, Operator by, boolean override, Instant now)
      throws RotationRefusedException {
    TrustState.Root found = root(state, root);
    switch (found.state()) {
      case RETIRING -> requireGate(gate, Step.Kind.RETIRE, root);
      case ACTIVE -> throw refused(RotationRefusal.STILL_SIGNS, describe(found));
      case RETIRED -> throw refused(RotationRefusal.ALREADY_DONE, describe(found));
      case PREPARED, PUBLISHED, TAINTED, REVOKED -> throw wrongState(found);
    }
    Draft draft = new Draft(state, Step.Kind.RETIRE, root, by, now).passedOver(gate, by, override);
    return draft
        .set(root, AuthorityState.RETIRED, found.forced() || !gate.isOpen())
        .setBelow(root, AuthorityState.RETIRED)
        .change();
  }

  /** Gives up the root that has signed nothing yet. */
  public static TrustChange abort(TrustState state, Operator by, Instant now)
      throws RotationRefusedException {
    TrustState.Root next = state.next().orElse(null);
    if (next == null) {
      throw state.roots(AuthorityState.RETIRING).stream()
          .findFirst()
          .map(retiring -> refused(RotationRefusal.TOO_LATE_TO_ABORT, describe(retiring)))
          .orElseGet(() -> refused(RotationRefusal.NO_ROTATION, "no root is about to come or go"));
    }
    return new Draft(state, Step.Kind.ABORT, next.id(), by, now)
        .set(next.id(), AuthorityState.RETIRED, false)
        .change();
  }

  /** Lets no step that waits for a gate be made by itself, nor a rotation begin by its time. */
  public static TrustChange pause(TrustState state, Operator by, Instant now)
      throws RotationRefusedException {
    if (state.paused()) {
      throw refused(RotationRefusal.ALREADY_DONE, "it is paused");
    }
    return new Draft(state, Step.Kind.PAUSE, by, now).paused(true).change();
  }

  public static TrustChange resume(TrustState state, Operator by, Instant now)
      throws RotationRefusedException {
    if (!state.paused()) {
      throw refused(RotationRefusal.ALREADY_DONE, "it is not paused");
    }
    return new Draft(state, Step.Kind.RESUME, by, now).paused(false).change();
  }

  /**
   * The step that is due, without those who are missing: the published root signs, or else the
   * oldest that retires leaves.
   *
   * @param consumers as they were read after the state
   */
  public static TrustChange override(
      TrustState state, Consumers consumers, Lifetimes lifetimes, Operator by, Instant now)
      throws RotationRefusedException {
    Optional<TrustState.Root> next = state.next();
    if (next.isPresent()) {
      KeyId root = next.get().id();
      if (next.get().state() == AuthorityState.PREPARED) {
        throw refused(RotationRefusal.KEY_NOT_MADE, describe(next.get()));
      }
      Gate gate = Gates.activate(state, consumers, root, now);
      return activate(state, root, gate, lifetimes, by, true, now);
    }
    List<TrustState.Root> retiring = state.roots(AuthorityState.RETIRING);
    if (retiring.isEmpty()) {
      throw refused(RotationRefusal.NO_ROTATION, "no root is about to come or go");
    }
    KeyId root = retiring.getFirst().id();
    Gate gate = Gates.remove(state, consumers, root, Step.Kind.RETIRE, now);
    return retire(state, root, gate, by, true, now);
  }

  /**
   * Says that a root or an issuing authority is not to be relied on: the leaves below it are to be
   * replaced. A published root takes the place of the one that signs if its gate is open; if not,
   * the tainted one goes on until another is held by everybody, which {@link RotationSchedule#due}
   * sees to.
   *
   * @param gates as they stand, of {@link Gates#waiting}
   */
  public static TrustChange taint(
      TrustState state,
      KeyId authority,
      List<Gate> gates,
      Lifetimes lifetimes,
      Operator by,
      Instant now)
      throws RotationRefusedException {
    Optional<TrustState.Issuer> issuer = state.issuer(authority);
    if (issuer.isPresent()) {
      return taintIssuer(state, issuer.get(), by, now);
    }
    TrustState.Root found = root(state, authority);
    switch (found.state()) {
      case ACTIVE, RETIRING -> {}
      case TAINTED -> throw refused(RotationRefusal.ALREADY_DONE, describe(found));
      case PREPARED, PUBLISHED ->
          throw refused(
              RotationRefusal.WRONG_STATE,
              describe(found) + " and has signed nothing: signet rotate abort gives it up");
      case RETIRED, REVOKED -> throw wrongState(found);
    }
    Draft draft =
        new Draft(state, Step.Kind.TAINT, authority, by, now)
            .set(authority, AuthorityState.TAINTED, true);
    if (found.state() == AuthorityState.ACTIVE) {
      state
          .next()
          .filter(next -> next.state() == AuthorityState.PUBLISHED)
          .filter(next -> hasLife(next, lifetimes.leastForSigning(), now))
          .filter(next -> isOpen(gates, next.id()))
          .ifPresent(next -> draft.set(next.id(), AuthorityState.ACTIVE, false));
    }
    return draft.change();
  }

  private static TrustChange taintIssuer(
      TrustState state, TrustState.Issuer issuer, Operator by, Instant now)
      throws RotationRefusedException {
    switch (issuer.state()) {
      case ACTIVE, RETIRED -> {}
      case TAINTED -> throw refused(RotationRefusal.ALREADY_DONE, issuer.id() + " is tainted");
      case PREPARED, PUBLISHED, RETIRING, REVOKED ->
          throw refused(RotationRefusal.WRONG_STATE, issuer.id() + " is " + issuer.state());
    }
    boolean rootIsGone =
        state.root(issuer.root()).filter(root -> root.state().inBundle()).isEmpty();
    if (rootIsGone || now.isAfter(issuer.notAfter().plus(Gates.GRACE))) {
      throw refused(
          RotationRefusal.WRONG_STATE, "nothing below " + issuer.id() + " verifies any more");
    }
    return new Draft(state, Step.Kind.TAINT, issuer.id(), by, now)
        .set(issuer.id(), AuthorityState.TAINTED, false)
        .change();
  }

  /**
   * Takes a tainted root out of the bundle, for good, and its issuing authorities with it.
   *
   * @param gate of {@link Gates#remove}, for REVOKE
   * @param override whether to pass over those who are missing
   */
  public static TrustChange revoke(
      TrustState state, KeyId root, Gate gate, Operator by, boolean override, Instant now)
      throws RotationRefusedException {
    TrustState.Root found = revocable(state, root);
    requireGate(gate, Step.Kind.REVOKE, root);
    return new Draft(state, Step.Kind.REVOKE, root, by, now)
        .passedOver(gate, by, override)
        .set(root, AuthorityState.REVOKED, found.forced())
        .setBelow(root, AuthorityState.REVOKED)
        .change();
  }

  /**
   * The root that may be revoked once its gate is open, or is overridden: whoever has no gate yet
   * asks this first.
   */
  static TrustState.Root revocable(TrustState state, KeyId root) throws RotationRefusedException {
    if (state.issuer(root).isPresent()) {
      throw refused(
          RotationRefusal.WRONG_STATE,
          root
              + " is an issuing authority: what it signed is not revoked apart from its root. Taint"
              + " it, and its leaves are replaced; to refuse them, taint and revoke its root");
    }
    TrustState.Root found = root(state, root);
    if (state.signer().equals(Optional.of(found))) {
      throw refused(RotationRefusal.STILL_SIGNS, describe(found));
    }
    return switch (found.state()) {
      case TAINTED -> found;
      case REVOKED -> throw refused(RotationRefusal.ALREADY_DONE, describe(found));
      case RETIRING ->
          throw refused(
              RotationRefusal.WRONG_STATE,
              describe(found) + ": it leaves by itself. To be rid of it sooner, taint it first");
      case ACTIVE, PREPARED, PUBLISHED, RETIRED -> throw wrongState(found);
    };
  }

  /**
   * Gives a node nothing more.
   *
   * @param attested whether an agent of the node ever was
   */
  public static TrustChange ban(
      TrustState state, NodeRef node, boolean attested, Operator by, Instant now)
      throws RotationRefusedException {
    if (state.isBanned(node.cluster(), node.nodeName())) {
      throw refused(RotationRefusal.ALREADY_DONE, node + " is banned");
    }
    if (!attested) {
      throw refused(RotationRefusal.NO_SUCH_NODE, node.toString());
    }
    Ban ban = new Ban(node.cluster(), node.nodeName(), by.who(), by.why(), now);
    return new Draft(state, Step.Kind.BAN, by, now).ban(node, ban).change();
  }

  public static TrustChange unban(TrustState state, NodeRef node, Operator by, Instant now)
      throws RotationRefusedException {
    if (!state.isBanned(node.cluster(), node.nodeName())) {
      throw refused(RotationRefusal.ALREADY_DONE, node + " is not banned");
    }
    return new Draft(state, Step.Kind.UNBAN, by, now).unban(node).change();
  }

  private static TrustState.Root root(TrustState state, KeyId id) throws RotationRefusedException {
    return state
        .root(id)
        .orElseThrow(() ->
            refused(
                isKnown(state, id)
                    ? RotationRefusal.WRONG_STATE
                    : RotationRefusal.NO_SUCH_AUTHORITY,
                isKnown(state, id) ? id + " is an issuing authority" : id.toString()));
  }

  private static boolean isKnown(TrustState state, KeyId id) {
    return state.root(id).isPresent() || state.issuer(id).isPresent();
  }

  private static void requireLife(TrustState.Root root, Duration least, Instant now)
      throws RotationRefusedException {
    if (root.validity().isEmpty()) {
      throw refused(RotationRefusal.KEY_NOT_MADE, describe(root));
    }
    if (!hasLife(root, least, now)) {
      throw refused(
          RotationRefusal.NOT_LONG_ENOUGH,
          root.id()
              + " ends at "
              + root.validity().get().notAfter()
              + ", and "
              + Roll.text(least)
              + " are needed");
    }
  }

  static boolean hasLife(TrustState.Root root, Duration least, Instant now) {
    return root.validity()
        .map(Validity::notAfter)
        .filter(end -> !now.plus(least).isAfter(end))
        .isPresent();
  }

  static boolean isOpen(List<Gate> gates, KeyId root) {
    return gates.stream().anyMatch(gate -> gate.root().equals(root) && gate.isOpen());
  }

  private static void requireGate(Gate gate, Step.Kind step, KeyId root) {
    if (gate.step() != step || !gate.root().equals(root)) {
      throw new IllegalArgumentException(
          "the gate is that of "
              + gate.step()
              + " "
              + gate.root()
              + ", not of "
              + step
              + " "
              + root);
    }
  }

  private static RotationRefusedException wrongState(TrustState.Root root) {
    return refused(RotationRefusal.WRONG_STATE, describe(root));
  }

  private static String describe(TrustState.Root root) {
    return root.id() + " is " + root.state();
  }

  private static RotationRefusedException refused(RotationRefusal reason, String detail) {
    return new RotationRefusedException(reason, detail);
  }

  /** Whom a step passed over: how many, and the first of them. */
  static String passedOver(List<Gate.Missing> missing) {
    List<String> names =
        missing.stream().limit(NAMED).map(one -> name(one) + " (" + one.why() + ")").toList();
    int others = missing.size() - names.size();
    return missing.size()
        + (missing.size() == 1 ? " was passed over: " : " were passed over: ")
        + String.join(", ", names)
        + (others > 0 ? " and " + others + " more" : "");
  }

  private static String name(Gate.Missing missing) {
    return switch (missing.kind()) {
      case REPLICA -> "replica " + missing.name();
      case PUBLISHED_BUNDLE -> missing.name();
      case AGENT -> "agent of " + missing.node().map(NodeRef::toString).orElse(missing.name());
      case POD_ACKNOWLEDGED, POD_SENT, POD_HELD, POD_UNSEEN ->
          missing.name() + missing.node().map(node -> " on " + node).orElse("");
    };
  }

  /** A change as it is put together: the revision follows from what enters or leaves the bundle. */
  private static final class Draft {
    private final TrustState state;
    private final Step.Kind kind;
    private final Optional<KeyId> authority;
    private final Operator by;
    private final Instant now;
    private final List<AuthorityChange> authorities = new ArrayList<>();
    private boolean paused;
    private boolean rootsChange;
    private String overrides = "";
    private Optional<NodeRef> node = Optional.empty();
    private Optional<Ban> ban = Optional.empty();
    private Optional<NodeRef> unban = Optional.empty();

    Draft(TrustState state, Step.Kind kind, KeyId authority, Operator by, Instant now) {
      this(state, kind, Optional.of(authority), by, now);
    }

    Draft(TrustState state, Step.Kind kind, Operator by, Instant now) {
      this(state, kind, Optional.empty(), by, now);
    }

    private Draft(
        TrustState state, Step.Kind kind, Optional<KeyId> authority, Operator by, Instant now) {
      this.state = state;
      this.kind = kind;
      this.authority = authority;
      this.by = by;
      this.now = now;
      this.paused = state.paused();
    }

    Draft set(KeyId id, AuthorityState next, boolean forced) {
      authorities.add(new AuthorityChange(id, next, forced));
      if (state.issuer(id).isEmpty()) {
        boolean was = state.root(id).filter(root -> root.state().inBundle()).isPresent();
        rootsChange |= was != next.inBundle();
      }
      return this;
    }

    /** The issuing authorities below a root that go with it; those that ended went before. */
    Draft setBelow(KeyId root, AuthorityState next) {
      state.issuers().stream()
          .filter(issuer -> issuer.root().equals(root) && issuer.state() != next)
          .filter(issuer ->
              issuer.state() != AuthorityState.RETIRED
                  || !now.isAfter(issuer.notAfter().plus(Gates.GRACE)))
          .forEach(issuer -> set(issuer.id(), next, false));
      return this;
    }

    Draft passedOver(Gate gate, Operator operator, boolean override)
        throws RotationRefusedException {
      if (override && operator.why().isBlank()) {
        throw refused(RotationRefusal.REASON_MISSING, kind + " against its gate");
      }
      if (gate.isOpen()) {
        return this;
      }
      if (!override) {
        throw refused(
            RotationRefusal.STILL_NEEDED,
            gate.missing().size()
                + " missing, the first: "
                + name(gate.missing().getFirst())
                + " "
                + gate.missing().getFirst().why());
      }
      overrides = Rotation.passedOver(gate.missing());
      return this;
    }

    Draft paused(boolean next) {
      paused = next;
      return this;
    }

    Draft ban(NodeRef which, Ban what) {
      node = Optional.of(which);
      ban = Optional.of(what);
      return this;
    }

    Draft unban(NodeRef which) {
      node = Optional.of(which);
      unban = Optional.of(which);
      return this;
    }

    TrustChange change() {
      return new TrustChange(
          state.version(),
          rootsChange ? state.revision() + 1 : state.revision(),
          paused,
          authorities,
          ban,
          unban,
          new Step(now, kind, authority, node, by.who(), by.why(), overrides));
    }
  }
}
