package dev.signet.ca.issuance;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.VerifiedX509Svid;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A node agent at the other end of a connection, as its verified SVID names it. Whether it still is
 * the node's agent is another question: {@link #alive}. Immutable.
 */
public final class AgentPeer {
  private static final String UNIT = "agent";

  private final SpiffeId id;
  private final String cluster;
  private final String nodeName;
  private final String serial;
  private final Instant notAfter;

  AgentPeer(SpiffeId id, String cluster, String nodeName, String serial, Instant notAfter) {
    this.id = id;
    this.cluster = cluster;
    this.nodeName = nodeName;
    this.serial = serial;
    this.notAfter = notAfter;
  }

  /**
   * Reads who the peer is.
   *
   * @throws RefusedException with {@link RefusalReason#CALLER_NOT_AGENT}
   */
  public static AgentPeer of(TrustDomain trustDomain, VerifiedX509Svid svid)
      throws RefusedException {
    SpiffeId id = svid.id();
    List<String> path = id.segments();
    if (!id.trustDomain().equals(trustDomain)
        || path.size() != 4
        || !path.get(0).equals(ReservedIds.ROOT)
        || !path.get(1).equals(UNIT)) {
      throw new RefusedException(RefusalReason.CALLER_NOT_AGENT, "the caller is " + id);
    }
    String serial = svid.leaf().getSerialNumber().toString(16).toLowerCase(Locale.ROOT);
    return new AgentPeer(id, path.get(2), path.get(3), serial, svid.notAfter());
  }

  /**
   * The live agent's record, if this peer is that agent and shows its newest SVID.
   *
   * @throws RefusedException with {@link RefusalReason#AGENT_NOT_LIVE}
   */
  public LiveAgent alive(Optional<LiveAgent> live, Instant now) throws RefusedException {
    if (live.isEmpty()) {
      throw notLive("no agent is known on node " + nodeName);
    }
    if (!live.get().serial().equals(serial)) {
      throw notLive("it shows serial " + serial + ", the newest is " + live.get().serial());
    }
    if (!now.isBefore(notAfter)) {
      throw notLive("its SVID ended at " + notAfter);
    }
    return live.get();
  }

  private RefusedException notLive(String detail) {
    return new RefusedException(RefusalReason.AGENT_NOT_LIVE, id + ": " + detail);
  }

  public SpiffeId id() {
    return id;
  }

  public String cluster() {
    return cluster;
  }

  public String nodeName() {
    return nodeName;
  }

  /** Of the SVID it showed; lower-case hex without leading zeros. */
  public String serial() {
    return serial;
  }

  /** End of the SVID it showed. */
  public Instant notAfter() {
    return notAfter;
  }

  @Override
  public String toString() {
    return id + " (serial " + serial + ")";
  }
}
