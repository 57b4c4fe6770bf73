package dev.signet.ca.bundle;

import java.util.Optional;

/**
 * A place where the bundle is published for agents to dial the CA with. A reader sees the old one
 * or the new one, whole. Implementations are thread-safe and may block.
 */
public interface PublishedBundle {
  /** In the operator's words, such as {@code the ConfigMap signet-system/signet-trust-bundle}. */
  String name();

  /** The command that removes what is published. */
  String howToClear();

  /**
   * Looks at what is there.
   *
   * @throws PublicationException if that cannot be known now
   */
  Look look() throws PublicationException, InterruptedException;

  /** What was found at one moment. */
  interface Look {
    /** PEM, if there is any. */
    Optional<String> text();

    /**
     * Puts {@code pem} in its place, and touches nothing beside it.
     *
     * @throws PublicationException also if it is not what was looked at any more
     */
    void replace(String pem) throws PublicationException, InterruptedException;
  }
}
