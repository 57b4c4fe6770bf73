package dev.signet.ca.svid;

import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.Facts;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidKind;
import java.time.Duration;
import java.util.Optional;

/** SVIDs for this server itself: decided, recorded and signed like any other. Thread-safe. */
public final class ServerSvids {
  private static final Caller ITSELF = new Caller("", Optional.empty());

  private final CsrVerifier csrs;
  private final Issuance issuance;
  private final AuditTrail audit;

  public ServerSvids(CsrVerifier csrs, Issuance issuance, AuditTrail audit) {
    this.csrs = csrs;
    this.issuance = issuance;
    this.audit = audit;
  }

  /** Issues one. Blocks. */
  public IssuedSvid issue(byte[] csr) throws RefusedException, InterruptedException {
    long begin = System.nanoTime();
    try {
      IssuedSvid svid = issuance.issue(new Facts.Server(csrs.verify(csr))).svid();
      audit.record(
          new AuditEvent.SvidIssued(
              SvidKind.SERVER, svid, Optional.empty(), ITSELF, "", since(begin)));
      return svid;
    } catch (RefusedException e) {
      audit.record(
          new AuditEvent.SvidRefused(
              SvidKind.SERVER,
              Optional.empty(),
              e.refusal(),
              Optional.empty(),
              ITSELF,
              "",
              since(begin)));
      throw e;
    }
  }

  private static Duration since(long begin) {
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
