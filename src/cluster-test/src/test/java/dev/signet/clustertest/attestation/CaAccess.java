package dev.signet.clustertest.attestation;

import dev.signet.clustertest.lab.Kubectl;
import dev.signet.clustertest.lab.Signet;
import dev.signet.sandbox.world.CaClient;
import dev.signet.spiffe.TrustDomain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the CA that the chart has installed is, and how it is known. */
final class CaAccess {
  private static final int PORT = 8443;

  private CaAccess() {}

  /**
   * The CA at the address that its pod has now, under the bundle it publishes.
   *
   * @param folder for the bundle's file
   */
  static CaClient.Server server(Path folder) {
    String bundle =
        Kubectl.get("configmap", "-n", Signet.NAMESPACE, "signet-trust-bundle")
            .getAsJsonObject("data")
            .get("bundle.pem")
            .getAsString();
    String address =
        Kubectl.text(Kubectl.get("pod", "-n", Signet.NAMESPACE, Signet.CA_POD), "status.podIP");
    try {
      return new CaClient.Server(
          address + ":" + PORT,
          TrustDomain.parse(Signet.TRUST_DOMAIN),
          Files.writeString(folder.resolve("bundle.pem"), bundle));
    } catch (IOException e) {
      throw new UncheckedIOException("the CA's bundle cannot be kept", e);
    }
  }
}
