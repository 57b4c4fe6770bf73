package dev.signet.ca;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.adapter.postgresql.PostgresServer;
import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.IssuanceStep;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.KillDrill;
import dev.signet.ca.store.DataFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Setting up a CA whose store is in PostgreSQL, where another process is at it, too. */
class PostgresInitTest {
  @TempDir private Path folder;
  private String url = "";

  @BeforeEach
  void database() throws SQLException {
    url = PostgresServer.shared().newDatabase();
  }

  private IssuingCaSettings settings(Path data) {
    return KillDrill.settings(data, KillDrill.postgres(url));
  }

  private TrustBundle init(Path data, IssuanceSteps steps) throws StartRefusedException {
    return IssuingCa.init(settings(data), InstantSource.system(), steps);
  }

  /** The one that holds it may run another release. */
  @Test
  void dataFolderInUse_isRefused_andNothingIsWritten() throws Exception {
    try (DataFolder _ = DataFolder.take(folder)) {
      assertThatThrownBy(() -> init(folder, IssuanceSteps.NONE))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("another CA process uses the data folder " + folder);
    }

    assertThat(tables()).isEmpty();
  }

  /** The folders' locks do not keep them apart: the store does. */
  @Test
  void twoAtOnceOnOneDatabase_oneMakesTheRoot_andTheOtherSaysWhatHappened() throws Exception {
    Path loser = Files.createDirectory(folder.resolve("loser"));
    Path winner = Files.createDirectory(folder.resolve("winner"));
    List<TrustBundle> made = new ArrayList<>();
    IssuanceSteps overtaken =
        step -> {
          if (step == IssuanceStep.AUTHORITY_PREPARED) {
            try {
              made.add(init(winner, IssuanceSteps.NONE));
            } catch (StartRefusedException e) {
              throw new AssertionError(e);
            }
          }
        };

    assertThatThrownBy(() -> init(loser, overtaken))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContainingAll("another process", "trust root", "serve");
    assertThat(made).hasSize(1);
    try (IssuingCa ca =
        IssuingCa.open(
            settings(winner),
            InstantSource.system(),
            IssuanceSteps.NONE,
            AuthorityObserver.NONE,
            _ -> {})) {
      assertThat(ca.trust().root().bundle()).isEqualTo(made.getFirst());
    }
    assertThatThrownBy(() -> init(loser, IssuanceSteps.NONE)).hasMessageContaining("is set up");
  }

  private List<String> tables() throws SQLException {
    try (var connection = PostgresServer.connect(url);
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")) {
      List<String> found = new ArrayList<>();
      while (rows.next()) {
        found.add(rows.getString(1));
      }
      return found;
    }
  }
}
