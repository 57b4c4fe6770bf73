package dev.signet.ca.issuance;

import java.util.concurrent.CompletableFuture;

/** Redeems grants. Implementations are thread-safe. */
public interface SvidIssuer {
  /**
   * Builds, lints, records, signs and validates.
   *
   * @return completes with the SVID, or exceptionally with {@link RefusedException}; never blocks
   *     the caller on the store
   * @throws IllegalStateException if the grant was redeemed before
   */
  CompletableFuture<IssuedSvid> issue(Granted granted);
}
