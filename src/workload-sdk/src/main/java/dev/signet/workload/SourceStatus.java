package dev.signet.workload;

import dev.signet.spiffe.SpiffeId;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How an {@link X509Source} is doing: fit for a health page. Immutable, taken at one instant.
 *
 * @param state what the source can do now
 * @param id the identity of the SVID held, if there is one (an expired one included)
 * @param notAfter when that SVID ends
 * @param problem what keeps the source from being {@code READY}; empty when nothing does
 * @param discardedMessages messages of the Workload API that were refused since the source was
 *     opened
 * @param acknowledgedRevision the revision of the trust bundle that a Signet agent has confirmed as
 *     loaded here; empty before the first confirmation, and always with an agent that is not
 *     Signet's
 */
public record SourceStatus(
    State state,
    Optional<SpiffeId> id,
    Optional<Instant> notAfter,
    Optional<Problem> problem,
    long discardedMessages,
    OptionalLong acknowledgedRevision) {

  /**
   * What the source can do. No state but {@code CLOSED} is an end: each heals by itself once its
   * cause is gone.
   */
  public enum State {
    /** No SVID has come yet. */
    WAITING,
    /** A valid SVID, and the stream that renews it is up. */
    READY,
    /** A valid SVID, but nothing renews it at the moment: {@link SourceStatus#problem} says why. */
    DEGRADED,
    /** The SVID held has ended. It is not presented, and no peer is accepted. */
    EXPIRED,
    /** {@link X509Source#close} was called. */
    CLOSED
  }

  /** The kinds of trouble between the source and its Workload API, by what has to change. */
  public enum Kind {
    /**
     * Nobody answers, or the answer is "not now". The usual state while an agent starts or
     * restarts.
     */
    UNAVAILABLE,
    /** The agent has decided that this workload gets no identity. Policy has to change. */
    REFUSED,
    /**
     * What answers does not speak this API or this version of it. Tried again seldom: see {@link
     * X509Source}.
     */
    UNSUPPORTED,
    /**
     * The last message broke a rule of the standard and was discarded; the content before it is
     * kept.
     */
    INVALID_MESSAGE
  }

  /**
   * One trouble.
   *
   * @param kind what has to change
   * @param detail for people: the status code with its description, or the rule that was broken
   */
  public record Problem(Kind kind, String detail) {}

  /** One line for people. */
  String summary() {
    StringBuilder line = new StringBuilder(state.toString());
    id.ifPresent(i -> line.append(", ").append(i));
    notAfter.ifPresent(t -> line.append(", SVID until ").append(t));
    problem.ifPresent(p -> line.append("; ").append(p.kind()).append(": ").append(p.detail()));
    return line.toString();
  }
}
