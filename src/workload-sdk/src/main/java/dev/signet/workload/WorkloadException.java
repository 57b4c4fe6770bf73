package dev.signet.workload;

/**
 * What can go wrong between an application and its Workload API. Unchecked: most callers can only
 * report it.
 *
 * <p>Messages name what was wrong and the next step, and never hold a key.
 */
public abstract sealed class WorkloadException extends RuntimeException
    permits InvalidEndpointException, SvidUnavailableException {

  private static final long serialVersionUID = 1L;

  WorkloadException(String message) {
    super(message);
  }
}
