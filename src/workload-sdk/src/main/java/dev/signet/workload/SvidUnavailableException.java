package dev.signet.workload;

/**
 * There is no valid SVID now: none has come yet, the one held has ended, or the source is closed.
 * {@link #status} says which, and why.
 */
public final class SvidUnavailableException extends WorkloadException {

  private static final long serialVersionUID = 1L;

  private final transient SourceStatus status;

  SvidUnavailableException(String what, WorkloadApiEndpoint endpoint, SourceStatus status) {
    super(what + " (Workload API " + endpoint + "): " + status.summary() + nextStep(status));
    this.status = status;
  }

  private static String nextStep(SourceStatus status) {
    if (status.state() == SourceStatus.State.CLOSED) {
      return "; open a new X509Source";
    }
    return switch (status
        .problem()
        .map(SourceStatus.Problem::kind)
        .orElse(SourceStatus.Kind.UNAVAILABLE)) {
      case UNAVAILABLE ->
          "; check that the agent runs on this node and that the volume with its socket is mounted here";
      case REFUSED -> "; the agent knows why: ask it or its operator for the decision on this pod";
      case UNSUPPORTED ->
          "; check that the address is that of a SPIFFE Workload API with its X.509 profile switched on";
      case INVALID_MESSAGE ->
          "; the agent sends what the SPIFFE standard does not allow: see its log";
    };
  }

  /** The state of the source when this was thrown. */
  public SourceStatus status() {
    return status;
  }
}
