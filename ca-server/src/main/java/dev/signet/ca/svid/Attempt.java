package dev.signet.ca.svid;

import dev.signet.ca.attestation.Attested;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.audit.AuditEvent;
import dev.signet.ca.audit.AuditTrail;
import dev.signet.ca.audit.Caller;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.Refusal;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.SvidKind;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way to its answer. It knows what was found out so far, so that a refusal is
 * recorded with it; whatever happens, exactly one event is recorded. For one thread.
 */
final class Attempt {
  private static final Logger log = LoggerFactory.getLogger(Attempt.class);

  private final SvidKind kind;
  private final AttestationMode mode;
  private final Caller caller;
  private final SvidRequest request;
  private final AuditTrail audit;
  private final long begin = System.nanoTime();
  private Optional<Attested> attested = Optional.empty();

  Attempt(
      SvidKind kind, AttestationMode mode, Caller caller, SvidRequest request, AuditTrail audit) {
    this.kind = kind;
    this.mode = mode;
    this.caller = caller;
    this.request = request;
    this.audit = audit;
  }

  /** The steps of a use case. */
  interface Steps {
    Issuance.Outcome run(Attempt attempt) throws RefusedException, InterruptedException;
  }

  /** Remembers the facts. */
  Attested found(Attested facts) {
    attested = Optional.of(facts);
    return facts;
  }

  SvidAnswer run(Steps steps) throws InterruptedException {
    try {
      return issued(steps.run(this));
    } catch (RefusedException e) {
      return refused(e.refusal());
    } catch (RuntimeException e) {
      log.error("an SVID ({}) could not be issued", kind, e);
      return refused(Refusal.of(RefusalReason.INTERNAL_ERROR, e.getClass().getSimpleName()));
    }
  }

  private SvidAnswer issued(Issuance.Outcome outcome) {
    audit.record(
        new AuditEvent.SvidIssued(
            kind, outcome.svid(), outcome.granted().attestation(), caller, fingerprint(), took()));
    return new SvidAnswer.Issued(outcome.svid());
  }

  private SvidAnswer refused(Refusal refusal) {
    audit.record(
        new AuditEvent.SvidRefused(
            kind,
            Optional.of(mode),
            refusal,
            attested.map(Attested::subject),
            caller,
            fingerprint(),
            took()));
    return new SvidAnswer.NotIssued(refusal);
  }

  private String fingerprint() {
    return ServiceAccountToken.fingerprint(request.token());
  }

  private Duration took() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }
}
