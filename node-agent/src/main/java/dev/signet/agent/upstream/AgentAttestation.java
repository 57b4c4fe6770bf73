package dev.signet.agent.upstream;

import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.svid.Backoff;
import dev.signet.agent.svid.CertificateRequest;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.RenewalPoint;
import dev.signet.agent.svid.Replacement;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import dev.signet.spiffe.X509SvidVerifier;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent's own SVID: attested at start, again at a point drawn once per SVID, and whenever the
 * CA says that it does not know this agent. A refusal is never the end: whatever it was may be
 * mended, and an agent has nothing else to do. Confined to the loop.
 */
final class AgentAttestation {
  private static final Duration RETRY_BASE = Duration.ofMillis(500);
  private static final Duration RETRY_CAP = Duration.ofSeconds(30);
  private static final Logger log = LoggerFactory.getLogger(AgentAttestation.class);

  private final LinkContext context;
  private final Consumer<X509Svid> onSvid;
  private final Backoff backoff;
  private final Replacement replacement;
  private final Backoff replacing;
  private @Nullable X509Svid current;
  private AgentLoop.@Nullable Timer next;
  private long renewalNanos;
  private boolean asking;
  private boolean replaces;
  private boolean soon;
  private boolean failing;
  private boolean closed;

  AgentAttestation(LinkContext context, Consumer<X509Svid> onSvid) {
    this.context = context;
    this.onSvid = onSvid;
    this.backoff = new Backoff(context.random(), RETRY_BASE, RETRY_CAP);
    this.replacement = new Replacement(context.random());
    this.replacing = new Backoff(context.random(), RETRY_BASE, RETRY_CAP);
  }

  /** Asks for an SVID, unless that is under way. */
  void ask() {
    cancelNext();
    soon = false;
    if (closed || asking) {
      return;
    }
    asking = true;
    replaces = current != null && replacement.covers(current);
    var csr = CertificateRequest.create();
    context.authority().attest(csr, new Answer(csr, context.loop().nanos()));
  }

  /** Asks soon: after the back-off of one more failure, however often it is called. */
  void askSoon() {
    if (!asking && !soon) {
      askAfter(backoff.next(Optional.empty()));
      soon = true;
    }
  }

  /**
   * The CA wants the leaves of these issuing authorities replaced now. What is asked for already,
   * or soon, is waited for.
   */
  void reissue(Set<String> issuers) {
    replacement.order(issuers);
    X509Svid svid = current;
    if (closed || asking || soon || failing || svid == null) {
      return;
    }
    if (replacement.isTakenBack(svid)) {
      askAfter(Duration.ofNanos(renewalNanos - context.loop().nanos()));
    } else {
      replacement.draw(svid).ifPresent(this::askAfter);
    }
  }

  /**
   * The CA works with this SVID. Only that ends a row of failures: one that is granted and then not
   * known would be asked for again and again without a pause.
   */
  void settled() {
    backoff.reset();
  }

  /** Whether the SVID it had has ended. */
  boolean expired() {
    return current != null && !current.notAfter().isAfter(context.clock().instant());
  }

  void close() {
    closed = true;
    cancelNext();
  }

  private void askAfter(Duration delay) {
    cancelNext();
    next = context.loop().after(delay, this::ask);
  }

  private void cancelNext() {
    if (next != null) {
      next.cancel();
      next = null;
    }
  }

  private void accept(X509Svid svid, Instant now) {
    current = svid;
    failing = false;
    context.state().attested();
    log.info("Attested as {}, serial {}, until {}", svid.id(), svid.serial(), svid.notAfter());
    Duration toRenewal = RenewalPoint.draw(now, svid.notAfter(), context.random());
    renewalNanos = context.loop().nanos() + toRenewal.toNanos();
    if (replaces && replacement.covers(svid)) {
      // The CA is behind its own order.
      askAfter(replacing.next(Optional.empty()));
    } else {
      replacing.reset();
      askAfter(replacement.draw(svid).orElse(toRenewal));
    }
    onSvid.accept(svid);
  }

  /** The answer to one request. */
  private final class Answer implements CertificateAuthority.AttestationAnswer {
    private final CertificateRequest csr;
    private final long askedNanos;

    Answer(CertificateRequest csr, long askedNanos) {
      this.csr = csr;
      this.askedNanos = askedNanos;
    }

    @Override
    public void attested(List<X509Certificate> chain, X509Bundle bundle) {
      asking = false;
      if (closed) {
        return;
      }
      Instant now = context.clock().instant();
      context.trust().attested(bundle);
      X509Svid svid;
      try {
        svid = csr.answered(chain);
        checkAnswer(svid, now);
      } catch (SpiffeException | IllegalArgumentException | IOException e) {
        log.error(
            "The CA's answer to the attestation is no SVID for this agent: {}", e.getMessage());
        fail(Refusal.passing(Refusal.ANSWER_INVALID));
        return;
      }
      context.metrics().attested(Duration.ofNanos(context.loop().nanos() - askedNanos));
      accept(svid, now);
    }

    @Override
    public void refused(Refusal refusal) {
      asking = false;
      if (!closed) {
        fail(refusal);
      }
    }

    private void fail(Refusal refusal) {
      context.metrics().attestationRefused(refusal);
      failing = true;
      log.warn("Not attested: {}{}", refusal.reason(), refusal.hint());
      if (current == null || expired()) {
        context.state().notAttested("the CA gave no SVID: " + refusal.reason() + refusal.hint());
      }
      askAfter(
          refusal.isBan()
              ? backoff.slowest(refusal.retryAfter())
              : backoff.next(refusal.retryAfter()));
    }

    private void checkAnswer(X509Svid svid, Instant now) throws IOException {
      if (!svid.id().equals(context.name().id())) {
        throw new IllegalArgumentException("it names " + svid.id());
      }
      X509SvidVerifier.verify(PresentedX509Chain.of(svid.chain()), context.trust().anchors(), now);
    }
  }
}
