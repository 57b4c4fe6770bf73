package dev.signet.sandbox.shop;

import java.util.Optional;

/** Puts a failure in words. */
final class Reasons {
  private static final int DEEPEST = 10;

  private Reasons() {}

  /**
   * The message of the innermost cause: the component that refused, not those that passed it on.
   */
  static String of(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; depth < DEEPEST; depth++) {
      Throwable deeper = cause.getCause();
      if (deeper == null) {
        break;
      }
      cause = deeper;
    }
    return Optional.ofNullable(cause.getMessage()).orElse(cause.getClass().getSimpleName());
  }
}
