package dev.signet.sandbox.kubelet;

/** A volume could not be mounted or unmounted now: kubelet backs off and tries again. */
final class MountException extends Exception {
  private static final long serialVersionUID = 1L;

  MountException(String message) {
    super(message);
  }

  MountException(String message, Throwable cause) {
    super(message, cause);
  }
}
