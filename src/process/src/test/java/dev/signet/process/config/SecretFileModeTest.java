package dev.signet.process.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.process.config.SecretFileMode.Owned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileModeTest {
  private static final Path FILE = Path.of("/var/run/secrets/signet/kek/kek");
  private static final ProcessIds POD = new ProcessIds(65532, Set.of(65532));
  private static final int REGULAR = 0100000;

  /** A Secret in a pod with {@code fsGroup}: kubelet makes it 0440 root:fsGroup. */
  @ParameterizedTest
  @ValueSource(ints = {0440, 0640, 0040, 0400, 0600})
  void rootsFile_readableByOwnGroup_isClosedEnough(int mode) {
    assertThat(SecretFileMode.fault(FILE, new Owned(0, 65532, REGULAR | mode), POD)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0444, 0441, 0442, 0460, 0450, 0660, 0404, 0777})
  void rootsFile_openToMore_isRefused(int mode) {
    assertThat(SecretFileMode.fault(FILE, new Owned(0, 65532, REGULAR | mode), POD).orElseThrow())
        .contains("open to more than its group's reading", "defaultMode: 0440", FILE.toString());
  }

  @Test
  void rootsFile_ofAnotherGroup_isRefused() {
    assertThat(SecretFileMode.fault(FILE, new Owned(0, 100, REGULAR | 0440), POD).orElseThrow())
        .contains("group 100", "[65532]", "fsGroup");
  }

  /** Its owner can close it: what is open then is a mistake. */
  @Test
  void ownFile_readableByOwnGroup_isRefused() {
    assertThat(SecretFileMode.fault(FILE, new Owned(65532, 65532, REGULAR | 0440), POD))
        .contains("is open to others than its owner; run: chmod 600 " + FILE);
  }

  /** Root's group is not a closed circle to root's own process. */
  @Test
  void rootsFile_toRootItself_isTheOwnersAlone() {
    ProcessIds root = new ProcessIds(0, Set.of(0));
    assertThat(SecretFileMode.fault(FILE, new Owned(0, 0, REGULAR | 0440), root)).isPresent();
    assertThat(SecretFileMode.fault(FILE, new Owned(0, 0, REGULAR | 0400), root)).isEmpty();
  }

  @Test
  void thirdUsersFile_readableByOwnGroup_isRefused() {
    assertThat(SecretFileMode.fault(FILE, new Owned(1000, 65532, REGULAR | 0440), POD)).isPresent();
  }

  @Test
  void processIds_areTheEffectiveOnes() throws Exception {
    assertThat(
            ProcessIds.parse(
                List.of(
                    "Name:\tjava",
                    "Uid:\t1\t65532\t3\t4",
                    "Gid:\t5\t65532\t7\t8",
                    "Groups:\t100 4294967295 ")))
        .isEqualTo(new ProcessIds(65532, Set.of(65532, 100, -1)));
    assertThat(ProcessIds.parse(List.of("Uid:\t0\t0\t0\t0", "Gid:\t0\t0\t0\t0", "Groups:\t ")))
        .isEqualTo(new ProcessIds(0, Set.of(0)));
    assertThatThrownBy(() -> ProcessIds.parse(List.of("Name:\tjava")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void thisProcess_isWhoTheFileSystemSaysItIs(@TempDir Path folder) throws Exception {
    Path mine = Files.createFile(folder.resolve("mine"));
    assertThat(ProcessIds.own().uid()).isEqualTo(Files.getAttribute(mine, "unix:uid"));
    assertThat(ProcessIds.own().groups()).contains((Integer) Files.getAttribute(mine, "unix:gid"));
  }
}
