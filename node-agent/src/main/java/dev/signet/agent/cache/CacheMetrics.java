package dev.signet.agent.cache;

/** What is counted of the cache. */
public interface CacheMetrics {
  /** What became of a record that an earlier agent left. */
  enum Recovered {
    /** Its socket listens and serves the SVID it had. */
    SERVED,
    /** Its socket listens; the SVID comes with kubelet's next token. */
    WAITING,
    /** The volume is not mounted any more. */
    DROPPED,
    /** Not usable, or not this node's. */
    SET_ASIDE,
    /** Its socket could not be opened; kubelet's next publish opens it. */
    FAILED
  }

  void recovered(Recovered outcome);

  /** A record could not be written or removed: after a restart its pod would be asked for anew. */
  void cacheFailed();
}
