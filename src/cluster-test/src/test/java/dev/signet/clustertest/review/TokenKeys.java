package dev.signet.clustertest.review;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.clustertest.lab.Kubectl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What an operator brings from the cluster to the CA, fetched as docs/install.md says. */
record TokenKeys(String issuer, Path file) {

  static TokenKeys fetch(Path folder) throws IOException {
    JsonObject discovery =
        JsonParser.parseString(
                Kubectl.run("get", "--raw", "/.well-known/openid-configuration").orFail())
            .getAsJsonObject();
    Path file = folder.resolve("jwks.json");
    Files.writeString(file, Kubectl.run("get", "--raw", "/openid/v1/jwks").orFail());
    return new TokenKeys(Kubectl.text(discovery, "issuer"), file);
  }

  Map<String, String> values() {
    return Map.of("agent.review", "agent", "ca.tokenIssuer", issuer);
  }

  Map<String, Path> files() {
    return Map.of("ca.tokenKeys", file);
  }
}
