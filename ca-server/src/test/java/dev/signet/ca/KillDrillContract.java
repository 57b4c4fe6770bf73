package dev.signet.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.IssuedSvid;
import dev.signet.ca.issuance.KillDrill;
import dev.signet.spiffe.X509Bundle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F1, and F20 for the making of the root: a process ends at each step in turn, as by kill -9. What
 * was handed out was recorded, nothing is recorded twice, and the next process just goes on.
 */
public abstract class KillDrillContract {
  /** Two places in which every step has a neighbour of its own batch behind it. */
  private static final int SECOND = 2;

  private static final int NINTH = 9;

  /**
   * What every forced rotation comes to; what is left out leaves nearly the same behind as the step
   * before it.
   */
  private static final EnumSet<IssuanceStep> ROTATING =
      EnumSet.of(
          IssuanceStep.ROTATION_PREPARED,
          IssuanceStep.NEXT_ROOT_KEY_MADE,
          IssuanceStep.NEXT_ROOT_MADE,
          IssuanceStep.ROTATION_PUBLISHED,
          IssuanceStep.ROTATION_ACTIVATED,
          IssuanceStep.SIGNER_ADOPTED,
          IssuanceStep.ROTATION_RETIRED,
          IssuanceStep.ROOT_KEY_CONDEMNED);

  @TempDir private Path folder;

  /** Where the process under the drill has its store. */
  protected abstract StorePlace store();

  /** How {@link KillDrill} is told, after its other arguments. */
  protected abstract List<String> arguments();

  /** The first column of what the query finds. */
  protected abstract List<String> strings(String sql) throws SQLException;

  protected Path folder() {
    return folder;
  }

  protected static List<String> strings(Connection connection, String sql) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    }
  }

  private IssuingCaSettings settings() {
    return KillDrill.settings(folder, store());
  }

  @Test
  void processKilledWhileMakingTheRoot_isFollowedByOneThatGoesOn() throws Exception {
    // What is left out leaves the same behind as the step before it.
    EnumSet<IssuanceStep> steps =
        EnumSet.range(IssuanceStep.AUTHORITY_PREPARED, IssuanceStep.AUTHORITY_ACTIVATED);
    steps.removeAll(EnumSet.of(IssuanceStep.BUILT, IssuanceStep.LINTED, IssuanceStep.VALIDATED));
    for (IssuanceStep step : steps) {
      Run run = run("init", step, 1);
      assertThat(run.killed()).as("reached %s: %s", step, run.lines()).isTrue();
      // After the last one it is made, and was killed before it could say so.
      if (step != IssuanceStep.AUTHORITY_ACTIVATED) {
        assertThatThrownBy(this::open)
            .as("after %s", step)
            .isInstanceOf(StartRefusedException.class)
            .hasMessageContaining("init");
      }
    }
    try (IssuingCa ca = open()) {
      assertThat(ca.trust().root().bundle().revision()).isEqualTo(1);
    }

    assertThat(strings("SELECT key_id FROM authority WHERE role = 'ROOT'")).hasSize(1);
    assertThat(keys()).filteredOn(name -> name.startsWith("root-")).hasSize(1);
    assertThat(strings("SELECT DISTINCT kind FROM issuance ORDER BY kind"))
        .containsExactly("AUTHORITY", "ROOT");
  }

  @Test
  void processKilledWhileIssuing_hasRecordedAllThatItSigned() throws Exception {
    IssuingCa.init(settings(), InstantSource.system(), IssuanceSteps.NONE);
    X509Bundle before;
    try (IssuingCa ca = open()) {
      before = ca.trust().root().bundle().x509();
    }
    Set<String> seen = new HashSet<>();
    long signed = 2; // The root's certificate and the authority's.
    for (IssuanceStep step : EnumSet.range(IssuanceStep.BUILT, IssuanceStep.VALIDATED)) {
      Run run = run("issue", step, step.name().startsWith("GROUP") ? SECOND : NINTH);
      assertThat(run.killed()).as("reached %s", step).isTrue();
      seen.addAll(run.certificates());
      signed += run.steps(IssuanceStep.SIGNED);

      List<String> serials = strings("SELECT serial FROM issuance");
      assertThat(serials).as("after %s", step).doesNotHaveDuplicates().containsAll(seen);
      assertThat(serials.size()).as("after %s", step).isGreaterThanOrEqualTo((int) signed);
    }
    assertThat(seen).isNotEmpty();

    try (IssuingCa ca = open()) {
      assertThat(ca.trust().root().bundle().x509()).isEqualTo(before);
      IssuedSvid svid =
          ca.issuer()
              .issue(KillDrill.granted(InstantSource.system().instant()))
              .get(30, TimeUnit.SECONDS);
      assertThat(seen).doesNotContain(svid.serial());
    }
    assertThat(strings("SELECT key_id FROM authority")).as("the authority is reused").hasSize(2);
  }

  /** The long drill, {@code tools/kill-drill}, goes through all steps, at any occurrence. */
  @Test
  void processKilledWhileRotating_isFollowedByOneThatGoesOn() throws Exception {
    KillCampaign campaign =
        new KillCampaign(folder, arguments().stream().findFirst(), DrillJvm.plain(), 1);
    for (IssuanceStep step : ROTATING) {
      campaign.kill(step, 1);
    }
    campaign.settle();
    assertThat(campaign.rotations()).isGreaterThanOrEqualTo(3);
  }

  private IssuingCa open() throws StartRefusedException {
    return IssuingCa.open(
        settings(), InstantSource.system(), IssuanceSteps.NONE, AuthorityObserver.NONE, _ -> {});
  }

  private record Run(int exit, List<String> lines) {
    boolean killed() {
      return exit == KillDrill.KILLED;
    }

    long steps(IssuanceStep step) {
      return lines.stream().filter(("step " + step)::equals).count();
    }

    List<String> certificates() {
      return lines.stream()
          .filter(line -> line.startsWith("certificate "))
          .map(line -> line.substring("certificate ".length()))
          .toList();
    }
  }

  private Run run(String verb, IssuanceStep step, int occurrence)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder.getParent(), "drill", ".out");
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                KillDrill.class.getName(),
                folder.toString(),
                verb,
                step.name(),
                Integer.toString(occurrence)));
    command.addAll(arguments());
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
      List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
      assertThat(process.exitValue()).as("%s", lines).isIn(0, 1, KillDrill.KILLED);
      return new Run(process.exitValue(), lines);
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  /** The names of all keys, and of what is left of them. */
  protected List<String> keys() throws Exception {
    try (var files = Files.list(folder.resolve("keys"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
