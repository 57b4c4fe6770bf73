package dev.signet.sandbox.kubelet;

import io.grpc.StatusRuntimeException;
import io.kubernetes.client.openapi.ApiException;
import java.io.IOException;

/** A volume could not be mounted or unmounted now: kubelet backs off and tries again. */
final class MountException extends Exception {
  private static final long serialVersionUID = 1L;

  MountException(String message) {
    super(message);
  }

  /** The message says what the API server answered. */
  MountException(String message, ApiException cause) {
    super(message + ": " + NodeApi.reason(cause), cause);
  }

  /** The message says what the driver answered. */
  MountException(String message, StatusRuntimeException cause) {
    super(message + ": " + cause.getMessage(), cause);
  }

  MountException(String message, IOException cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
