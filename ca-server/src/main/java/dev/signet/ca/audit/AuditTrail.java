package dev.signet.ca.audit;

import java.util.List;

/** Where events go. Implementations are thread-safe, do not block for long and do not throw. */
@FunctionalInterface
public interface AuditTrail {
  void record(AuditEvent event);

  /** One that passes each event on to all of {@code trails}, in order. */
  static AuditTrail all(AuditTrail... trails) {
    List<AuditTrail> each = List.of(trails);
    return event -> each.forEach(trail -> trail.record(event));
  }
}
