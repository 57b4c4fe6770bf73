package dev.signet.ca.authority;

import dev.signet.ca.authority.AuthorityRow.Role;
import dev.signet.ca.authority.AuthorityRow.State;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.KeyId;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Authorities in memory; every row can be replaced by a test. */
public final class MemoryAuthorityStore implements AuthorityStore {
  private final Map<KeyId, AuthorityRow> rows = new HashMap<>();
  private long revision;
  private boolean failing;

  /** Every call fails from now on. */
  public synchronized void fail(boolean fails) {
    failing = fails;
  }

  /** What nobody should be able to do. */
  public synchronized void tamper(AuthorityRow row) {
    rows.put(row.keyId(), row);
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
  public synchronized void prepare(KeyId keyId, Role role, Instant createdAt)
      throws RefusedException {
    check();
    AuthorityRow row =
        new AuthorityRow(
            keyId, role, State.PREPARED, Optional.empty(), Optional.empty(), createdAt);
    if (rows.putIfAbsent(keyId, row) != null) {
      throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, keyId + " exists");
    }
  }

  @Override
  public synchronized void activate(KeyId keyId, String keySha256, byte[] certificate)
      throws RefusedException {
    check();
    AuthorityRow row = rows.get(keyId);
    if (row == null || row.state() != State.PREPARED) {
      throw new IllegalStateException(keyId + " is not prepared");
    }
    rows.replaceAll((_, other) ->
        other.role() == row.role() && other.state() == State.ACTIVE
            ? in(other, State.RETIRED)
            : other);
    rows.put(
        keyId,
        new AuthorityRow(
            keyId,
            row.role(),
            State.ACTIVE,
            Optional.of(keySha256),
            Optional.of(certificate.clone()),
            row.createdAt()));
    revision += row.role() == Role.ROOT ? 1 : 0;
  }

  private static AuthorityRow in(AuthorityRow row, State state) {
    return new AuthorityRow(
        row.keyId(), row.role(), state, row.keySha256(), row.certificate(), row.createdAt());
  }

  @Override
  public synchronized void remove(KeyId keyId) throws RefusedException {
    check();
    rows.values().removeIf(row -> row.keyId().equals(keyId) && row.state() == State.PREPARED);
  }

  @Override
  public synchronized long bundleRevision() throws RefusedException {
    check();
    return revision;
  }

  private void check() throws RefusedException {
    if (failing) {
      throw new RefusedException(RefusalReason.STORE_UNAVAILABLE, "on order");
    }
  }
}
