package dev.signet.ca;

import dev.signet.ca.adapter.keys.KeyEncryptionKey;
import dev.signet.spiffe.TrustDomain;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What the issuing half of the CA is set up with.
 *
 * @param dataFolder holds {@code ca.lock}, {@code keys} and, where that is the store, {@code
 *     signet.db}
 * @param replica names this process among those that share the store
 * @param store which database is behind the ports
 * @param longestLeaf the longest life that policy gives any leaf
 * @param rootLifetime of a root that is yet to be made
 */
public record IssuingCaSettings(
    TrustDomain trustDomain,
    String replica,
    Path dataFolder,
    StorePlace store,
    KeyEncryptionKey keyEncryptionKey,
    Duration longestLeaf,
    Duration rootLifetime) {
  /** There is no rotation yet that would replace a shorter one unattended. */
  public static final Duration DEFAULT_ROOT_LIFETIME = Duration.ofDays(365);

  public IssuingCaSettings {
    if (rootLifetime.compareTo(Duration.ofDays(2)) < 0) {
      throw new IllegalArgumentException(
          "a root of " + rootLifetime + " ends before an issuing authority does: 2 days at least");
    }
    if (longestLeaf.compareTo(rootLifetime.dividedBy(4)) > 0) {
      throw new IllegalArgumentException(
          "a leaf of " + longestLeaf + " is too long below a root of " + rootLifetime);
    }
  }
}
