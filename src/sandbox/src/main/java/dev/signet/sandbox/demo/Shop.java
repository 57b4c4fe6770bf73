package dev.signet.sandbox.demo;

import dev.signet.sandbox.shop.Main;
import dev.signet.sandbox.shop.ProgramLine;
import dev.signet.sandbox.shop.Switchboard;
import dev.signet.sandbox.world.PodRef;
import dev.signet.sandbox.world.Workload;
import dev.signet.sandbox.world.World;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;

/** The shop's pods in a world, and the lines to the programs in them. Thread-safe. */
final class Shop implements AutoCloseable {
  static final String NAMESPACE = "shop";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** One pod of the shop; its account has its name. */
  record Member(String name, String node) {}

  static final List<Member> MEMBERS =
      List.of(
          new Member("payments", "node-1"),
          new Member("cart", "node-2"),
          new Member("frontend", "node-1"),
          new Member("intruder", "node-2"));

  private final World world;
  private final Switchboard board;
  private final Map<String, PodRef> pods = new ConcurrentHashMap<>();

  private Shop(World world, Switchboard board) {
    this.world = world;
    this.board = board;
  }

  static Shop open(World world) throws IOException {
    Shop shop = new Shop(world, Switchboard.open());
    world.cluster().createNamespace(NAMESPACE);
    return shop;
  }

  /** Creates its account and its pod, and returns once its program serves. */
  ProgramLine start(Member member) throws InterruptedException {
    world.cluster().createAccount(NAMESPACE, member.name());
    Workload workload =
        Workload.program(NAMESPACE, member.name(), member.node(), Main.class)
            .withArguments(member.name())
            .withEnvironment(Switchboard.ADDRESS, board.address());
    pods.put(member.name(), world.run(workload));
    return line(member.name());
  }

  PodRef pod(String name) {
    PodRef pod = pods.get(name);
    if (pod == null) {
      throw new IllegalArgumentException(name + " was not started");
    }
    return pod;
  }

  ProgramLine line(String name) throws InterruptedException {
    try {
      return board.program(name, START_LIMIT);
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "the program of pod %s does not serve after %d s; its log: %s",
              name,
              START_LIMIT.toSeconds(),
              world.log(pod(name))),
          e);
    }
  }

  /** The identity that an account of the shop has. */
  String id(String account) {
    return String.format(
        Locale.ROOT, "spiffe://%s/ns/%s/sa/%s", world.config().trustDomain(), NAMESPACE, account);
  }

  /** The first clause of a text, and identities without what all of the trust domain begin with. */
  String brief(String text) {
    return text.split(", ", 2)[0].replace("spiffe://" + world.config().trustDomain(), "");
  }

  @Override
  public void close() throws IOException {
    board.close();
  }
}
