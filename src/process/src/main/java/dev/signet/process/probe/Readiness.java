package dev.signet.process.probe;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Whether the process can do its work, as a set of named conditions that each say why not.
 * Thread-safe.
 *
 * <p>Readiness keeps traffic away; it never ends the process. Liveness is apart: see {@link
 * ProbeServer}.
 */
public final class Readiness {
  private final List<Condition> conditions = new CopyOnWriteArrayList<>();

  /** Adds a condition, which does not hold until it is said to. */
  public Condition condition(String name, String initialReason) {
    Condition condition = new Condition(name, initialReason);
    conditions.add(condition);
    return condition;
  }

  /**
   * Whether all conditions hold, and there is one: a process that has none yet is still being put
   * together.
   */
  public boolean ready() {
    List<State> states = states();
    return !states.isEmpty() && states.stream().allMatch(State::ready);
  }

  /** All conditions as they are, in the order they were added. */
  public List<State> states() {
    return conditions.stream().map(Condition::state).toList();
  }

  /**
   * A condition as it was at one moment.
   *
   * @param reason why it does not hold; empty where it does
   */
  public record State(String name, Optional<String> reason) {
    public boolean ready() {
      return reason.isEmpty();
    }
  }

  /** One condition, to be set by the part of the process that knows. Thread-safe. */
  public static final class Condition {
    private final String name;
    private volatile Optional<String> reason;

    private Condition(String name, String initialReason) {
      this.name = name;
      this.reason = Optional.of(initialReason);
    }

    /** It holds. */
    public void ready() {
      reason = Optional.empty();
    }

    /** It does not hold; {@code why} is for the operator, and holds no secret. */
    public void notReady(String why) {
      reason = Optional.of(why);
    }

    private State state() {
      return new State(name, reason);
    }
  }
}
