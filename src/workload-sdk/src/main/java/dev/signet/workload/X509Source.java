package dev.signet.workload;

import dev.signet.workload.SourceStatus.Kind;
import dev.signet.workload.SourceStatus.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This workload's X509-SVID and trust bundles, always the current ones.
 *
 * <p>A source holds one stream of the SPIFFE Workload API. Each message replaces the whole content
 * at once; a message that breaks a rule is discarded, counted, and the content before it stays.
 * Whatever ends the stream, the source opens it again, at once and then with a growing, random wait
 * of at most 10 seconds, for as long as it is open: "not yet" and "not now" are states ({@link
 * #status}), not ends. That holds even for the two answers that the standard advises not to retry,
 * INVALID_ARGUMENT and UNIMPLEMENTED, because a process cannot be told apart from one whose agent
 * is just being replaced; they are retried seldom, every 30 to 60 seconds.
 *
 * <p>A refusal (PERMISSION_DENIED) does not take away the SVID that is held: an agent says so, too,
 * before an identity exists, and an SVID is withdrawn by its short life alone, with this client as
 * with others.
 *
 * <p>An SVID that has ended is never handed out, nor presented by a {@link SpiffeTls} context: the
 * state is {@code EXPIRED} and says why no newer one came.
 *
 * <p>To a Signet agent the source acknowledges what it has loaded, which is what the rotation of a
 * trust root waits for.
 *
 * <p>Thread-safe. One per process and Workload API is enough; it has two daemon threads. Whoever
 * opens a source closes it.
 */
public final class X509Source implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(X509Source.class);

  /** A listener's registration: closing it ends the calls. */
  public interface Subscription extends AutoCloseable {
    @Override
    void close();
  }

  private final SourceRuntime runtime;
  private final SourceState state;
  private final WorkloadApiClient client;
  private final List<Consumer<? super X509Context>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable Future<?> expiry;

  private X509Source(WorkloadApiEndpoint endpoint, SourceRuntime runtime) {
    this.runtime = runtime;
    this.state = new SourceState(endpoint, runtime.clock());
    this.client =
        new WorkloadApiClient(
            new WorkloadApiTransport(endpoint, runtime.executor()), runtime, new Updates());
  }

  /**
   * Opens a source on the endpoint that {@code SPIFFE_ENDPOINT_SOCKET} names and waits for the
   * first SVID.
   *
   * @param timeout how long to wait
   * @throws InvalidEndpointException if the variable is not set or not legal
   * @throws SvidUnavailableException if no SVID came in time; it says what the Workload API
   *     answered last, and the source is closed again
   */
  public static X509Source open(Duration timeout) {
    return open(WorkloadApiEndpoint.fromEnvironment(), timeout);
  }

  /** As {@link #open(Duration)}, on this endpoint. */
  public static X509Source open(WorkloadApiEndpoint endpoint, Duration timeout) {
    return open(endpoint, timeout, SourceRuntime.system());
  }

  static X509Source open(WorkloadApiEndpoint endpoint, Duration timeout, SourceRuntime runtime) {
    X509Source source = start(endpoint, runtime);
    try {
      source.await(timeout);
      return source;
    } catch (SvidUnavailableException e) {
      source.close();
      throw e;
    }
  }

  /**
   * Opens a source and returns at once, for a process that has something to do without an identity.
   * {@link #await} waits for the first SVID; until then connections of a {@link SpiffeTls} context
   * fail.
   */
  public static X509Source start(WorkloadApiEndpoint endpoint) {
    return start(endpoint, SourceRuntime.system());
  }

  static X509Source start(WorkloadApiEndpoint endpoint, SourceRuntime runtime) {
    Objects.requireNonNull(endpoint, "endpoint");
    X509Source source = new X509Source(endpoint, runtime);
    source.client.start();
    return source;
  }

  /**
   * Waits until there is a valid SVID.
   *
   * @throws SvidUnavailableException if none came in time, the source is closed, or the thread is
   *     interrupted (its interrupt flag is then set)
   */
  public X509Context await(Duration timeout) {
    return state.await(timeout).context();
  }

  /**
   * The content now, as one value. Ask anew for each use: a kept value grows old.
   *
   * @throws SvidUnavailableException if there is no valid SVID now
   */
  public X509Context context() {
    return state.identity().context();
  }

  /** How the source is doing; never fails. */
  public SourceStatus status() {
    return state.status();
  }

  /**
   * Calls {@code listener} with the present content, if there is one, and with each later one.
   * {@link SpiffeTls} contexts need no listener: they follow by themselves.
   *
   * @param listener called on the source's own thread, in order: it must not block. What it throws
   *     is logged
   */
  public Subscription onUpdate(Consumer<? super X509Context> listener) {
    // The same listener may be registered twice; each registration ends its own.
    Consumer<X509Context> registered = listener::accept;
    AtomicBoolean over = new AtomicBoolean();
    try {
      runtime.executor().execute(() -> register(registered, over));
    } catch (RejectedExecutionException e) {
      LOG.debug("a listener came to a closed source");
    }
    return () -> {
      over.set(true);
      listeners.remove(registered);
    };
  }

  /**
   * Ends the stream and forgets the key. Connections that are up stay up; new ones fail. Returns
   * without waiting for a listener that is being called. Closing twice does nothing.
   */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      state.close();
      listeners.clear();
      client.close();
    }
  }

  /** What JSSE's managers read. */
  LiveIdentity identity() {
    return state.identity();
  }

  Instant now() {
    return state.now();
  }

  private void register(Consumer<X509Context> listener, AtomicBoolean over) {
    if (closed.get()) {
      return;
    }
    listeners.add(listener);
    // In this order: a subscription that is closed meanwhile is removed by one side or the other.
    if (over.get()) {
      listeners.remove(listener);
    } else {
      tell(listener);
    }
  }

  private void tell(Consumer<? super X509Context> listener) {
    try {
      listener.accept(state.identity().context());
    } catch (SvidUnavailableException e) {
      LOG.debug("nothing valid to tell a listener");
    } catch (RuntimeException e) {
      LOG.warn("a listener of the X509 source failed", e);
    }
  }

  /** What the client reports, on the executor. */
  private final class Updates implements WorkloadApiClient.Receiver {

    @Override
    public void received(X509Message message) {
      if (state.loaded(message.context())) {
        message.leftOut().forEach(why -> LOG.warn("a federated bundle is not used: {}", why));
        watchExpiry(message.context());
        listeners.forEach(X509Source.this::tell);
      }
    }

    private void watchExpiry(X509Context context) {
      if (expiry != null) {
        expiry.cancel(false);
      }
      Duration left = Duration.between(state.now(), context.svid().notAfter());
      ScheduledExecutorService executor = runtime.executor();
      expiry = executor.schedule(state::expired, left.toMillis() + 1, TimeUnit.MILLISECONDS);
    }

    @Override
    public void discarded(String problem) {
      state.discarded(problem);
    }

    @Override
    public void ended(Problem problem, Duration wait) {
      if (problem.kind() == Kind.INVALID_MESSAGE) {
        state.discarded(problem.detail());
      } else {
        state.failing(problem);
      }
      LOG.debug("Workload API stream ended: {}; next try in {}", problem.detail(), wait);
    }

    @Override
    public void acknowledged(long revision) {
      state.acknowledged(revision);
    }
  }
}
