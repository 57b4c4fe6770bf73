package dev.signet.cli.volumes;

import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.UnreachableException;
import dev.signet.cli.cluster.VolumeUser;
import java.util.List;
import java.util.Optional;

/** Finds the pods that use Signet's volume. */
public interface VolumeUsers {

  /**
   * All of them, finished ones included.
   *
   * @param namespace only there; empty: everywhere
   * @throws UnreachableException if there is nobody to talk to
   */
  Observed<List<VolumeUser>> list(Optional<String> namespace) throws UnreachableException;
}
