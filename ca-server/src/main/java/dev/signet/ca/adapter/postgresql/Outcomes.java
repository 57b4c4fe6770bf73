package dev.signet.ca.adapter.postgresql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of records, on its way into the store. Losing one loses a convenience (which of the
 * recorded certificates are known to exist), never a promise. Thread-safe.
 */
final class Outcomes {
  private static final Logger log = LoggerFactory.getLogger(Outcomes.class);
  private static final int CAPACITY = 8192;
  private static final String SQL =
      "UPDATE issuance SET certificate_sha256 = signed.sha256"
          + " FROM unnest(?::text[], ?::text[]) AS signed (serial, sha256)"
          + " WHERE issuance.serial = signed.serial AND issuance.certificate_sha256 IS NULL";

  /** A certificate that was signed. */
  record Outcome(String serial, String certificateSha256) {}

  private List<Outcome> pending = new ArrayList<>();

  /** Whether it is the first that waits. */
  synchronized boolean add(Outcome outcome) {
    boolean first = pending.isEmpty();
    if (pending.size() < CAPACITY) {
      pending.add(outcome);
    } else {
      log.warn("the outcome of {} is not recorded: too many wait", outcome.serial());
    }
    return first;
  }

  synchronized boolean pending() {
    return !pending.isEmpty();
  }

  synchronized List<Outcome> take() {
    List<Outcome> taken = pending;
    pending = new ArrayList<>();
    return taken;
  }

  synchronized void giveBack(List<Outcome> taken) {
    List<Outcome> both = new ArrayList<>(taken);
    both.addAll(pending);
    pending = both;
  }

  static void write(List<Outcome> outcomes, Connection connection) throws SQLException {
    if (outcomes.isEmpty()) {
      return;
    }
    try (PreparedStatement update = connection.prepareStatement(SQL)) {
      update.setArray(1, texts(outcomes.stream().map(Outcome::serial).toArray(), connection));
      update.setArray(
          2, texts(outcomes.stream().map(Outcome::certificateSha256).toArray(), connection));
      update.executeUpdate();
    }
  }

  private static java.sql.Array texts(Object[] values, Connection connection) throws SQLException {
    return connection.createArrayOf("text", values);
  }
}
