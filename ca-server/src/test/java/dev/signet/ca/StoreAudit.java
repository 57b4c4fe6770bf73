package dev.signet.ca;

import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Step;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads a store after each death and compares it with itself, with what it held before, and with
 * what the dead said that they had signed and handed out. Every rule is written down here a second
 * time, from the log of steps. Of one thread.
 */
final class StoreAudit {
  private record Row(String tbsSha256, String kind, String signer, long recordedAt) {}

  /** A root as the log of steps has it. */
  private static final class Root {
    AuthorityState state;

    /** From when on it may sign; never, while it was not activated. */
    long from = Long.MAX_VALUE;

    /** Until when. */
    long until = Long.MAX_VALUE;

    final long preparedAt;

    Root(AuthorityState state, long preparedAt) {
      this.state = state;
      this.preparedAt = preparedAt;
    }
  }

  private final Map<String, Row> records = new HashMap<>();
  private final Map<String, String> handedOut = new HashMap<>();
  private final Map<String, Root> roots = new HashMap<>();
  private final List<String> violations = new ArrayList<>();
  private final int recordsBefore;
  private long sequence;
  private long signed;
  private long version = 1;
  private long revision = 1;
  private int completed;

  /** Begins with a store that was just set up. */
  StoreAudit(Connection connection) throws SQLException {
    String first = "SELECT key_id, created_at FROM authority WHERE role = 'ROOT'";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(first)) {
      while (row.next()) {
        Root root = new Root(AuthorityState.ACTIVE, row.getLong(2));
        root.from = row.getLong(2);
        roots.put(row.getString(1), root);
      }
    }
    readRecords(connection);
    recordsBefore = records.size();
  }

  /** Roots that left the bundle because their time had come, so far. */
  int completed() {
    return completed;
  }

  int recorded() {
    return records.size();
  }

  /**
   * Looks.
   *
   * @param lines what the process said before it died
   * @param keys names of all keys that are there
   * @return what is wrong
   */
  List<String> look(Connection connection, List<String> lines, List<String> keys)
      throws SQLException {
    violations.clear();
    hear(lines);
    readSteps(connection);
    readRoots(connection, keys);
    readRecords(connection);
    handedOut.forEach((serial, tbs) -> {
      Row row = records.get(serial);
      check(
          row != null, () -> "certificate %s was handed out and is not recorded".formatted(serial));
      check(
          row == null || row.tbsSha256().equals(tbs),
          () -> "certificate %s is not the one that was recorded".formatted(serial));
    });
    handedOut.clear();
    check(
        records.size() - recordsBefore >= signed,
        () ->
            "%d signatures were made and %d recorded"
                .formatted(signed, records.size() - recordsBefore));
    return List.copyOf(violations);
  }

  private void check(boolean holds, Supplier<String> what) {
    if (!holds) {
      violations.add(what.get());
    }
  }

  private void hear(List<String> lines) {
    for (String line : lines) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "signed" -> signed++;
        case "certificate" ->
            check(
                handedOut.put(words[1], words[2]) == null && !records.containsKey(words[1]),
                () -> "serial %s was handed out twice".formatted(words[1]));
        case "violation" -> violations.add(line);
        default -> {}
      }
    }
  }

  private void readSteps(Connection connection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT version, at, kind, key_id, overrides FROM trust_step WHERE version > ?"
                + " ORDER BY version")) {
      select.setLong(1, version);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          long read = row.getLong(1);
          check(
              read == version + 1,
              () -> "a step led from version %d to %d".formatted(version, read));
          version = read;
          check(
              row.getString(5).isEmpty(), () -> "version %d passed over somebody".formatted(read));
          step(Step.Kind.valueOf(row.getString(3)), row.getString(4), row.getLong(2));
        }
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version, revision FROM bundle")) {
      check(row.next(), () -> "there is no bundle row");
      long foundVersion = row.getLong(1);
      long foundRevision = row.getLong(2);
      check(
          foundVersion == version,
          () -> "the version is %d, not %d".formatted(foundVersion, version));
      check(
          foundRevision == revision,
          () -> "the revision is %d, not %d".formatted(foundRevision, revision));
    }
  }

  private void step(Step.Kind kind, String id, long at) {
    switch (kind) {
      case PREPARE ->
          check(
              roots.put(id, new Root(AuthorityState.PREPARED, at)) == null,
              () -> "%s was there".formatted(id));
      case PUBLISH -> change(id, kind, AuthorityState.PUBLISHED, AuthorityState.PREPARED);
      case ACTIVATE -> {
        for (Root other : roots.values()) {
          if (other.state == AuthorityState.ACTIVE) {
            other.state = AuthorityState.RETIRING;
          }
        }
        Root root = change(id, kind, AuthorityState.ACTIVE, AuthorityState.PUBLISHED);
        root.from = at;
      }
      case RETIRE -> {
        change(id, kind, AuthorityState.RETIRED, AuthorityState.RETIRING).until = at;
        completed++;
      }
      case REVOKE -> {
        change(id, kind, AuthorityState.REVOKED, AuthorityState.TAINTED).until = at;
        completed++;
      }
      case ABORT -> {
        boolean published = root(id).state == AuthorityState.PUBLISHED;
        revision += published ? 1 : 0;
        change(id, kind, AuthorityState.RETIRED, AuthorityState.PREPARED, AuthorityState.PUBLISHED);
      }
      case TAINT ->
          change(id, kind, AuthorityState.TAINTED, AuthorityState.ACTIVE, AuthorityState.RETIRING);
      case PAUSE, RESUME, BAN, UNBAN -> {}
    }
    if (kind == Step.Kind.PUBLISH || kind == Step.Kind.RETIRE || kind == Step.Kind.REVOKE) {
      revision++;
    }
  }

  private Root root(String id) {
    Root known = roots.get(id);
    check(known != null, () -> "%s is no root that was prepared".formatted(id));
    return known == null ? new Root(AuthorityState.PREPARED, Long.MAX_VALUE) : known;
  }

  private Root change(String id, Step.Kind kind, AuthorityState to, AuthorityState... from) {
    Root root = root(id);
    check(
        Set.of(from).contains(root.state),
        () -> "%s of %s, which was %s".formatted(kind, id, root.state));
    root.state = to;
    return root;
  }

  private void readRoots(Connection connection, List<String> keys) throws SQLException {
    Set<String> found = new HashSet<>();
    String sql = "SELECT key_id, state, certificate IS NOT NULL FROM authority WHERE role = 'ROOT'";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        String id = row.getString(1);
        AuthorityState state = AuthorityState.valueOf(row.getString(2));
        found.add(id);
        check(
            root(id).state == state,
            () -> "%s is %s, by the steps %s".formatted(id, state, root(id).state));
        boolean gone = state == AuthorityState.RETIRED || state == AuthorityState.REVOKED;
        check(
            gone || !row.getBoolean(3) || keys.contains(id),
            () -> "%s is %s and has no key".formatted(id, state));
      }
    }
    check(
        found.containsAll(roots.keySet()),
        () -> "of the roots %s there are %s".formatted(roots.keySet(), found));
    long active = roots.values().stream().filter(of -> of.state == AuthorityState.ACTIVE).count();
    boolean tainted = roots.values().stream().anyMatch(of -> of.state == AuthorityState.TAINTED);
    check(active == 1 || (active == 0 && tainted), () -> "%d roots are active".formatted(active));
    long next =
        roots.values().stream()
            .filter(
                of -> of.state == AuthorityState.PREPARED || of.state == AuthorityState.PUBLISHED)
            .count();
    check(next <= 1, () -> "%d roots are about to come".formatted(next));
  }

  /** Keys of roots that are gone; none once the CA had the time. */
  List<String> useless(List<String> keys) {
    return keys.stream()
        .filter(id -> {
          Root root = roots.get(id);
          return root != null
              && (root.state == AuthorityState.RETIRED || root.state == AuthorityState.REVOKED);
        })
        .toList();
  }

  private void readRecords(Connection connection) throws SQLException {
    Map<String, String> issuers = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT key_id, root_key_id FROM authority WHERE role = 'ISSUING'")) {
      while (row.next()) {
        issuers.put(row.getString(1), row.getString(2));
      }
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT sequence, serial, tbs_sha256, kind, authority_key_id, recorded_at"
                + " FROM issuance WHERE sequence > ? ORDER BY sequence")) {
      select.setLong(1, sequence);
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          sequence = row.getLong(1);
          String serial = row.getString(2);
          Row read = new Row(row.getString(3), row.getString(4), row.getString(5), row.getLong(6));
          check(
              records.put(serial, read) == null,
              () -> "serial %s is recorded twice".formatted(serial));
          signer(serial, read, issuers);
        }
      }
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM issuance")) {
      check(
          row.next() && row.getInt(1) == records.size(),
          () -> "of %d records some are gone".formatted(records.size()));
    }
  }

  /** Nothing is below a root before it was published and activated, or after it left. */
  private void signer(String serial, Row row, Map<String, String> issuers) {
    if (row.kind().equals("ROOT")) {
      Root self = root(row.signer());
      check(
          self.preparedAt <= row.recordedAt(),
          () -> "root %s was made unasked".formatted(row.signer()));
      return;
    }
    String id = row.kind().equals("AUTHORITY") ? row.signer() : issuers.get(row.signer());
    check(
        id != null,
        () -> "%s is signed by %s, which is no authority".formatted(serial, row.signer()));
    if (id != null) {
      Root root = root(id);
      check(
          root.from <= row.recordedAt() && row.recordedAt() <= root.until,
          () ->
              "%s %s is below %s at %d, which signs from %d until %d"
                  .formatted(row.kind(), serial, id, row.recordedAt(), root.from, root.until));
    }
  }
}
