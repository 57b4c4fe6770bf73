package dev.signet.sandbox.api;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes chosen calls fail as a troubled API server makes them fail. Not on the wire: tests hold it
 * in the same process. A fault strikes before the caller is authenticated, from the call after its
 * injection until the injection is closed; the latest injection that matches wins. Thread-safe.
 */
public final class FaultSwitch {
  private final List<Injection> active = new CopyOnWriteArrayList<>();

  FaultSwitch() {}

  /** Strikes matching calls until the injection is closed. */
  public Injection inject(Match match, Fault fault) {
    Injection injection = new Injection(match, fault);
    active.addFirst(injection);
    return injection;
  }

  /** Closes every injection. */
  public void clear() {
    active.forEach(Injection::close);
  }

  /** Does to this call what is set for it; returns if the call should go on. */
  void strike(Target target) throws InterruptedException, ConnectionLostException {
    for (Injection injection : active) {
      if (injection.match.covers(target)) {
        injection.strike();
        return;
      }
    }
  }

  /**
   * Which calls.
   *
   * @param verb as in authorisation (get, list, watch, create, update, delete), or {@code *}
   * @param resource plural, with its subresource ({@code serviceaccounts/token}), or {@code *}
   */
  public record Match(String verb, String resource) {
    public static final Match EVERYTHING = new Match("*", "*");

    boolean covers(Target target) {
      return (verb.equals("*") || verb.equals(target.verb()))
          && (resource.equals("*") || resource.equals(target.path()));
    }
  }

  /** What happens to a call. */
  public sealed interface Fault {
    /** 429 with {@code Retry-After}. */
    record TooManyRequests(int retryAfterSeconds) implements Fault {}

    /** 500. */
    record ServerError() implements Fault {}

    /** 503. */
    record Unavailable() implements Fault {}

    /** No answer while the injection is open; then the call goes on as if it had just come. */
    record Hang() implements Fault {}

    /** The connection closes without an answer. */
    record CloseConnection() implements Fault {}
  }

  /** A fault that is set; closing it ends it, and lets hanging calls go on. */
  public final class Injection implements AutoCloseable {
    private final Match match;
    private final Fault fault;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong strikes = new AtomicLong();

    private Injection(Match match, Fault fault) {
      this.match = match;
      this.fault = fault;
    }

    /** Calls that were struck. */
    public long strikes() {
      return strikes.get();
    }

    @Override
    public void close() {
      active.remove(this);
      closed.countDown();
    }

    private void strike() throws InterruptedException, ConnectionLostException {
      strikes.incrementAndGet();
      switch (fault) {
        case Fault.TooManyRequests(int seconds) -> throw ApiFailure.tooManyRequests(seconds);
        case Fault.ServerError() -> throw ApiFailure.internal();
        case Fault.Unavailable() -> throw ApiFailure.unavailable();
        case Fault.Hang() -> closed.await();
        case Fault.CloseConnection() -> throw new ConnectionLostException();
      }
    }
  }

  /** The connection has to close unanswered. */
  static final class ConnectionLostException extends Exception {
    private static final long serialVersionUID = 1L;

    private ConnectionLostException() {
      super("Closed by the fault switch", null, false, false);
    }
  }
}
