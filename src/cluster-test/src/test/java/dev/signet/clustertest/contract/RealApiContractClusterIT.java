package dev.signet.clustertest.contract;

import com.google.gson.JsonObject;
import dev.signet.clustertest.lab.Kubectl;
import dev.signet.sandbox.api.ApiAccess;
import dev.signet.sandbox.api.KubernetesApiContract;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The suite that the sandbox's stand-in passes, unchanged, on the real server. */
class RealApiContractClusterIT extends KubernetesApiContract {
  private static final String ADMIN = "contract-admin";
  private static @Nullable ApiAccess admin;

  @BeforeAll
  static void becomeAdministrator() {
    Kubectl.run("create", "serviceaccount", "-n", "kube-system", ADMIN).orFail();
    Kubectl.run(
            "create",
            "clusterrolebinding",
            ADMIN,
            "--clusterrole=cluster-admin",
            "--serviceaccount=kube-system:" + ADMIN)
        .orFail();
    JsonObject cluster =
        Kubectl.json("config", "view", "--raw", "--minify")
            .getAsJsonArray("clusters")
            .get(0)
            .getAsJsonObject();
    String ca = Kubectl.text(cluster, "cluster.certificate-authority-data");
    admin =
        new ApiAccess(
            URI.create(Kubectl.text(cluster, "cluster.server")),
            new String(Base64.getDecoder().decode(ca), StandardCharsets.US_ASCII),
            Kubectl.run("create", "token", "-n", "kube-system", ADMIN, "--duration=1h")
                .orFail()
                .strip());
  }

  @AfterAll
  static void beNobody() {
    Kubectl.run("delete", "clusterrolebinding", ADMIN, "--ignore-not-found").orFail();
    Kubectl.run("delete", "serviceaccount", "-n", "kube-system", ADMIN, "--ignore-not-found")
        .orFail();
  }

  @Override
  protected ApiAccess admin() {
    if (admin == null) {
      throw new IllegalStateException("JUnit calls becomeAdministrator first");
    }
    return admin;
  }
}
