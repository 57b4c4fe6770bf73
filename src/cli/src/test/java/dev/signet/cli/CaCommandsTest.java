package dev.signet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.ca.adapter.admin.AdminEndpoint;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.rotation.RotationRefusal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The commands to a CA, over a real socket to the CA's own endpoint, with a scripted half behind.
 */
@Timeout(60)
class CaCommandsTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final ScriptedOperations ca = new ScriptedOperations();
  @TempDir Path folder;
  private Path socket;
  private AdminEndpoint endpoint;

  @BeforeEach
  void start() throws Exception {
    socket = folder.resolve("admin.sock");
    endpoint = AdminEndpoint.start(socket, ca, _ -> {});
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private int run(String... args) {
    out.reset();
    err.reset();
    return Main.run(
        args,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.of(CaOptions.SOCKET_VARIABLE, socket.toString()));
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String complained() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private JsonObject json() {
    return JsonParser.parseString(printed()).getAsJsonObject();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rotate start                              | start                    | a rotation has begun",
        "rotate start --forced --reason yearly     | start forced: yearly     | a rotation has begun",
        "rotate pause --reason lunch               | pause: lunch             | paused",
        "rotate resume                             | resume                   | resumed",
        "rotate abort --reason no                  | abort: no                | given up",
        "rotate override --reason gone             | override: gone           | made without those who were missing",
        "rotate taint issuing-1 --reason leak      | taint issuing-1: leak    | issuing-1 is tainted",
        "rotate revoke root-1                      | revoke root-1            | root-1 is revoked",
        "rotate revoke root-1 --override --reason x| revoke root-1 override: x| root-1 is revoked",
        "agent ban main/node-b --reason stolen     | ban main/node-b: stolen  | main/node-b is banned",
        "agent unban main/node-b                   | unban main/node-b        | main/node-b is free again",
      })
  void change_isSentOnce_andSaidInWordsOrJson(String line, String deed, String said) {
    assertThat(run(line.split(" "))).isZero();
    assertThat(printed()).contains(said).hasLineCount(1);
    assertThat(complained()).isEmpty();

    assertThat(run((line + " -o json").split(" "))).isZero();
    assertThat(json()).isEqualTo(JsonParser.parseString("{\"schema\": 1, \"done\": true}"));

    assertThat(ca.deeds()).containsExactly(deed, deed);
  }

  @ParameterizedTest
  @EnumSource(RotationRefusal.class)
  void refusal_isOne_withWhatWhyAndWhatToDoInstead(RotationRefusal reason) {
    ca.refuses(reason);

    assertThat(run("rotate", "start")).isEqualTo(1);
    assertThat(complained().strip())
        .isEqualTo(
            "signet rotate start: refused, " + reason + ": as the script says. " + reason.hint());
    assertThat(printed()).isEmpty();

    assertThat(run("rotate", "start", "-o", "json")).isEqualTo(1);
    assertThat(json().keySet()).containsExactly("schema", "done", "reason", "detail", "hint");
    assertThat(json().get("done").getAsBoolean()).isFalse();
    assertThat(json().get("reason").getAsString()).isEqualTo(reason.name());
  }

  @Test
  void storeThatIsAway_isOne() {
    ca.fails(new RefusedException(RefusalReason.STORE_UNAVAILABLE, "no primary"));

    assertThat(run("authority", "list")).isEqualTo(1);
    assertThat(complained())
        .startsWith("signet authority list: refused, STORE_UNAVAILABLE: no primary.")
        .hasLineCount(1);
  }

  @Test
  void authorities_asATable() {
    ca.shows(Scenes.prepared());

    assertThat(run("authority", "list")).isZero();

    assertThat(printed())
        .isEqualTo(
            """
            bundle revision 1, version 5

            AUTHORITY  KIND     STATE     SINCE                 ENDS                  SIGNED BY  REPLICA
            root-1     root     ACTIVE    2026-02-28T12:00:00Z  2035-05-03T12:00:00Z  -          -
            root-2     root     PREPARED  2026-03-01T12:00:00Z  -                     -          -
            issuing-1  issuing  ACTIVE    -                     2026-03-02T08:00:00Z  root-1     ca-0

            REPLICA  VERSION  PUBLISHED  SEEN
            ca-0     5        1          2026-03-01T12:00:00Z
            """);
  }

  @Test
  void authorities_asJson() {
    ca.shows(Scenes.prepared());

    assertThat(run("authority", "list", "-o", "json")).isZero();

    assertThat(json().keySet())
        .containsExactly(
            "schema",
            "at",
            "version",
            "revision",
            "paused",
            "roots",
            "issuers",
            "replicas",
            "steps");
    assertThat(first("roots").keySet())
        .containsExactly(
            "id",
            "state",
            "in_bundle",
            "forced",
            "since",
            "since_version",
            "since_revision",
            "not_before",
            "not_after");
    assertThat(first("issuers").keySet())
        .containsExactly("id", "root", "replica", "state", "not_after");
    assertThat(first("replicas").keySet()).containsExactly("name", "version", "published", "seen");
    assertThat(first("steps").keySet())
        .containsExactly("at", "kind", "authority", "cluster", "node", "who", "why", "overrides");
    assertThat(first("roots").get("state").getAsString()).isEqualTo("ACTIVE");
    assertThat(json().get("at").getAsString()).isEqualTo("2026-03-01T12:00:00Z");
    JsonObject made = json().getAsJsonArray("roots").get(1).getAsJsonObject();
    assertThat(made.get("not_after").isJsonNull()).isTrue();
  }

  @Test
  void agents_asATable() {
    ca.shows(Scenes.published());

    assertThat(run("agent", "list")).isZero();

    assertThat(printed())
        .isEqualTo(
            """
            AGENT        REVISION  SVID BELOW  SVID ENDS             HEARD                 BANNED
            main/node-a  1,behind  issuing-1   2026-03-01T12:50:00Z  2026-03-01T12:00:00Z  -
            main/node-b  0,behind  issuing-1   2026-03-01T12:55:00Z  never                 -
            main/node-c  -         -           -                     -                     2026-03-01T11:59:00Z by uid 0: stolen
            """);
  }

  @Test
  void agents_asJson() {
    ca.shows(Scenes.published());

    assertThat(run("agent", "list", "-o", "json")).isZero();

    assertThat(json().keySet())
        .containsExactly("schema", "at", "version", "revision", "paused", "agents", "bans");
    assertThat(first("agents").keySet())
        .containsExactly("cluster", "node", "revision", "issuer", "not_after", "heard", "banned");
    assertThat(first("bans").keySet()).containsExactly("cluster", "node", "who", "why", "at");
  }

  @Test
  void plan_saysOfEachRootWhoWouldBreak() {
    ca.shows(Scenes.retiring());

    assertThat(run("rotate", "plan")).isZero();

    assertThat(printed())
        .isEqualTo(
            """
            root-1 (RETIRING): 1 would break if it went now
              replicas 2 of 2 · agents 2 of 2 · acknowledged 11 of 12
              CLASS         WHO                                 LEAVES BY ITSELF      WHY
              acknowledged  pod shop/payments-0 on main/node-a  2026-03-01T12:30:00Z  it shows leaf 4d2a below root-1
            root-2 (ACTIVE): nobody needs it any more
              replicas 2 of 2
            """);
    assertThat(ca.deeds()).containsExactly("plan root-1", "plan root-2");
  }

  @Test
  void plan_ofOneRoot_asJson() {
    ca.shows(Scenes.retiring());

    assertThat(run("rotate", "plan", "root-1", "-o", "json")).isZero();

    assertThat(json().keySet())
        .containsExactly("schema", "at", "version", "revision", "paused", "gates");
    JsonObject gate = first("gates");
    assertThat(gate.keySet()).containsExactly("step", "root", "open", "classes", "missing");
    assertThat(gate.getAsJsonArray("classes").get(2))
        .isEqualTo(
            JsonParser.parseString(
                "{\"class\": \"POD_ACKNOWLEDGED\", \"confirmed\": 11, \"total\": 12}"));
    assertThat(gate.getAsJsonArray("missing").get(0).getAsJsonObject().keySet())
        .containsExactly("class", "cluster", "node", "name", "pod_uid", "why", "leaves");
  }

  @Test
  void plan_ofARootThatIsNone_isRefused() {
    ca.shows(Scenes.quiet());
    ca.refuses(RotationRefusal.NO_SUCH_AUTHORITY);

    assertThat(run("rotate", "plan", "root-9")).isEqualTo(1);
    assertThat(complained()).contains("NO_SUCH_AUTHORITY", "signet authority list");
  }

  @Test
  void watch_isALineForEachChange_andEndsWithTheRotation() {
    ca.shows(
        Scenes.prepared(),
        Scenes.published(),
        Scenes.nearly(),
        Scenes.paused(Scenes.nearly()),
        Scenes.retiring(),
        Scenes.complete());

    assertThat(run("rotate", "watch")).isZero();

    assertThat(printed())
        .isEqualTo(
            """
            2026-03-01T12:00:00Z  root-1 is ACTIVE
            2026-03-01T12:00:00Z  root-2 is PREPARED
            2026-03-01T12:00:00Z  the bundle is at revision 1
            2026-03-01T12:00:01Z  step: PUBLISH root-2 by replica ca-0
            2026-03-01T12:00:02Z  root-2 is PUBLISHED
            2026-03-01T12:00:02Z  the bundle is at revision 2
            2026-03-01T12:00:02Z  root-2 waits to sign: replicas 2 of 2 · published bundle 1 of 1 · agents 1 of 2 · acknowledged 12 of 12 · sent 3 of 4 · held 1 · unseen 1
            2026-03-01T12:00:02Z    missing: agent of main/node-b (agents): it holds revision 1, and 2 is wanted; leaves by itself at 2026-03-01T12:55:00Z
            2026-03-01T12:00:02Z    missing: pod shop/cart-0 on main/node-a (sent): sent 1 s ago, which counts after a minute; leaves by itself at 2026-03-01T12:50:00Z
            2026-03-01T12:00:02Z    missing: pod shop/mail-0 on main/node-b (unseen): it took a leaf and has no open stream; leaves by itself at 2026-03-01T12:45:00Z
            2026-03-01T12:00:09Z  root-2 waits to sign: agents 2 of 2 · sent 3 of 4
            2026-03-01T12:00:09Z    there now: agent of main/node-b
            2026-03-01T12:00:09Z    there now: pod shop/mail-0 on main/node-b
            2026-03-01T12:00:09Z  paused: no step is made by itself until signet rotate resume
            2026-03-01T12:01:01Z  step: ACTIVATE root-2 by uid 0, because: node-b burned down, OVERRIDING agent of main/node-b
            2026-03-01T12:01:02Z  root-1 is RETIRING
            2026-03-01T12:01:02Z  root-2 is ACTIVE
            2026-03-01T12:01:02Z  no longer paused
            2026-03-01T12:01:02Z  root-1 waits to leave the bundle: replicas 2 of 2 · agents 2 of 2 · acknowledged 11 of 12
            2026-03-01T12:01:02Z    missing: pod shop/payments-0 on main/node-a (acknowledged): it shows leaf 4d2a below root-1; leaves by itself at 2026-03-01T12:30:00Z
            2026-03-01T12:01:29Z  step: RETIRE root-1 by replica ca-0
            2026-03-01T12:01:30Z  root-1 is RETIRED
            2026-03-01T12:01:30Z  the bundle is at revision 3
            the rotation is complete: root-2 signs
            """);
  }

  @Test
  void watchOfARotationThatIsGivenUp_isOne() {
    ca.shows(Scenes.prepared(), Scenes.published(), Scenes.aborted());

    assertThat(run("rotate", "watch")).isEqualTo(1);
    assertThat(printed())
        .contains("step: ABORT root-2 by uid 0, because: the wrong day")
        .endsWith("the rotation was given up: root-1 signs\n");
  }

  @Test
  void watchOfNone_isZero_unlessTheLastWasGivenUp() {
    ca.shows(Scenes.complete());
    assertThat(run("rotate", "watch")).isZero();
    assertThat(printed()).endsWith("no rotation is under way: root-2 signs\n");
  }

  @Test
  void watchAfterAnAbort_isOne() {
    ca.shows(Scenes.aborted());
    assertThat(run("rotate", "watch")).isEqualTo(1);
    assertThat(printed()).endsWith("the rotation was given up: root-1 signs\n");
  }

  @Test
  void watchOfATaintedRoot_endsWhenNobodyNeedsIt() {
    ca.shows(Scenes.tainted(true), Scenes.tainted(false));

    assertThat(run("rotate", "watch")).isZero();
    assertThat(printed())
        .contains(
            "root-1 is TAINTED, its leaves are replaced at once",
            "root-1 may not be revoked yet: ",
            "root-1 may be revoked: nobody is missing: replicas 2 of 2")
        .endsWith(
            """
            the rotation is complete: root-2 signs
            nobody needs root-1 any more, which is tainted: signet rotate revoke root-1 takes it out of the bundle
            """);
  }

  @Test
  void storeThatGoesDuringAWatch_isSaid_andWatchedOn() {
    ca.shows(Scenes.prepared())
        .fails(new RefusedException(RefusalReason.STORE_UNAVAILABLE, "no primary"))
        .shows(Scenes.retiring(), Scenes.complete());

    assertThat(run("rotate", "watch")).isZero();
    assertThat(printed())
        .contains(
            "the CA cannot tell how things stand, and tries on: STORE_UNAVAILABLE: no primary")
        .endsWith("the rotation is complete: root-2 signs\n");
  }

  @Test
  void caThatIsReplacedDuringAWatch_isWaitedFor() throws Exception {
    ca.shows(Scenes.published());
    CompletableFuture<Integer> watch = CompletableFuture.supplyAsync(() -> run("rotate", "watch"));
    await(() -> printed().contains("root-2 is PUBLISHED"));

    endpoint.close();
    await(() -> printed().contains("the CA does not answer any more, and is asked on"));
    ca.shows(Scenes.complete());
    endpoint = AdminEndpoint.start(socket, ca, _ -> {});

    assertThat(watch.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(printed())
        .containsOnlyOnce("does not answer any more")
        .endsWith("the rotation is complete: root-2 signs\n");
  }

  private static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("still not so").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Test
  void watchThatTakesTooLong_isFour() {
    ca.shows(Scenes.published());

    assertThat(run("rotate", "watch", "--timeout", "1s")).isEqualTo(4);
    assertThat(printed())
        .endsWith("the time is over (--timeout), and the rotation is not complete\n");
    assertThat(run("rotate", "watch", "--timeout", "1s", "-o", "json")).isEqualTo(4);
    assertThat(lines().getLast())
        .isEqualTo(
            JsonParser.parseString(
                "{\"schema\": 1, \"event\": \"end\", \"outcome\": \"timeout\"}"));
  }

  @Test
  void watch_asJson_isALineForEachMessage() {
    ca.shows(Scenes.prepared())
        .fails(new RefusedException(RefusalReason.STORE_UNAVAILABLE, "no primary"))
        .shows(Scenes.published(), Scenes.retiring(), Scenes.complete());

    assertThat(run("rotate", "watch", "-o", "json")).isZero();

    assertThat(lines().stream().map(line -> line.get("event").getAsString()))
        .containsExactly("state", "trouble", "state", "state", "state", "end");
    assertThat(lines().getFirst().keySet())
        .containsExactly(
            "schema",
            "event",
            "at",
            "version",
            "revision",
            "paused",
            "under_way",
            "roots",
            "gates",
            "steps");
    assertThat(lines().get(1).keySet()).containsExactly("schema", "event", "reason", "detail");
    assertThat(lines().get(2).getAsJsonArray("steps")).as("new ones alone").hasSize(1);
    assertThat(lines().get(2).get("under_way").getAsBoolean()).isTrue();
    assertThat(lines().get(4).get("under_way").getAsBoolean()).isFalse();
    assertThat(lines().get(5).get("outcome").getAsString()).isEqualTo("complete");
  }

  @Test
  void socketThatIsNotThere_isThree_andSaysHowToReachOne() {
    Path nowhere = folder.resolve("nowhere.sock");

    assertThat(run("rotate", "taint", "root-1", "--reason", "x", "--socket", nowhere.toString()))
        .isEqualTo(3);
    assertThat(complained())
        .contains(
            "there is no socket " + nowhere,
            "kubectl exec -n signet-system statefulset/signet-ca -c ca -- signet rotate taint root-1",
            "--socket",
            "SIGNET_ADMIN_SOCKET")
        .hasLineCount(1);
    assertThat(printed()).isEmpty();
  }

  @Test
  void socketOnWhichNobodyListens_isThree() throws Exception {
    Path left = folder.resolve("left.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(left));
    }

    assertThat(run("agent", "list", "--socket", left.toString())).isEqualTo(3);
    assertThat(complained()).contains("no CA answers at " + left).hasLineCount(1);
    assertThat(run("rotate", "watch", "--socket", left.toString())).isEqualTo(3);
  }

  @Test
  void fileThatIsNoSocket_isThree() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");

    assertThat(run("agent", "list", "--socket", file.toString())).isEqualTo(3);
    assertThat(complained()).contains(file + " is no socket").hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "rotate                              | start",
        "authority                           | list",
        "agent ban node-b --reason x         | CLUSTER/NODE",
        "agent ban main/node-b               | --reason",
        "rotate taint Root_1 --reason x      | signet authority list",
        "rotate taint root-1                 | --reason",
        "rotate override                     | --reason",
        "rotate revoke root-1 --override     | --reason",
        "rotate watch --timeout 10           | has no unit",
        "rotate wach                         | did you mean watch",
        "authority list -o yaml              | --output",
      })
  void badUsage_isTwo_andOneLine_andAsksNobody(String line, String said) {
    assertThat(run(line.split(" "))).isEqualTo(2);
    assertThat(complained()).contains(said).hasLineCount(1);
    assertThat(printed()).isEmpty();
    assertThat(ca.deeds()).isEmpty();
  }

  private JsonObject first(String list) {
    return json().getAsJsonArray(list).get(0).getAsJsonObject();
  }

  private List<JsonObject> lines() {
    List<JsonObject> lines = new ArrayList<>();
    printed()
        .lines()
        .map(JsonParser::parseString)
        .map(JsonElement::getAsJsonObject)
        .forEach(lines::add);
    return lines;
  }
}
