package dev.signet.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.signet.ca.adapter.postgresql.PostgresServer;
import dev.signet.process.config.ConfigDocument;
import dev.signet.proto.agent.v1.AttestAgentResponse;
import dev.signet.proto.agent.v1.CertificateAuthorityServiceGrpc;
import dev.signet.proto.agent.v1.Hello;
import dev.signet.proto.agent.v1.SessionRequest;
import dev.signet.proto.agent.v1.SessionResponse;
import dev.signet.spiffe.X509Svid;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * FAULTS F8, F46: the store is away. Issuance fails closed with its code, sessions and bundles go
 * on, readiness names the store, the process lives, and all is well again without a restart.
 */
@Timeout(120)
class StoreOutageTest extends CaServerFixture {
  @Test
  void postgresStoppedAndStarted() throws Exception {
    try (PostgresServer server =
        PostgresServer.startIn(Files.createDirectory(folder.resolve("pg")))) {
      inPostgres(server.newDatabase());
      init();
      assertThat(config.dataDir().resolve("signet.db")).doesNotExist();
      KeyPair keys = TestAuthority.keys();
      AttestAgentResponse agent;
      try (CaServer ca = start()) {
        awaitReady(ca);
        agent = attest(ca, keys);
        AttestAgentResponse attested = agent;
        assertThat(issue(ca, agent, keys).hasSvid()).isTrue();

        server.stop();
        long begin = System.nanoTime();
        assertStoreUnavailable(() -> issue(ca, attested, keys));
        assertStoreUnavailable(() -> attest(ca, TestAuthority.keys()));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
        assertThat(awaitProbe(ca, body -> body.contains("[-] store: ")).statusCode())
            .isEqualTo(503);
        assertThat(get(ca, "/livez").statusCode()).isEqualTo(200);
        assertThat(sessionBundle(ca, agent, keys)).as("bundles go on").isEqualTo(1);

        server.start();
        awaitReady(ca);
        assertThat(issue(ca, agent, keys).hasSvid()).isTrue();
      }
      // The agent that was attested before the outage is the live one for the next process, too.
      try (CaServer ca = start()) {
        awaitReady(ca);
        assertThat(issue(ca, agent, keys).hasSvid()).isTrue();
      }
    }
  }

  private interface Call {
    Object run() throws Exception;
  }

  private static void assertStoreUnavailable(Call call) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(e.getStatus().getDescription()).isEqualTo("STORE_UNAVAILABLE");
            });
  }

  private void inPostgres(String url) throws Exception {
    Path file = folder.resolve("ca.yaml");
    Files.writeString(
        file,
        Files.readString(file) + "store: {postgresql: {url: '" + url + "', user: postgres}}\n");
    config = CaConfig.from(ConfigDocument.read(file));
  }

  /** A new session of the agent: the number of roots that it is told. */
  private static int sessionBundle(CaServer ca, AttestAgentResponse agent, KeyPair keys)
      throws Exception {
    byte[] chain = ByteString.copyFrom(agent.getSvid().getCertificatesList()).toByteArray();
    X509Svid svid = X509Svid.parse(chain, keys.getPrivate().getEncoded());
    CompletableFuture<Integer> roots = new CompletableFuture<>();
    return call(
        ca,
        SslContextBuilder.forClient().keyManager(svid.privateKey(), svid.chain()),
        stub -> {
          StreamObserver<SessionRequest> session =
              CertificateAuthorityServiceGrpc.newStub(stub.getChannel()).session(new First(roots));
          session.onNext(
              SessionRequest.newBuilder()
                  .setHello(Hello.newBuilder().setAgentVersion("0.1.0"))
                  .build());
          return roots.get(20, TimeUnit.SECONDS);
        });
  }

  private record First(CompletableFuture<Integer> roots)
      implements StreamObserver<SessionResponse> {
    @Override
    public void onNext(SessionResponse response) {
      roots.complete(response.getBundle().getX509AuthoritiesCount());
    }

    @Override
    public void onError(Throwable error) {
      roots.completeExceptionally(error);
    }

    @Override
    public void onCompleted() {
      roots.completeExceptionally(new AssertionError("ended"));
    }
  }
}
