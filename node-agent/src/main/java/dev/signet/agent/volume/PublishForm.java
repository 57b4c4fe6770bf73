package dev.signet.agent.volume;

import java.util.Map;

/**
 * What {@code NodePublishVolume} carries, before anything in it is believed. It holds a token: it
 * prints nothing of itself.
 */
public record PublishForm(
    String volumeId,
    String targetPath,
    String stagingTargetPath,
    Access access,
    boolean readOnly,
    Map<String, String> publishContext,
    Map<String, String> secrets,
    Map<String, String> volumeContext) {

  /** How the volume is to be seen by the pod. */
  public enum Access {
    MOUNT,
    BLOCK,
    UNSET
  }

  public PublishForm {
    publishContext = Map.copyOf(publishContext);
    secrets = Map.copyOf(secrets);
    volumeContext = Map.copyOf(volumeContext);
  }

  @Override
  public String toString() {
    return "PublishForm[redacted]";
  }
}
