package dev.signet.ca.adapter.kubernetes;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.apis.AuthorizationV1Api;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** KUBERNETES section 7. */
class AccessRightsTest {
  private static final String REVIEWS =
      "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  private static final ConfigMapName TRUST = new ConfigMapName("signet-system", "trust");
  private static final List<String> EXACT =
      List.of(
          "create authentication.k8s.io/tokenreviews @ #",
          "get /pods @ #",
          "list /pods @ #",
          "watch /pods @ #",
          "get /configmaps @signet-system #trust",
          "create /configmaps @signet-system #",
          "update /configmaps @signet-system #trust");

  @TempDir private Path folder;
  private final FakeApiServer api = new FakeApiServer();

  @AfterEach
  void close() {
    api.close();
  }

  private AccessRights rights(Predicate<String> allowed, Optional<ConfigMapName> configMap)
      throws Exception {
    api.on(
        REVIEWS,
        (exchange, request) ->
            json(201, "{\"status\":{\"allowed\":" + allowed.test(asked(request.body())) + "}}")
                .handle(exchange, request));
    return new AccessRights(
        new AuthorizationV1Api(KubernetesClient.create(Optional.of(api.kubeconfig(folder)))),
        new ApiExchange(new RetryAfter(System::nanoTime)),
        configMap);
  }

  private static String asked(String body) {
    JsonObject attributes =
        JsonParser.parseString(body)
            .getAsJsonObject()
            .getAsJsonObject("spec")
            .getAsJsonObject("resourceAttributes");
    String subresource = text(attributes, "subresource");
    return text(attributes, "verb")
        + " "
        + text(attributes, "group")
        + "/"
        + text(attributes, "resource")
        + (subresource.isEmpty() ? "" : "/" + subresource)
        + " @"
        + text(attributes, "namespace")
        + " #"
        + text(attributes, "name");
  }

  private static String text(JsonObject object, String name) {
    return object.has(name) ? object.get(name).getAsString() : "";
  }

  @Test
  void exactlyTheChartsRights_nothingMissing_nothingTooMuch() throws Exception {
    AccessRights rights = rights(EXACT::contains, Optional.of(TRUST));

    assertThat(rights.missing()).isEmpty();
    assertThat(rights.excess()).isEmpty();
  }

  @Test
  void bundleInAFile_noConfigMapIsAskedFor() throws Exception {
    AccessRights rights = rights(EXACT.subList(0, 4)::contains, Optional.empty());

    assertThat(rights.missing()).isEmpty();
  }

  @Test
  void missing_isNamedWithTheRuleToAdd() throws Exception {
    AccessRights rights = rights(_ -> false, Optional.of(TRUST));

    List<Right> missing = rights.missing();

    assertThat(missing).hasSize(EXACT.size());
    assertThat(missing.toString())
        .contains(
            "create tokenreviews.authentication.k8s.io", "update configmaps in signet-system");
    assertThat(AccessRights.mend(missing))
        .contains(
            "to its ClusterRole {apiGroups: [\"authentication.k8s.io\"], resources: [tokenreviews], verbs: [create]}",
            "to its ClusterRole {apiGroups: [\"\"], resources: [pods], verbs: [watch]}",
            "to its Role in signet-system {apiGroups: [\"\"], resources: [configmaps], resourceNames: [trust], verbs: [update]}",
            "to its Role in signet-system {apiGroups: [\"\"], resources: [configmaps], verbs: [create]}");
  }

  @Test
  void tooMuch_isNamedOnce() throws Exception {
    AccessRights rights =
        rights(
            asked ->
                asked.startsWith("get /secrets @")
                    || asked.equals("get /nodes/proxy @ #")
                    || asked.equals("list /secrets @signet-system #")
                    || asked.equals("create /serviceaccounts/token @signet-system #")
                    || asked.equals("impersonate /users @ #"),
            Optional.of(TRUST));

    assertThat(rights.excess().toString())
        .isEqualTo(
            "[get nodes/proxy, get secrets, impersonate users, create serviceaccounts/token in"
                + " signet-system, list secrets in signet-system]");
  }

  @Test
  void clusterAdmin_isTooMuch() throws Exception {
    AccessRights rights = rights(_ -> true, Optional.of(TRUST));

    assertThat(rights.missing()).isEmpty();
    assertThat(rights.excess().toString()).contains("* *", "impersonate groups", "get nodes/proxy");
  }
}
