package dev.signet.ca.session;

import dev.signet.ca.bundle.CurrentBundle;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.AgentPeer;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.AgentReport;
import dev.signet.ca.rotation.NodeRef;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The sessions of the agents that are connected to this replica, at most one a node.
 *
 * <p>Guarantees: each session gets the current bundle when it opens and every change after that, in
 * order, and likewise the order which leaves are to be replaced; what an agent says is passed on in
 * its order; a banned node has no session; a removal reaches the session that serves the pod, also
 * if it opens shortly after; a session ends when its peer's certificate ends or a newer one was
 * issued to the node's agent. Nothing here polls. Thread-safe; nothing blocks, sinks are only
 * handed things.
 */
public final class Sessions implements PodRemovals {
  /** How often it is passed on that an agent lives which has nothing else to say. */
  static final Duration HEARD = Duration.ofSeconds(20);

  private static final int REMEMBERED_REMOVALS = 20_000;

  private final CurrentBundle bundles;
  private final InstantSource clock;
  private final ScheduledExecutorService timers;
  private final int most;
  private final Evidence evidence;
  private final Predicate<NodeRef> banned;
  private final List<Consumer<NodeRef>> onBan = new CopyOnWriteArrayList<>();
  private final Map<NodeRef, Session> byNode = new HashMap<>();
  private final Map<String, Set<Session>> byPod = new HashMap<>();
  private Set<String> reissue = Set.of();
  private boolean stopped;
  private final RecentRemovals removals = new RecentRemovals(REMEMBERED_REMOVALS);

  /**
   * Where what agents say goes.
   *
   * @param replica that hears it: this one's name
   */
  public record Evidence(String replica, AgentWords words) {}

  /**
   * Makes an empty registry.
   *
   * @param timers ends sessions at their certificate's end
   * @param most sessions at a time
   * @param banned nodes whose agents get nothing, by what is known here and now; must not block
   */
  public Sessions(
      CurrentBundle bundles,
      InstantSource clock,
      ScheduledExecutorService timers,
      int most,
      Evidence evidence,
      Predicate<NodeRef> banned) {
    this.bundles = bundles;
    this.clock = clock;
    this.timers = timers;
    this.most = most;
    this.evidence = evidence;
    this.banned = banned;
  }

  /** Begins to pass changes of the bundle on. To be called once. */
  public void start() {
    bundles.follow(this::publish);
  }

  /**
   * Opens a session; an older one of the same node ends.
   *
   * @throws RefusedException with {@link RefusalReason#OVERLOADED} if there are too many, with
   *     {@link RefusalReason#AGENT_BANNED} if the node is banned
   */
  public synchronized Session open(AgentPeer agent, SessionSink sink, Acknowledgement said)
      throws RefusedException {
    if (stopped) {
      throw new RefusedException(RefusalReason.SHUTTING_DOWN, "the server stops");
    }
    requireNotBanned(agent);
    NodeRef node = node(agent);
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
    // Also the empty one: the agent may remember another.
    sink.reissue(reissue);
    session.index(said.pods().keySet());
    session.tell(true, said.pods(), Set.of());
    return session;
  }

  /**
   * Refuses a banned node's agent; to be asked for every call.
   *
   * @throws RefusedException with {@link RefusalReason#AGENT_BANNED}
   */
  public void requireNotBanned(AgentPeer agent) throws RefusedException {
    NodeRef node = node(agent);
    if (banned.test(node)) {
      throw new RefusedException(RefusalReason.AGENT_BANNED, agent + " of " + node);
    }
  }

  private static NodeRef node(AgentPeer agent) {
    return new NodeRef(agent.cluster(), agent.nodeName());
  }

  /**
   * A node is banned: its session ends at once, and its connections soon after. The predicate has
   * to say so by now, or the agent may be back at once.
   */
  public void ban(String cluster, String nodeName) {
    NodeRef node = new NodeRef(cluster, nodeName);
    synchronized (this) {
      Session session = byNode.get(node);
      if (session != null) {
        end(session, RefusalReason.AGENT_BANNED, session.agent + " of " + node);
      }
    }
    onBan.forEach(action -> action.accept(node));
  }

  /** Runs the action, which must not block, with each node that is banned. */
  public void onBan(Consumer<NodeRef> action) {
    onBan.add(action);
  }

  /**
   * Leaves of these issuing authorities are to be replaced now, on all nodes, by the sessions that
   * are open and those that open later; replaces the order before.
   *
   * @param authorityKeyIds subject key identifiers, lower-case hex; empty for none
   */
  public synchronized void reissue(Set<String> authorityKeyIds) {
    Set<String> order = Set.copyOf(authorityKeyIds);
    if (!order.equals(reissue)) {
      reissue = order;
      byNode.values().forEach(session -> session.sink.reissue(order));
    }
  }

  /** The node's agent was issued a newer SVID: a session under an older one ends. */
  public synchronized void superseded(String cluster, String nodeName, String newest) {
    Session session = byNode.get(new NodeRef(cluster, nodeName));
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
    private Instant told = Instant.MIN;

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
        Map<String, PodWord> changed = new HashMap<>(change.pods());
        changed.keySet().removeAll(change.endedPods());
        index(changed.keySet());
        tell(false, changed, change.endedPods());
      }
    }

    /** The agent lives. */
    public void heard() {
      synchronized (Sessions.this) {
        heard = clock.instant();
        if (open() && !heard.isBefore(told.plus(HEARD))) {
          tell(false, Map.of(), Set.of());
        }
      }
    }

    private void tell(boolean full, Map<String, PodWord> pods, Set<String> ended) {
      told = heard;
      Map<String, List<AgentReport.Seen>> consumers = new HashMap<>();
      pods.forEach((uid, word) -> consumers.put(uid, word.consumers()));
      evidence.words.said(
          new AgentReport(
              node(agent), said.revision(), evidence.replica, heard, full, consumers, ended));
    }

    /** The stream is gone. */
    public void closed() {
      synchronized (Sessions.this) {
        forget();
      }
    }

    private boolean open() {
      return byNode.get(node(agent)) == this;
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
      if (byNode.remove(node(agent), this)) {
        unindex(said.pods().keySet());
        evidence.words().gone(node(agent));
      }
    }
  }
}
