package dev.signet.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KubernetesVersionTest {

  @ParameterizedTest
  @CsvSource({"v1.36.3, 36", "v1.29.4-gke.100, 29", "1.30, 30", "v1.31.2+k0s.0, 31"})
  void versions_areRead(String text, int minor) {
    assertThat(KubernetesVersion.parse(text).orElseThrow().minor()).isEqualTo(minor);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "v1", "one", "v.1.2", "v99999.1", "v1.99999", "$(date)"})
  void otherTexts_areNone(String text) {
    assertThat(KubernetesVersion.parse(text)).isEmpty();
  }

  @Test
  void order_isByNumbers() {
    KubernetesVersion version = KubernetesVersion.parse("v1.9.0").orElseThrow();
    assertThat(version.atLeast(1, 10)).isFalse();
    assertThat(version.atLeast(1, 9)).isTrue();
    assertThat(KubernetesVersion.parse("v2.0.0").orElseThrow().atLeast(1, 99)).isTrue();
  }
}
