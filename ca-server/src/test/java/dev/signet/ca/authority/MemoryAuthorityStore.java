package dev.signet.ca.authority;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Since;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustChange;
import dev.signet.ca.rotation.TrustChange.AuthorityChange;
import dev.signet.ca.rotation.TrustState;
import dev.signet.ca.rotation.TrustStateStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Authorities and the trust state in memory; every row can be replaced by a test. */
public final class MemoryAuthorityStore implements AuthorityStore, TrustStateStore {
  private final Map<KeyId, AuthorityRow> rows = new HashMap<>();
  private final Map<String, Ban> bans = new TreeMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Runnable> actions = new CopyOnWriteArrayList<>();
  private final StoredTrust trust = new StoredTrust();
  private TrustVersion at = new TrustVersion(0, 0);
  private boolean paused;
  private boolean failing;

  /** Every call fails from now on. */
  public synchronized void fail(boolean fails) {
    failing = fails;
  }

  /** What nobody should be able to do. */
  public synchronized void tamper(AuthorityRow row) {
    rows.put(row.keyId(), row);
  }

  /** What a record is compared with. */
  public synchronized long version() {
    return at.version();
  }

  @Override
  public synchronized List<AuthorityRow> authorities() throws RefusedException {
    check();
    return rows.values().stream()
        .sorted(
            Comparator.comparing(AuthorityRow::createdAt).thenComparing(row -> row.keyId().value()))
        .toList();
  }

  @Override
  public synchronized void prepare(KeyId keyId, NewAuthority what, Instant createdAt)
      throws RefusedException {
    check();
    boolean root = what instanceof NewAuthority.FirstRoot;
    if (rows.containsKey(keyId)
        || (root && rows.values().stream().anyMatch(row -> row.role() == Role.ROOT))) {
      throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, keyId + " or a root exists");
    }
    insert(keyId, what, createdAt, at);
  }

  private void insert(KeyId keyId, NewAuthority what, Instant createdAt, TrustVersion since) {
    rows.put(
        keyId,
        new AuthorityRow(
            keyId,
            what instanceof NewAuthority.Issuing ? Role.ISSUING : Role.ROOT,
            AuthorityState.PREPARED,
            what instanceof NewAuthority.Issuing(KeyId root, _)
                ? Optional.of(root)
                : Optional.empty(),
            what instanceof NewAuthority.Issuing(_, String replica) ? replica : "",
            new Since(since.version(), since.revision(), createdAt),
            false,
            Optional.empty(),
            Optional.empty(),
            createdAt));
  }

  @Override
  public synchronized void complete(KeyId keyId, String keySha256, byte[] certificate)
      throws RefusedException {
    check();
    Optional<AuthorityRow> row = Optional.ofNullable(rows.get(keyId));
    boolean prepared = row.map(AuthorityRow::state).equals(Optional.of(AuthorityState.PREPARED));
    if (row.map(AuthorityRow::role).equals(Optional.of(Role.ROOT))) {
      if (!prepared) {
        throw new RefusedException(
            RefusalReason.AUTHORITY_UNAVAILABLE, keyId + " is not prepared any more");
      }
      completeRoot(row.get(), keySha256, certificate);
      return;
    }
    if (!prepared) {
      throw new IllegalStateException(keyId + " is not prepared");
    }
    completeIssuing(row.get(), keySha256, certificate);
  }

  private void completeRoot(AuthorityRow row, String keySha256, byte[] certificate) {
    if (at.version() == 0) {
      at = new TrustVersion(1, 1);
      set(row, AuthorityState.ACTIVE, at, keySha256, certificate);
    } else if (row.certificate().isEmpty()) {
      TrustVersion since = new TrustVersion(row.since().version(), row.since().revision());
      set(row, AuthorityState.PREPARED, since, keySha256, certificate);
    }
  }

  private void completeIssuing(AuthorityRow row, String keySha256, byte[] certificate)
      throws RefusedException {
    Optional<AuthorityState> root = row.root().map(rows::get).map(AuthorityRow::state);
    if (root.filter(AuthorityState::maySign).isEmpty()) {
      throw new RefusedException(
          RefusalReason.AUTHORITY_UNAVAILABLE, "the root of " + row.keyId() + " is " + root);
    }
    rows.replaceAll((_, other) ->
        other.role() == Role.ISSUING
                && other.replica().equals(row.replica())
                && other.state() == AuthorityState.ACTIVE
            ? in(
                other,
                AuthorityState.RETIRED,
                false,
                new Since(at.version(), at.revision(), row.createdAt()))
            : other);
    set(row, AuthorityState.ACTIVE, at, keySha256, certificate);
  }

  private void set(
      AuthorityRow row,
      AuthorityState state,
      TrustVersion since,
      String keySha256,
      byte[] certificate) {
    rows.put(
        row.keyId(),
        new AuthorityRow(
            row.keyId(),
            row.role(),
            state,
            row.root(),
            row.replica(),
            new Since(since.version(), since.revision(), row.since().at()),
            row.forced(),
            Optional.of(keySha256),
            Optional.of(certificate.clone()),
            row.createdAt()));
  }

  private static AuthorityRow in(
      AuthorityRow row, AuthorityState state, boolean forced, Since since) {
    return new AuthorityRow(
        row.keyId(),
        row.role(),
        state,
        row.root(),
        row.replica(),
        since,
        forced,
        row.keySha256(),
        row.certificate(),
        row.createdAt());
  }

  @Override
  public synchronized void remove(KeyId keyId) throws RefusedException {
    check();
    rows.values()
        .removeIf(row -> row.keyId().equals(keyId) && row.state() == AuthorityState.PREPARED);
  }

  @Override
  public synchronized TrustVersion trustVersion() throws RefusedException {
    check();
    return at;
  }

  @Override
  public synchronized TrustState state() throws RefusedException {
    return trust.state(at, paused, authorities(), List.copyOf(bans.values()));
  }

  @Override
  public boolean step(TrustChange change) throws RefusedException {
    if (!make(change)) {
      return false;
    }
    actions.forEach(Runnable::run);
    return true;
  }

  private synchronized boolean make(TrustChange change) throws RefusedException {
    check();
    if (change.from() != at.version()) {
      return false;
    }
    Map<KeyId, AuthorityRow> before = Map.copyOf(rows);
    TrustVersion next = new TrustVersion(at.version() + 1, change.revision());
    try {
      for (AuthorityChange authority : change.authorities()) {
        apply(authority, change, next);
      }
      requireRules();
    } catch (RefusedException e) {
      rows.clear();
      rows.putAll(before);
      throw e;
    }
    change.ban().ifPresent(ban -> bans.put(key(ban.cluster(), ban.nodeName()), ban));
    change.unban().ifPresent(node -> bans.remove(key(node)));
    at = next;
    paused = change.paused();
    steps.addFirst(change.step());
    return true;
  }

  private void apply(AuthorityChange change, TrustChange of, TrustVersion next)
      throws RefusedException {
    AuthorityRow row = rows.get(change.id());
    if (row != null) {
      Since since =
          row.state() == change.state()
              ? row.since()
              : new Since(next.version(), next.revision(), of.step().at());
      rows.put(change.id(), in(row, change.state(), change.forced(), since));
    } else if (change.state() == AuthorityState.PREPARED) {
      insert(change.id(), new NewAuthority.FirstRoot(), of.step().at(), next);
      apply(change, of, next);
    } else {
      throw new RefusedException(RefusalReason.INTERNAL_ERROR, "no authority " + change.id());
    }
  }

  private void requireRules() throws RefusedException {
    Set<String> active = new HashSet<>();
    for (AuthorityRow row : rows.values()) {
      boolean whole =
          row.certificate().isPresent()
              || row.state() == AuthorityState.PREPARED
              || row.state() == AuthorityState.RETIRED;
      boolean one = row.state() != AuthorityState.ACTIVE || active.add(row.role() + row.replica());
      if (!whole || !one) {
        throw new RefusedException(RefusalReason.INTERNAL_ERROR, row.keyId() + " breaks a rule");
      }
    }
  }

  private static String key(NodeRef node) {
    return key(node.cluster(), node.nodeName());
  }

  private static String key(String cluster, String nodeName) {
    return cluster + "/" + nodeName;
  }

  @Override
  public synchronized List<Step> steps(int most) throws RefusedException {
    check();
    return steps.stream().limit(most).toList();
  }

  @Override
  public void onStep(Runnable action) {
    actions.add(action);
  }

  private void check() throws RefusedException {
    if (failing) {
      throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, "on order");
    }
  }
}
