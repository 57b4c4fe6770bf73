package dev.signet.agent.adapter.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountTableTest {
  @Test
  void lineOfTheManual_isRead() {
    assertThat(
            MountEntry.parse(
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=x"))
        .contains(
            new MountEntry(
                36,
                "/mnt1",
                "/mnt2",
                List.of("rw", "noatime"),
                true,
                "ext3",
                "/dev/root",
                "rw,errors=x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "36 35 98:0 / /m rw - tmpfs x rw",
        "36 35 98:0 / /m rw master:1 - tmpfs x rw",
        "36 35 98:0 / /m rw unbindable - tmpfs x rw"
      })
  void privateSlaveAndUnbindableMounts_areNotShared(String line) {
    assertThat(MountEntry.parse(line)).hasValueSatisfying(m -> assertThat(m.shared()).isFalse());
  }

  @Test
  void octalEscapes_areTheirCharacters() {
    assertThat(MountEntry.parse("1 2 0:1 / /a\\040b\\134c\\011 rw - tmpfs a\\0 rw"))
        .hasValueSatisfying(mount -> {
          assertThat(mount.point()).isEqualTo("/a b\\c\t");
          assertThat(mount.source()).isEqualTo("a\\0");
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "36",
        "36 35 98:0 / /m rw",
        "36 35 98:0 / /m rw -",
        "36 35 98:0 / /m rw - tmpfs",
        "36 35 98:0 / /m rw - tmpfs x",
        "x 35 98:0 / /m rw - tmpfs x rw",
        "99999999999999999999 35 98:0 / /m rw - tmpfs x rw"
      })
  void otherLine_isNoMount(String line) {
    assertThat(MountEntry.parse(line)).isEmpty();
  }

  /** The only legal refusal is an empty answer. */
  @Property(tries = 2_000)
  void anyText_isReadOrLeftOut(@ForAll String text) {
    assertThat(MountTable.parse(text + "\n36 35 98:0 / /m rw - tmpfs x rw").mounts()).isNotEmpty();
  }

  @Test
  void kernelThatNamesNoMount_isAnErrorWithTheMend() {
    var place = new FileStatus(1, 2, -1, true, 0x4000);

    assertThatThrownBy(() -> MountTable.parse("").at(place))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("needs Linux 5.12 or later");
  }

  @Test
  void mountThatIsNotThere_isAnError() {
    var place = new FileStatus(1, 2, 37, true, 0x4000);

    assertThatThrownBy(() -> MountTable.parse("36 35 98:0 / /m rw - tmpfs x rw").at(place))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mount 37");
  }
}
