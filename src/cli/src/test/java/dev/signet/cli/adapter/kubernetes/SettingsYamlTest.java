package dev.signet.cli.adapter.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.InstalledSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsYamlTest {

  @Test
  void settings_areRead() {
    InstalledSettings settings =
        SettingsYaml.read(
            """
            trust_domain: shop.example
            svid: {ttl: 30m, backdate: 90s}
            policy: {allow_default_account: [legacy]}
            """,
            """
            trust_domain: "shop.example"
            kubelet_dir: /data/kubelet
            review: agent
            """);

    assertThat(settings)
        .isEqualTo(
            new InstalledSettings(
                Optional.of("shop.example"),
                Optional.of("shop.example"),
                Optional.of("/data/kubelet"),
                Optional.of("agent"),
                Optional.of(Duration.ofMinutes(30)),
                Optional.of(Duration.ofSeconds(90)),
                Set.of("legacy")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "a: &a [*a]",
        "trust_domain: [x]",
        "svid: 1h",
        "svid: {ttl: soon}",
        "- trust_domain"
      })
  void whatCannotBeRead_isNotSaid(String yaml) {
    assertThat(SettingsYaml.read(yaml, yaml))
        .isEqualTo(
            new InstalledSettings(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Set.of()));
  }
}
