package dev.signet.agent.adapter.ca;

import com.google.protobuf.ByteString;
import dev.signet.agent.loop.AgentLoop;
import dev.signet.agent.svid.CertificateRequest;
import dev.signet.agent.svid.Refusal;
import dev.signet.agent.upstream.AgentToken;
import dev.signet.agent.upstream.CaConnection;
import dev.signet.agent.upstream.CertificateAuthority;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The CA over gRPC. Thread-safe. */
public final class GrpcCertificateAuthority implements CertificateAuthority {
  /** The agent's token, as its file has it now. */
  @FunctionalInterface
  public interface TokenSource {
    AgentToken read() throws IOException;
  }

  private static final int ATTEST_DEADLINE_SECONDS = 15;
  private static final Logger log = LoggerFactory.getLogger(GrpcCertificateAuthority.class);

  private final TrustDomain trustDomain;
  private final AgentLoop loop;
  private final CaDialer dialer;
  private final TokenSource token;
  private final Executor blocking;
  private final String version;
  private volatile @Nullable AgentToken shown;

  /**
   * A CA that is reached by the dialer.
   *
   * @param blocking where the token's file is read
   * @param version of the agent, for the operator
   */
  public GrpcCertificateAuthority(
      TrustDomain trustDomain,
      AgentLoop loop,
      CaDialer dialer,
      TokenSource token,
      Executor blocking,
      String version) {
    this.trustDomain = trustDomain;
    this.loop = loop;
    this.dialer = dialer;
    this.token = token;
    this.blocking = blocking;
    this.version = version;
  }

  @Override
  public void attest(CertificateRequest csr, AttestationAnswer answer) {
    blocking.execute(() -> {
      AgentToken current;
      try {
        current = token.read();
      } catch (IOException e) {
        log.warn("The agent's token cannot be read: {}", e.getMessage());
        loop.execute(() -> answer.refused(Refusal.passing("AGENT_TOKEN_UNREADABLE")));
        return;
      }
      attest(csr, current, answer);
    });
  }

  @Override
  public void ifTokenIsNew(Runnable then) {
    blocking.execute(() -> {
      try {
        if (!token.read().equals(shown)) {
          loop.execute(then);
        }
      } catch (IOException e) {
        log.warn("The agent's token cannot be read: {}", e.getMessage());
      }
    });
  }

  private void attest(CertificateRequest csr, AgentToken current, AttestationAnswer answer) {
    shown = current;
    ManagedChannel channel = dialer.dial(null);
    CertificateAuthorityServiceGrpc.newStub(channel)
        .withDeadlineAfter(ATTEST_DEADLINE_SECONDS, TimeUnit.SECONDS)
        .attestAgent(
            AttestAgentRequest.newBuilder()
                .setToken(current.reveal())
                .setCsr(ByteString.copyFrom(csr.der()))
                .build(),
            new Attested(channel, answer));
  }

  @Override
  public CaConnection connect(X509Svid svid) {
    return new GrpcCaConnection(trustDomain, loop, dialer.dial(svid), version);
  }

  /** One attestation; its channel ends with it. */
  private final class Attested implements StreamObserver<AttestAgentResponse> {
    private final ManagedChannel channel;
    private final AttestationAnswer answer;
    private boolean answered;

    Attested(ManagedChannel channel, AttestationAnswer answer) {
      this.channel = channel;
      this.answer = answer;
    }

    @Override
    public void onNext(AttestAgentResponse response) {
      List<X509Certificate> chain;
      X509Bundle bundle;
      try {
        chain = CaMessages.chain(response.getSvid());
        bundle = CaMessages.bundle(trustDomain, response.getBundle());
      } catch (SpiffeException e) {
        log.error("The CA's answer to the attestation cannot be read: {}", e.getMessage());
        refused(Refusal.passing(Refusal.ANSWER_INVALID));
        return;
      }
      answered = true;
      loop.execute(() -> answer.attested(chain, bundle));
    }

    @Override
    public void onError(Throwable error) {
      channel.shutdownNow();
      refused(Refusals.of(error));
    }

    /** An end without an answer is one, too: the agent would wait for it for ever. */
    @Override
    public void onCompleted() {
      channel.shutdownNow();
      refused(Refusal.passing(Refusal.ANSWER_INVALID));
    }

    private void refused(Refusal refusal) {
      if (!answered) {
        answered = true;
        loop.execute(() -> answer.refused(refusal));
      }
    }
  }
}
