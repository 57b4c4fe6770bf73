package dev.signet.clustertest.attestation;

import java.util.Map;
import java.util.Optional;

/** What the drills share. */
final class Drills {
  private Drills() {}

  /** What has this name. */
  static <T> T named(Map<String, T> map, String name) {
    return Optional.ofNullable(map.get(name))
        .orElseThrow(() -> new AssertionError("nothing has the name " + name));
  }
}
