package dev.signet.workload;

/**
 * The address of the Workload API is absent or has a form that the standard does not allow. Nothing
 * was dialled.
 *
 * <p>Source: SPIFFE_Workload_Endpoint.md section 4.
 */
public final class InvalidEndpointException extends WorkloadException {

  private static final long serialVersionUID = 1L;

  InvalidEndpointException(String problem) {
    super(
        problem
            + "; legal forms are unix:///absolute/path/of/the.sock and tcp://IP:PORT (for example tcp://127.0.0.1:8000"
            + " or tcp://[::1]:8000)");
  }
}
