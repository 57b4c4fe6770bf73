package dev.signet.ca.adapter.kubernetes;

import dev.signet.ca.session.RemovalCause;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one watch looks at. There is one for all pods that needs their metadata alone, which tells
 * deletion marks and deletions; and since a phase is no metadata, one for each phase that is final.
 */
enum WatchedPhase {
  ANY(null),
  SUCCEEDED("status.phase=Succeeded"),
  FAILED("status.phase=Failed");

  private final @Nullable String fieldSelector;

  WatchedPhase(@Nullable String fieldSelector) {
    this.fieldSelector = fieldSelector;
  }

  @Nullable String fieldSelector() {
    return fieldSelector;
  }

  /** What it means that a pod is there. */
  Optional<RemovalCause> present(boolean deletionMarked) {
    if (this != ANY) {
      return Optional.of(RemovalCause.FINISHED);
    }
    return deletionMarked ? Optional.of(RemovalCause.TERMINATING) : Optional.empty();
  }

  /** What it means that a pod has gone from what is watched. */
  Optional<RemovalCause> gone() {
    return this == ANY ? Optional.of(RemovalCause.DELETED) : Optional.empty();
  }
}
