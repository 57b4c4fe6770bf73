package dev.signet.ca.issuance;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The durable record of everything that is signed. Implementations are thread-safe, never let a
 * caller of {@link #record} wait, and commit what arrives together in one group.
 */
public interface IssuanceLog {
  /**
   * Writes a record, and for an agent makes it the live one of its node in the same transaction.
   *
   * @return completes with the record when it survives a crash; exceptionally with {@link
   *     RefusedException}: {@code STORE_UNAVAILABLE}, {@code OVERLOADED} when the queue is full,
   *     {@code AGENT_ALREADY_ON_NODE} when another agent lives there that may not be replaced,
   *     {@code CERTIFICATE_NOT_SOUND} when the serial number was used before. A record may be there
   *     even so, which is harmless: nothing is signed for it.
   */
  CompletableFuture<IssuanceRecord> record(IssuanceRecord record);

  /** Adds the outcome to a record, some time later; nobody waits for it. */
  void signed(String serial, String certificateSha256);

  /**
   * When a key was last recorded to be about to sign. Blocks.
   *
   * @throws RefusedException {@code STORE_UNAVAILABLE}
   */
  Optional<Instant> lastRecorded(String authorityKeyId) throws RefusedException;
}
