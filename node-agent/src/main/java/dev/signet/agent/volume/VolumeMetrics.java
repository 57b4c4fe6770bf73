package dev.signet.agent.volume;

import java.time.Duration;

/** What is counted of volumes. */
public interface VolumeMetrics {
  /** A call that was answered with an error. */
  void refused(VolumeFault fault);

  /** A republish of a live volume that had something wrong and was answered OK all the same. */
  void republishFault(VolumeFault fault);

  /** From the call to a socket that listens. */
  void listening(Duration time);

  /** Volumes published now. */
  void published(int volumes);
}
