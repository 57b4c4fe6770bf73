package dev.signet.workload;

/**
 * A message of the Workload API that is not to be used; the content before it stays. Never leaves
 * the package.
 */
final class DiscardedMessageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  DiscardedMessageException(String problem) {
    super(problem);
  }
}
