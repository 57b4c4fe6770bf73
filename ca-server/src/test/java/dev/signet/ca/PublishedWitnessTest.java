package dev.signet.ca;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.adapter.kubernetes.FakeApiServer;
import dev.signet.ca.adapter.kubernetes.FakeConfigMap;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.bundle.Bundles;
import dev.signet.process.config.ConfigDocument;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ADR 14. */
class PublishedWitnessTest {
  @TempDir private Path folder;
  private final FakeApiServer api = new FakeApiServer();
  private final FakeConfigMap stored = new FakeConfigMap(api, "signet-system", "trust");
  private final String root = Bundles.of(1, new TestAuthority("a")).x509().pem();

  @AfterEach
  void close() {
    api.close();
  }

  private PublishedWitness witness(String place, String cluster) throws Exception {
    Path key =
        Files.writeString(folder.resolve("key"), "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path file =
        Files.writeString(
            folder.resolve("ca.yaml"),
            """
            trust_domain: shop.example
            data_dir: data
            key_encryption_key_file: key
            listen: 127.0.0.1:0
            probes: 127.0.0.1:0
            %s
            cluster: {name: demo%s}
            """
                .formatted(place, cluster));
    return new PublishedWitness(CaConfig.from(ConfigDocument.read(file)));
  }

  private PublishedWitness configMap() throws Exception {
    return witness(
        "trust_bundle_config_map: signet-system/trust", ", kubeconfig: " + api.kubeconfig(folder));
  }

  /** No cluster is needed for it. */
  @Test
  void file_speaksAgainstASecondRoot() throws Exception {
    PublishedWitness witness = witness("trust_bundle_file: bundle.pem", "");
    assertThat(witness.refusesFirstRoot()).isEmpty();

    Files.writeString(folder.resolve("bundle.pem"), root);

    assertThat(witness.refusesFirstRoot().orElseThrow())
        .contains("The volume was lost", "rm " + folder.resolve("bundle.pem"));
  }

  @Test
  void configMap_speaksAgainstASecondRoot() throws Exception {
    PublishedWitness witness = configMap();
    assertThat(witness.refusesFirstRoot()).isEmpty();
    stored.set("{\"data\":{\"other\":\"x\"}}");
    assertThat(witness.refusesFirstRoot()).isEmpty();

    stored.set("{\"data\":{\"bundle.pem\":\"" + root.replace("\n", "\\n") + "\"}}");

    assertThat(witness.refusesFirstRoot().orElseThrow())
        .contains(
            "the ConfigMap signet-system/trust publishes the root",
            "kubectl -n signet-system patch configmap trust");
  }

  /** Never fails open: not to know is not to have none. */
  @Test
  void configMapNotKnown_nothingIsMade() throws Exception {
    api.on("GET " + stored.path(), json(403, "{}"));
    assertThatThrownBy(() -> configMap().refusesFirstRoot())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("add to its Role there")
        .hasMessageContaining("Nothing is made");

    api.on("GET " + stored.path(), json(503, ""));
    assertThatThrownBy(() -> configMap().refusesFirstRoot())
        .isInstanceOf(StartRefusedException.class);

    assertThatThrownBy(
            () -> witness("trust_bundle_config_map: a/b", ", kubeconfig: none").refusesFirstRoot())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("kubeconfig");
  }
}
