package dev.signet.ca.svid;

import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.Refusal;

/** What came of a request. It stands in the audit trail already. */
public sealed interface SvidAnswer {
  record Issued(IssuedSvid svid) implements SvidAnswer {}

  record NotIssued(Refusal refusal) implements SvidAnswer {}
}
