package dev.signet.agent.volume;

/**
 * A call for a volume that is refused. The message is safe to show: it quotes no value of a token.
 */
public final class VolumeException extends Exception {
  private final VolumeFault fault;

  public VolumeException(VolumeFault fault, String message) {
    super(message);
    this.fault = fault;
  }

  public VolumeException(VolumeFault fault, String message, Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  public VolumeFault fault() {
    return fault;
  }
}
