package dev.signet.agent.upstream;

import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.ConsumerLedger;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.IdentityContext;
import dev.signet.agent.svid.PodIdentities;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.svid.SvidAuthority;
import dev.signet.agent.svid.SvidRequest;
import dev.signet.spiffe.X509Svid;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The agent's link to its CA: one SVID of its own, one connection that shows it, one session on the
 * connection, and the pods' requests. When the SVID changes the connection is replaced and the old
 * one drained.
 *
 * <p>Confined to the loop, but for {@link #start}, {@link #close} and {@link #identities}.
 */
public final class CaLink implements SvidAuthority {
  /** How long pods of a banned node wait; when a session is open again they ask at once. */
  private static final Duration BANNED_PAUSE = Duration.ofSeconds(30);

  private final LinkContext context;
  private final AgentAttestation attestation;
  private final SessionKeeper session;
  private final PodIdentities identities;
  private @Nullable CaConnection connection;
  private boolean closed;

  public CaLink(LinkContext context, IdentityContext identityContext, ConsumerLedger consumers) {
    this.context = context;
    BundleHolder bundles = identityContext.bundles();
    var book = new ReportBook(bundles, consumers, this::reportable);
    this.identities = new PodIdentities(identityContext, this, context.reviewer(), book);
    this.attestation = new AgentAttestation(context, this::connect);
    this.session = new SessionKeeper(context, bundles, book, new Effects());
    consumers.onChange(() -> context.loop().execute(this::reportable));
  }

  /** The identities of the pods on this node, issued over this link. */
  public PodIdentities identities() {
    return identities;
  }

  /** Attests and goes on for ever; from any thread. */
  public void start() {
    context.loop().execute(attestation::ask);
  }

  /**
   * Ends session and connection; from any thread. The future completes when that is done: then the
   * link uses nothing any more.
   */
  public CompletableFuture<Void> close() {
    return CompletableFuture.runAsync(this::end, context.loop()::execute);
  }

  private void end() {
    closed = true;
    attestation.close();
    session.close();
    if (connection != null) {
      connection.drain();
      connection = null;
    }
  }

  @Override
  public boolean ready() {
    return connection != null;
  }

  @Override
  public void issue(List<SvidRequest> batch, Answers answers) {
    CaConnection on = connection;
    if (on == null) {
      answers.ended(Refusal.passing(Refusal.CA_UNREACHABLE));
      return;
    }
    on.issue(batch, new Watched(answers, on));
  }

  private void reportable() {
    session.changed();
  }

  private void connect(X509Svid svid) {
    if (closed) {
      return;
    }
    CaConnection older = connection;
    connection = context.authority().connect(svid);
    session.use(connection);
    if (older != null) {
      older.drain();
    }
    identities.linkUp();
  }

  /**
   * The CA does not take this agent for the live one of its node. Said on a connection that was
   * replaced meanwhile it means the SVID before; said on the newest it means this one.
   */
  private void notLive(@Nullable CaConnection on) {
    if (Objects.equals(on, connection)) {
      attestation.askSoon();
    }
  }

  /**
   * Pod and agent know their Node object by different UIDs: it was created anew (FAULTS.md F24). If
   * it is the agent that is behind, a newer token mends it: without one an attestation would only
   * cost a signature. The pod's own token is kubelet's to renew.
   */
  private void nodeRecreated(CaConnection on) {
    if (Objects.equals(on, connection)) {
      context.authority().ifTokenIsNew(attestation::ask);
    }
  }

  /** What the session brings about. */
  private final class Effects implements SessionKeeper.Effects {
    @Override
    public void bundleChanged() {
      identities.bundleChanged();
    }

    @Override
    public void removed(PodUid pod) {
      identities.remove(pod);
    }

    @Override
    public void reissue(Set<String> issuers) {
      identities.reissue(issuers);
      attestation.reissue(issuers);
    }

    @Override
    public void up() {
      identities.linkUp();
    }

    @Override
    public void settled() {
      attestation.settled();
    }

    @Override
    public void down(Refusal cause) {
      if (cause.isBan()) {
        // Another SVID would be refused, too; only one that has ended keeps the session from coming
        // back when the ban is lifted.
        if (attestation.expired()) {
          attestation.askSoon();
        }
      } else if (cause.reason().equals(Refusal.AGENT_NOT_LIVE)
          || !cause.retryable()
          || attestation.expired()) {
        notLive(connection);
      }
    }
  }

  /** Passes answers on, and looks for what they say of the agent itself. */
  private final class Watched implements Answers {
    private final Answers answers;
    private final CaConnection on;

    Watched(Answers answers, CaConnection on) {
      this.answers = answers;
      this.on = on;
    }

    @Override
    public void granted(int index, List<X509Certificate> chain) {
      answers.granted(index, chain);
    }

    @Override
    public void refused(int index, Refusal refusal) {
      look(refusal);
      answers.refused(index, refusal.isBan() ? ofTheAgent(refusal) : refusal);
    }

    /** A whole call that fails says something of this agent or the CA, never of a pod. */
    @Override
    public void ended(Refusal failure) {
      if (!failure.retryable() && !failure.isBan()) {
        notLive(on);
      }
      look(failure);
      answers.ended(ofTheAgent(failure));
    }

    /** Nothing is decided of a pod by what is wrong with its agent. */
    private Refusal ofTheAgent(Refusal refusal) {
      return new Refusal(
          refusal.reason(),
          true,
          refusal.isBan() ? Optional.of(BANNED_PAUSE) : refusal.retryAfter());
    }

    private void look(Refusal refusal) {
      if (refusal.reason().equals(Refusal.AGENT_NOT_LIVE)) {
        notLive(on);
      } else if (refusal.reason().equals(Refusal.NODE_UID_MISMATCH)) {
        nodeRecreated(on);
      }
    }
  }
}
