package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.issuance.LiveAgent;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RefusedException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** The live agents in PostgreSQL. Thread-safe. */
final class PostgresLiveAgents implements LiveAgents {
  private static final String SELECT =
      "SELECT a.cluster, a.node_name, a.node_uid, a.pod_namespace, a.pod_name, a.pod_uid, a.serial,"
          + " i.recorded_at, a.not_after FROM live_agent a JOIN issuance i ON i.serial = a.serial"
          + " WHERE a.cluster = ? AND a.node_name = ?";

  private final PostgresPools pools;

  PostgresLiveAgents(PostgresPools pools) {
    this.pools = pools;
  }

  @Override
  public Optional<LiveAgent> on(String cluster, String nodeName) throws RefusedException {
    return pools.query(SELECT, PostgresLiveAgents::agent, cluster, nodeName).stream().findFirst();
  }

  private static LiveAgent agent(ResultSet row) throws SQLException {
    return new LiveAgent(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        Instant.ofEpochMilli(row.getLong(8)),
        Instant.ofEpochMilli(row.getLong(9)));
  }
}
