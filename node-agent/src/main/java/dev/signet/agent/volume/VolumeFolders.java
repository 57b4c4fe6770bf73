package dev.signet.agent.volume;

import java.io.IOException;
import java.nio.file.Path;

/** The agent's own folders, one a volume. */
public interface VolumeFolders {
  /** Makes the folder where it is missing; a folder that is there stays as it is. */
  void create(Path folder) throws IOException;

  /** Removes the folder and the socket in it; nothing where it is not there. */
  void remove(Path folder) throws IOException;
}
