package dev.signet.sandbox.world;

import com.google.protobuf.ByteString;
import dev.signet.proto.agent.v1.AgentReview;
import dev.signet.proto.agent.v1.AttestAgentRequest;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc.CertificateAuthorityServiceBlockingStub;
import dev.signet.proto.agent.v1.IssueX509SvidsRequest;
import dev.signet.proto.agent.v1.IssueX509SvidsResponse;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509Svid;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * Talks to the CA as an agent does, with whatever identity, tokens and requests it is given: for
 * those who are no agent and pretend to be one. Thread-safe.
 */
public final class CaClient implements AutoCloseable {
  private static final Metadata.Key<String> REASON =
      Metadata.Key.of("signet-reason", Metadata.ASCII_STRING_MARSHALLER);
  private static final int CALL_SECONDS = 20;

  private final ManagedChannel channel;

  private CaClient(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Where the CA is and how it is known.
   *
   * @param bundle a PEM file
   */
  public record Server(String address, TrustDomain trustDomain, Path bundle) {}

  /** Without a certificate, as an agent that has none yet. */
  public static CaClient anonymous(Server server) {
    return open(server, Optional.empty());
  }

  /** With a certificate and its key, wherever they are from. */
  public static CaClient as(Server server, X509Svid identity) {
    return open(server, Optional.of(identity));
  }

  private static CaClient open(Server server, Optional<X509Svid> identity) {
    try {
      X509Bundle bundle =
          X509Bundle.parsePem(server.trustDomain(), Files.readString(server.bundle()));
      SslContextBuilder tls =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
              .trustManager(
                  new CaServerTrust(
                      SpiffeId.of(server.trustDomain(), "signet", "ca"),
                      bundle,
                      InstantSource.system()));
      identity.ifPresent(svid -> tls.keyManager(svid.privateKey(), svid.chain()));
      return new CaClient(
          NettyChannelBuilder.forTarget("dns:///" + server.address())
              .sslContext(tls.build())
              .build());
    } catch (SSLException e) {
      throw new IllegalStateException("the identity cannot be used for TLS", e);
    } catch (IOException e) {
      throw new WorldException("the CA's bundle cannot be read: " + server.bundle(), e);
    }
  }

  /** A key as agents make it. */
  public static KeyPair newKey() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no P-256", e);
    }
  }

  /** Asks for an agent's SVID. */
  public CaAnswer attest(String token, byte[] csr) {
    try {
      AttestAgentResponse response =
          stub()
              .attestAgent(
                  AttestAgentRequest.newBuilder()
                      .setToken(token)
                      .setCsr(ByteString.copyFrom(csr))
                      .build());
      return issued(response.getSvid());
    } catch (StatusRuntimeException e) {
      return refused(e);
    }
  }

  /** Becomes an agent by its token, with a key of its own. */
  public X509Svid becomeAgent(String token) {
    KeyPair key = newKey();
    return switch (attest(token, CertificateRequests.forKey(key))) {
      case CaAnswer.Issued issued -> X509Svid.of(issued.chain(), key.getPrivate());
      case CaAnswer.Refused refused ->
          throw new WorldException("the CA refuses the agent: " + refused.reason());
    };
  }

  /**
   * One token and CSR of a batch.
   *
   * @param review what the API server is said to have answered, where anything is said
   */
  public record Item(String token, ByteString csr, Optional<AgentReview> review) {
    public Item(String token, ByteString csr) {
      this(token, csr, Optional.empty());
    }

    @Override
    public String toString() {
      return "Item[a token, a CSR]";
    }
  }

  /** Asks for the SVID of one pod. */
  public CaAnswer issue(String token, byte[] csr) {
    return issue(List.of(new Item(token, ByteString.copyFrom(csr)))).getFirst();
  }

  /** Asks for the SVID of one pod with a review, true or not. */
  public CaAnswer issue(String token, byte[] csr, AgentReview review) {
    return issue(List.of(new Item(token, ByteString.copyFrom(csr), Optional.of(review))))
        .getFirst();
  }

  /** Asks for many; answers are in the order of the items. */
  public List<CaAnswer> issue(List<Item> items) {
    IssueX509SvidsRequest.Builder request = IssueX509SvidsRequest.newBuilder();
    for (int i = 0; i < items.size(); i++) {
      IssueX509SvidsRequest.Item.Builder item =
          request
              .addItemsBuilder()
              .setId(i)
              .setToken(items.get(i).token())
              .setCsr(items.get(i).csr());
      items.get(i).review().ifPresent(item::setAgentReview);
    }
    Map<Integer, CaAnswer> answers = new TreeMap<>();
    try {
      Iterator<IssueX509SvidsResponse> responses = stub().issueX509Svids(request.build());
      responses.forEachRemaining(response -> answers.put(response.getId(), answer(response)));
    } catch (StatusRuntimeException e) {
      for (int i = 0; i < items.size(); i++) {
        answers.putIfAbsent(i, refused(e));
      }
    }
    return new ArrayList<>(answers.values());
  }

  private CertificateAuthorityServiceBlockingStub stub() {
    return CertificateAuthorityServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  private static CaAnswer answer(IssueX509SvidsResponse response) {
    return response.hasSvid()
        ? issued(response.getSvid())
        : new CaAnswer.Refused(
            response.getRefusal().getReason(),
            response.getRefusal().getRetryable(),
            Status.Code.OK);
  }

  private static CaAnswer refused(StatusRuntimeException e) {
    Metadata trailers = Optional.ofNullable(e.getTrailers()).orElseGet(Metadata::new);
    String reason = Optional.ofNullable(trailers.get(REASON)).orElse("");
    Status.Code code = e.getStatus().getCode();
    return new CaAnswer.Refused(reason, code == Status.Code.UNAVAILABLE, code);
  }

  private static CaAnswer issued(dev.signet.proto.agent.v1.X509Svid svid) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      List<X509Certificate> chain = new ArrayList<>();
      for (ByteString der : svid.getCertificatesList()) {
        chain.add(
            (X509Certificate)
                factory.generateCertificate(new ByteArrayInputStream(der.toByteArray())));
      }
      return new CaAnswer.Issued(svid.getSpiffeId(), chain);
    } catch (CertificateException e) {
      throw new WorldException("the CA answered with something that is no certificate", e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
