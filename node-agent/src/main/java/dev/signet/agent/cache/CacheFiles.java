package dev.signet.agent.cache;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.volume.VolumeTarget;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Where records are. Each is there whole or not at all, whenever the process dies. One thread
 * writes at a time.
 */
public interface CacheFiles {
  /**
   * All that was found.
   *
   * @param setAside records that were not usable and will not be found again
   */
  record Contents(Optional<HeldBundle> bundle, List<VolumeRecord> volumes, int setAside) {
    public static final Contents NOTHING = new Contents(Optional.empty(), List.of(), 0);

    public Contents {
      volumes = List.copyOf(volumes);
    }
  }

  /**
   * Everything that an earlier agent of this node kept since the node booted. What is not to the
   * letter such a record is set aside with a warning that names it. SVIDs may have ended.
   */
  Contents load() throws IOException;

  /** Keeps a record in place of the one before. */
  void save(VolumeRecord volume) throws IOException;

  /** Keeps the bundle in place of the one before. */
  void save(HeldBundle bundle) throws IOException;

  /** Removes a record; nothing where there is none. */
  void remove(VolumeTarget target) throws IOException;
}
