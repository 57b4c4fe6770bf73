package dev.signet.ca.session;

import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The sessions of the agents that are connected to this replica, at most one a node.
 *
 * <p>Guarantees: each session gets the current bundle when it opens and every change after that, in
 * order; a removal reaches the session that serves the pod, also if it opens shortly after; a
 * session ends when its peer's certificate ends or a newer one was issued to the node's agent.
 * Nothing here polls. Thread-safe; nothing blocks, sinks are only handed things.
 */
public final class Sessions implements PodRemovals {
  private static final int REMEMBERED_REMOVALS = 20_000;

  private final CurrentBundle bundles;
  private final InstantSource clock;
  private final ScheduledExecutorService timers;
  private final int most;
  private final Map<Node, Session> byNode = new HashMap<>();
  private final Map<String, Set<Session>> byPod = new HashMap<>();
  private boolean stopped;
  private final RecentRemovals removals = new RecentRemovals(REMEMBERED_REMOVALS);

  private record Node(String cluster, String name) {
    static Node of(AgentPeer agent) {
      return new Node(agent.cluster(), agent.nodeName());
    }
  }

  /**
   * Makes an empty registry.
   *
   * @param timers ends sessions at their certificate's end
   * @param most sessions at a time
   */
  public Sessions(
      CurrentBundle bundles, InstantSource clock, ScheduledExecutorService timers, int most) {
    this.bundles = bundles;
    this.clock = clock;
    this.timers = timers;
    this.most = most;
  }

  /** Begins to pass changes of the bundle on. To be called once. */
  public void start() {
    bundles.follow(this::publish);
  }

  /**
   * Opens a session; an older one of the same node ends.
   *
   * @throws RefusedException with {@link RefusalReason#OVERLOADED} if there are too many
   */
  public synchronized Session open(AgentPeer agent, SessionSink sink, Acknowledgement said)
      throws RefusedException {
    if (stopped) {
      throw new RefusedException(RefusalReason.SHUTTING_DOWN, "the server stops");
    }
    Node node = Node.of(agent);
    Session older = byNode.get(node);
    if (older == null && byNode.size() >= most) {
      throw new RefusedException(RefusalReason.OVERLOADED, most + " sessions are open");
    }
    if (older != null) {
      end(older, RefusalReason.AGENT_NOT_LIVE, "a newer session of " + agent + " takes its place");
    }
    Session session = new Session(agent, sink, said);
    byNode.put(node, session);
    sink.bundle(bundles.get());
    session.index(said.leaves().keySet());
    return session;
  }

  /** The node's agent was issued a newer SVID: a session under an older one ends. */
  public synchronized void superseded(String cluster, String nodeName, String newest) {
    Session session = byNode.get(new Node(cluster, nodeName));
    if (session != null && !session.agent.serial().equals(newest)) {
      end(
          session,
          RefusalReason.AGENT_NOT_LIVE,
          session.agent + " was replaced by serial " + newest);
    }
  }

  @Override
  public synchronized Set<String> servedPods() {
    return Set.copyOf(byPod.keySet());
  }

  @Override
  public synchronized void removed(String podUid, RemovalCause cause) {
    if (removals.add(podUid, cause)) {
      byPod.getOrDefault(podUid, Set.of()).forEach(session -> session.sink.removal(podUid, cause));
    }
  }

  /** All agents that are connected, as they are now. */
  public synchronized List<AgentState> agents() {
    return byNode.values().stream().map(Session::state).toList();
  }

  /** Ends all sessions, and opens no more: this server stops. */
  public synchronized void shutDown() {
    stopped = true;
    for (Session session : List.copyOf(byNode.values())) {
      end(session, RefusalReason.SHUTTING_DOWN, "the server stops");
    }
  }

  private synchronized void publish(TrustBundle bundle) {
    byNode.values().forEach(session -> session.sink.bundle(bundle));
  }

  private synchronized void expire(Session session) {
    if (session.open()) {
      end(
          session,
          RefusalReason.AGENT_NOT_LIVE,
          session.agent + " ended at " + session.agent.notAfter());
    }
  }

  private void end(Session session, RefusalReason reason, String why) {
    session.forget();
    session.sink.end(Refusal.of(reason, why));
  }

  /** One agent's session. Thread-safe; after its end it does nothing. */
  public final class Session {
    private final AgentPeer agent;
    private final SessionSink sink;
    private final ScheduledFuture<?> expiry;
    private Acknowledgement said;
    private Instant heard;

    private Session(AgentPeer agent, SessionSink sink, Acknowledgement said) {
      this.agent = agent;
      this.sink = sink;
      this.said = said;
      this.heard = clock.instant();
      this.expiry =
          timers.schedule(
              () -> expire(this),
              Duration.between(heard, agent.notAfter()).toMillis(),
              TimeUnit.MILLISECONDS);
    }

    /**
     * The agent's next word, as a change of its last.
     *
     * @throws RefusedException with {@link RefusalReason#REQUEST_MALFORMED} if it has too many pods
     */
    public void acknowledged(Acknowledgement change) throws RefusedException {
      synchronized (Sessions.this) {
        if (!open()) {
          return;
        }
        try {
          said = said.followedBy(change);
        } catch (IllegalArgumentException e) {
          throw new RefusedException(
              RefusalReason.REQUEST_MALFORMED, agent.id() + ": " + e.getMessage(), e);
        }
        heard = clock.instant();
        unindex(change.endedPods());
        index(change.leaves().keySet());
      }
    }

    /** The agent lives. */
    public void heard() {
      synchronized (Sessions.this) {
        heard = clock.instant();
      }
    }

    /** The stream is gone. */
    public void closed() {
      synchronized (Sessions.this) {
        forget();
      }
    }

    private boolean open() {
      return byNode.get(Node.of(agent)) == this;
    }

    private AgentState state() {
      return new AgentState(agent, said, heard);
    }

    private void index(Set<String> pods) {
      for (String pod : pods) {
        if (byPod.computeIfAbsent(pod, _ -> new HashSet<>()).add(this)) {
          removals.of(pod).ifPresent(cause -> sink.removal(pod, cause));
        }
      }
    }

    private void unindex(Set<String> pods) {
      for (String pod : pods) {
        byPod.computeIfPresent(
            pod, (_, serving) -> serving.remove(this) && serving.isEmpty() ? null : serving);
      }
    }

    private void forget() {
      expiry.cancel(false);
      if (byNode.remove(Node.of(agent), this)) {
        unindex(said.leaves().keySet());
      }
    }
  }
}
