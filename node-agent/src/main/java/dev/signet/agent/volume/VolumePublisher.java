package dev.signet.agent.volume;

import java.io.IOException;
import java.nio.file.Path;

/** How a volume's folder appears at the path that kubelet gave. */
public interface VolumePublisher {
  /** What is at a target path. */
  enum Occupancy {
    /** Nothing, and its parent is a folder that kubelet made. */
    FREE,
    /** This volume's folder: the volume is live, whoever published it. */
    OURS,
    /** Anything else. */
    FOREIGN,
    /** The parent is missing, or there is a symbolic link on the way to it. */
    UNSAFE
  }

  Occupancy inspect(VolumeTarget target, Path folder) throws IOException;

  /** Lets the folder appear at a target that is {@link Occupancy#FREE}. */
  void bind(VolumeTarget target, Path folder) throws IOException;

  /** Takes away what {@link #bind} put there, and nothing else. */
  void unbind(VolumeTarget target, Path folder) throws IOException;
}
