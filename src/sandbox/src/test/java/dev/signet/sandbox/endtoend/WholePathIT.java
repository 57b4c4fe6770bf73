package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.sandbox.world.Eventually;
import dev.signet.sandbox.world.SvidTimer;
import dev.signet.sandbox.world.World;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Svid;
import dev.signet.workload.Authorizer;
import dev.signet.workload.SpiffeTls;
import dev.signet.workload.X509Source;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** From a pod's token to a call over mutual TLS. */
@ExtendWith(SharedWorld.class)
class WholePathIT {
  private static final String NAMESPACE = "whole-path";
  private static SpiffeId client;
  private static SpiffeId server;

  @BeforeAll
  static void prepare(World world) {
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, "client");
    world.cluster().createAccount(NAMESPACE, "server");
    TrustDomain trustDomain = TrustDomain.parse(world.config().trustDomain());
    client = SpiffeId.of(trustDomain, "ns", NAMESPACE, "sa", "client");
    server = SpiffeId.of(trustDomain, "ns", NAMESPACE, "sa", "server");
  }

  @Test
  void podsOnTwoNodes_knowEachOtherByTheirAccounts(World world) throws Exception {
    try (PodSource one = PodSource.start(world, NAMESPACE, "client", "client", "node-1");
        PodSource two = PodSource.start(world, NAMESPACE, "server", "server", "node-2");
        X509Source clientSource = one.open();
        X509Source serverSource = two.open()) {
      assertThat(clientSource.context().svid().id()).isEqualTo(client);
      assertThat(serverSource.context().svid().id()).isEqualTo(server);

      Handshake handshake =
          Handshake.between(
              SpiffeTls.of(clientSource, Authorizer.id(server)),
              SpiffeTls.of(serverSource, Authorizer.id(client)));

      assertThat(handshake.seenByClient()).isEqualTo(server);
      assertThat(handshake.seenByServer()).isEqualTo(client);
    }
  }

  @Test
  void peerThatTheAuthorizerDoesNotName_isRefused(World world) throws Exception {
    try (PodSource one = PodSource.start(world, NAMESPACE, "stranger", "server", "node-1");
        PodSource two = PodSource.start(world, NAMESPACE, "strict", "server", "node-2");
        X509Source clientSource = one.open();
        X509Source serverSource = two.open()) {
      SpiffeTls caller = SpiffeTls.of(clientSource, Authorizer.id(server));
      SpiffeTls strict = SpiffeTls.of(serverSource, Authorizer.id(client));

      assertThatThrownBy(() -> Handshake.between(caller, strict))
          .rootCause()
          .hasMessageContaining(server + ", and this connection is for " + client);
    }
  }

  @Test
  void onceWarm_publishToSvidOnAnOpenStream_isUnder100Millis(World world) throws Exception {
    world.cluster().createAccount(NAMESPACE, "timed");
    SvidTimer timer = new SvidTimer(world, NAMESPACE, "timed", "node-2");

    assertThat(timer.warm(100).median()).isLessThan(100);
  }

  @Test
  void svid_isRenewedAboutHalfWay_withANewKey(World world) throws Exception {
    try (PodSource pod = PodSource.start(world, NAMESPACE, "renewed", "client", "node-1");
        X509Source source = pod.open()) {
      X509Svid first = source.context().svid();

      Optional<X509Svid> second =
          Eventually.await(
              SharedWorld.SVID_TTL,
              () ->
                  Optional.of(source.context().svid())
                      .filter(svid -> !svid.serial().equals(first.serial())));

      assertThat(second).isPresent();
      assertThat(second.get().id()).isEqualTo(first.id());
      assertThat(second.get().leaf().getPublicKey()).isNotEqualTo(first.leaf().getPublicKey());
      Duration longer = Duration.between(first.notAfter(), second.get().notAfter());
      assertThat(longer).isBetween(SharedWorld.SVID_TTL.dividedBy(3), SharedWorld.SVID_TTL);
    }
  }
}
