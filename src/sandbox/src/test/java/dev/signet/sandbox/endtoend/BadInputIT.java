package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.Child;
import dev.signet.sandbox.world.World;
import dev.signet.workload.X509Source;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bytes that are no call, on each socket: whoever they come to lives on and serves the others. */
@ExtendWith(SharedWorld.class)
class BadInputIT {
  private static final String NAMESPACE = "bad-input";
  private static final long SEED = 20261101;
  private static final int MEBIBYTE = 1 << 20;

  @BeforeAll
  static void prepare(World world) {
    world.cluster().createNamespace(NAMESPACE);
    world.cluster().createAccount(NAMESPACE, "app");
  }

  @Test
  void garbageOnTheCsiSocket_harmsNobody(World world) throws Exception {
    Child agent = world.node("node-1").agent().orElseThrow();
    long pid = agent.pid();

    attack(UnixDomainSocketAddress.of(world.node("node-1").csiSocket()));

    served(world, "after-csi");
    assertThat(world.node("node-1").agent().orElseThrow().pid()).isEqualTo(pid);
    assertThat(agent.alive()).isTrue();
  }

  @Test
  void garbageOnAWorkloadSocket_harmsNobody(World world) throws Exception {
    Child agent = world.node("node-1").agent().orElseThrow();
    try (PodSource pod = PodSource.start(world, NAMESPACE, "noisy", "app", "node-1")) {
      attack(UnixDomainSocketAddress.of(pod.socket().path()));

      try (X509Source source = pod.open()) {
        assertThat(source.context().svid().id().path()).contains(NAMESPACE);
      }
    }
    assertThat(agent.alive()).isTrue();
  }

  @Test
  void garbageOnTheCasPort_harmsNobody(World world) throws Exception {
    String address = world.ca().address();
    int colon = address.lastIndexOf(':');

    attack(
        new InetSocketAddress(
            address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))));

    served(world, "after-ca");
    assertThat(world.ca().alive()).isTrue();
  }

  /** A new pod gets its identity. */
  private static void served(World world, String name) throws Exception {
    try (PodSource pod = PodSource.start(world, NAMESPACE, name, "app", "node-1");
        X509Source source = pod.open()) {
      assertThat(source.context().svid().id().path()).isEqualTo("/ns/" + NAMESPACE + "/sa/app");
    }
  }

  private static void attack(SocketAddress address) {
    samples().forEach(sample -> send(address, sample));
  }

  private static Stream<byte[]> samples() {
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    Random random = new Random(SEED);
    List<byte[]> made =
        List.of(
            new byte[0],
            new byte[] {0},
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            preface,
            new byte[MEBIBYTE],
            // A TLS record that announces more than it brings.
            HexFormat.of().parseHex("160301ffff0100fffc0303"),
            // HTTP/2: a frame longer than allowed, a header block for stream 0, a reset of nothing.
            joined(preface, HexFormat.of().parseHex("ffffff000000000000")),
            joined(
                preface,
                HexFormat.of().parseHex("000000040000000000" + "000004010400000000" + "82848741")),
            joined(
                preface,
                HexFormat.of().parseHex("000000040000000000" + "000004030000000001" + "00000008")));
    Stream<byte[]> noise = Stream.generate(() -> noise(random, random.nextInt(4096))).limit(40);
    Stream<byte[]> framedNoise =
        Stream.generate(() -> joined(preface, noise(random, random.nextInt(4096)))).limit(40);
    return Stream.of(made.stream(), noise, framedNoise).flatMap(all -> all);
  }

  private static byte[] noise(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] joined(byte[] one, byte[] two) {
    return ByteBuffer.allocate(one.length + two.length).put(one).put(two).array();
  }

  private static void send(SocketAddress address, byte[] bytes) {
    StandardProtocolFamily family =
        address instanceof UnixDomainSocketAddress
            ? StandardProtocolFamily.UNIX
            : StandardProtocolFamily.INET;
    try (SocketChannel channel = SocketChannel.open(family)) {
      channel.connect(address);
      channel.write(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      // The other end may well break off; that it still serves is asked afterwards.
    }
  }
}
