package dev.signet.clustertest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.clustertest.lab.Lab;
import io.kubernetes.client.openapi.apis.VersionApi;
import io.kubernetes.client.util.Config;
import org.junit.jupiter.api.Test;

class LabClusterIT {
  @Test
  void apiServer_answers() throws Exception {
    var version =
        new VersionApi(Config.fromConfig(Lab.kubeconfig().toString())).getCode().execute();
    assertThat(version.getMajor()).isEqualTo("1");
  }
}
