package dev.signet.agent.upstream;

import org.jspecify.annotations.Nullable;

/** The agent's own ServiceAccount token. It prints nothing of itself. */
public final class AgentToken {
  private final String value;

  private AgentToken(String value) {
    this.value = value;
  }

  /**
   * Reads the text of a token.
   *
   * @throws IllegalArgumentException if the text is no token; the message never quotes it
   */
  public static AgentToken parse(String text) {
    if (text.isEmpty() || text.length() > 16 * 1024) {
      throw new IllegalArgumentException("a token has 1 to 16384 characters");
    }
    if (!text.matches("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+")) {
      throw new IllegalArgumentException("it is no JWT in compact form");
    }
    return new AgentToken(text);
  }

  /** The token itself, for the CA and nobody else. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof AgentToken token && value.equals(token.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "AgentToken[redacted]";
  }
}
