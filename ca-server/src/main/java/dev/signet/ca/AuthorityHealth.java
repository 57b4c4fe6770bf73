package dev.signet.ca;

import dev.signet.ca.authority.AuthorityLife;
import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.process.probe.Readiness;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;

/** Whether an issuing authority can sign, for readiness, and how long each will. Thread-safe. */
final class AuthorityHealth implements AuthorityObserver {
  private final Readiness.Condition condition;
  private final InstantSource clock;
  private volatile Optional<AuthorityLife> life = Optional.empty();

  AuthorityHealth(Readiness.Condition condition, InstantSource clock) {
    this.condition = condition;
    this.clock = clock;
  }

  @Override
  public void changed(AuthorityLife changed) {
    life = Optional.of(changed);
    condition.ready();
  }

  /** The present one signs to its end; only then is the CA of no use. */
  @Override
  public void replacementFailed(RefusedException cause) {
    if (!notAfter(AuthorityLife::authorityNotAfter).isAfter(clock.instant())) {
      condition.notReady("no issuing authority can sign: " + cause.refusal().reason());
    }
  }

  /** An end of life; now, where there is none. */
  Instant notAfter(Function<AuthorityLife, Instant> which) {
    return life.map(which).orElseGet(clock::instant);
  }
}
