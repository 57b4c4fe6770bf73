package dev.signet.clustertest.latency;

import dev.signet.clustertest.lab.ProbePod;
import java.util.Locale;

/**
 * The pods that are compared. They differ in their volumes and, with them, in the probe's one
 * command.
 */
enum PodKind {
  PLAIN("no volume", false, ""),
  PLAIN_WITH_SIGNET("Signet's volume alone", false, ProbePod.DRIVER),
  ORDINARY("the API token's volume, as pods have by default", true, ""),
  ORDINARY_WITH_EMPTY(
      "the API token's volume and one of a CSI driver that does nothing", true, EmptyDriver.NAME),
  ORDINARY_WITH_SIGNET("the API token's volume and Signet's", true, ProbePod.DRIVER);

  private final String description;
  private final boolean apiToken;
  private final String driver;

  PodKind(String description, boolean apiToken, String driver) {
    this.description = description;
    this.apiToken = apiToken;
    this.driver = driver;
  }

  String description() {
    return description;
  }

  private boolean identity() {
    return driver.equals(ProbePod.DRIVER);
  }

  /** The probe's line that ends the time of a pod: its first one, or its SVID. */
  String lastEvent() {
    return identity() ? "svid" : "started";
  }

  /** The manifest of one pod, which the scheduler places. */
  String yaml(String namespace, String account, int number) {
    String name = name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + number;
    ProbePod pod =
        ProbePod.of(namespace, name, account, "", identity() ? "fetch" : "hello")
            .withSpec("restartPolicy: Never\n");
    String yaml =
        driver.isEmpty()
            ? pod.withoutIdentity().yaml()
            : pod.yaml().replace("driver: " + ProbePod.DRIVER, "driver: " + driver);
    return yaml.replace(
        "automountServiceAccountToken: false", "automountServiceAccountToken: " + apiToken);
  }
}
