package dev.signet.agent.svid;

import dev.signet.spiffe.X509Svid;

/** What a pod has of an identity. */
public sealed interface SvidStatus {
  /** Not yet, or not at the moment: it may come at any time. */
  record Waiting() implements SvidStatus {}

  /** Valid when it was put here; whoever hands it out looks at its end again. */
  record Held(X509Svid svid) implements SvidStatus {}

  /** The CA decided. */
  record Refused(String reason) implements SvidStatus {}
}
