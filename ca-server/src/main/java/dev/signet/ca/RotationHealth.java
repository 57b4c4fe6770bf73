package dev.signet.ca;

import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.RotationObserver;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustState;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a rotation stands, for metrics, for those who watch, and for the log. Thread-safe. */
final class RotationHealth implements RotationObserver {
  private static final Logger log = LoggerFactory.getLogger(RotationHealth.class);

  private final Runnable onLook;
  private volatile List<Gate> gates = List.of();
  private volatile long version;
  private volatile Optional<String> alarm = Optional.empty();
  private volatile String failure = "";

  /**
   * Makes one that has seen nothing.
   *
   * @param onLook runs whenever there may be something new to see
   */
  RotationHealth(Runnable onLook) {
    this.onLook = onLook;
  }

  @Override
  public void looked(TrustState state, List<Gate> now, Optional<String> raised) {
    boolean news = state.version() != version || !now.equals(gates) || !raised.equals(alarm);
    if (raised.isPresent() && !raised.equals(alarm)) {
      log.error("an operator is needed: {}", raised.get());
    }
    version = state.version();
    gates = now;
    alarm = raised;
    failure = "";
    if (news) {
      onLook.run();
    }
  }

  @Override
  public void failed(String why) {
    failure = why;
  }

  /** The version of the trust state that was looked at last. */
  long version() {
    return version;
  }

  /** How many consumers a step waits for; 0 where none does. */
  int missing(Step.Kind step) {
    return gates.stream()
        .filter(gate -> gate.step() == step)
        .mapToInt(gate -> gate.missing().size())
        .sum();
  }

  /** 1 while an operator is needed, or this replica cannot follow the store. */
  int alarm() {
    return alarm.isPresent() || !failure.isEmpty() ? 1 : 0;
  }
}
