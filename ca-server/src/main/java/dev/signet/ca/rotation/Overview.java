package dev.signet.ca.rotation;

import java.time.Instant;
import java.util.List;

/**
 * All that an operator may see of trust, at one moment.
 *
 * @param gates of the steps that are due, with who is missing
 * @param steps the newest, the newest first
 */
public record Overview(
    Instant at, TrustState state, Consumers consumers, List<Gate> gates, List<Step> steps) {
  public Overview {
    gates = List.copyOf(gates);
    steps = List.copyOf(steps);
  }
}
