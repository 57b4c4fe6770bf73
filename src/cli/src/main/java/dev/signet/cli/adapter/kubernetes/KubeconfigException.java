package dev.signet.cli.adapter.kubernetes;

/** No usable way to a cluster is configured. The message says why, and what to do. */
public final class KubeconfigException extends Exception {
  private static final long serialVersionUID = 1L;

  KubeconfigException(String message) {
    super(message);
  }

  KubeconfigException(String message, Throwable cause) {
    super(message, cause);
  }
}
