package dev.signet.ca.adapter.kubernetes;

import static dev.signet.ca.adapter.kubernetes.FakeApiServer.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.signet.ca.bundle.PublicationException;
import dev.signet.ca.bundle.PublishedBundle;
import dev.signet.ca.bundle.PublishedBundleContract;
import dev.signet.process.StartRefusedException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TrustBundleConfigMapTest implements PublishedBundleContract {
  private static final ConfigMapName NAME = new ConfigMapName("signet-system", "trust");

  @TempDir private Path folder;
  private final FakeApiServer api = new FakeApiServer();
  private final FakeConfigMap stored = new FakeConfigMap(api, "signet-system", "trust");
  private KubernetesCluster cluster;

  @BeforeEach
  void connect() throws StartRefusedException {
    cluster =
        KubernetesCluster.of(Optional.of(api.kubeconfig(folder)), new SecureRandom(), _ -> {});
  }

  @AfterEach
  void close() {
    cluster.close();
    api.close();
  }

  @Override
  public PublishedBundle place() {
    return cluster.trustBundle(NAME);
  }

  @Override
  public void othersPut(String text) {
    JsonObject data = new JsonObject();
    data.addProperty("bundle.pem", text);
    JsonObject object = new JsonObject();
    object.add("data", data);
    stored.set(object.toString());
  }

  @Override
  public void breakIt() {
    api.on("GET " + stored.path(), json(403, "{}"));
  }

  @Test
  void missing_isCreatedWithNothingButTheKey() throws Exception {
    place().look().replace("pem");

    JsonObject made = stored.object().orElseThrow();
    assertThat(made.keySet()).containsExactly("apiVersion", "kind", "metadata", "data");
    assertThat(made.getAsJsonObject("data").toString()).isEqualTo("{\"bundle.pem\":\"pem\"}");
    assertThat(made.getAsJsonObject("metadata").keySet())
        .containsExactlyInAnyOrder("name", "namespace", "resourceVersion");
  }

  /** Also what this version of the client has never heard of. */
  @Test
  void update_leavesEverythingElseAsItIs() throws Exception {
    stored.set(
        """
        {"apiVersion":"v1","kind":"ConfigMap",
         "metadata":{"name":"trust","namespace":"signet-system","uid":"u","labels":{"a":"b"},
          "annotations":{"helm.sh/resource-policy":"keep"},"managedFields":[{"manager":"helm"}],
          "ownerReferences":[{"uid":"x"}]},
         "data":{"other":"value"},"binaryData":{"b":"AA=="},"future":{"field":[1,2.5,true,null]}}
        """);
    JsonObject expected = stored.object().orElseThrow();
    expected.getAsJsonObject("data").addProperty("bundle.pem", "pem");
    expected.getAsJsonObject("metadata").addProperty("resourceVersion", "102");

    place().look().replace("pem");

    assertThat(stored.object().orElseThrow()).isEqualTo(expected);
  }

  @Test
  void templatedWithoutData_isFilled() throws Exception {
    stored.set("{\"metadata\":{\"name\":\"trust\"}}");
    assertThat(place().look().text()).isEmpty();

    place().look().replace("pem");

    assertThat(place().look().text()).contains("pem");
  }

  @Test
  void changedBetweenLookAndWrite_isSaid_andNotOverwritten() throws Exception {
    othersPut("first");
    stored.beforeWrite(() -> othersPut("second"));
    assertConflict();
    assertThat(place().look().text()).contains("second");

    stored.beforeWrite(stored::delete);
    assertConflict();

    stored.beforeWrite(() -> othersPut("third"));
    assertConflict();
    assertThat(place().look().text()).contains("third");
  }

  private void assertConflict() throws Exception {
    PublishedBundle.Look look = place().look();
    assertThatThrownBy(() -> look.replace("ours"))
        .isInstanceOfSatisfying(
            PublicationException.class, e -> assertThat(e.isChangedMeanwhile()).isTrue());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 | this CA may not get configmaps in the namespace signet-system (HTTP 403); add to its Role there: {apiGroups: [\"\"], resources: [configmaps], resourceNames: [trust], verbs: [get]}",
        "401 | does not know this CA",
        "500 | the ConfigMap signet-system/trust is not known: get configmaps: HTTP 500",
        "429 | HTTP 429",
        "404 | the namespace signet-system of the ConfigMap signet-system/trust is not there"
      })
  void getRefused_namesTheMend(int status, String text) {
    api.on("GET " + stored.path(), json(status, "{}"));

    assertThatThrownBy(() -> place().look())
        .isInstanceOf(PublicationException.class)
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 | may not update configmaps in the namespace signet-system (HTTP 403); add to its Role there: {apiGroups: [\"\"], resources: [configmaps], resourceNames: [trust], verbs: [update]}",
        "422 | it is immutable",
        "413 | too large"
      })
  void updateRefused_namesTheMend(int status, String text) throws Exception {
    othersPut("first");
    api.on("PUT " + stored.path(), json(status, "{}"));
    PublishedBundle.Look look = place().look();

    assertThatThrownBy(() -> look.replace("x"))
        .isInstanceOf(PublicationException.class)
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "403 | may not create configmaps in the namespace signet-system (HTTP 403); add to its Role there: {apiGroups: [\"\"], resources: [configmaps], verbs: [create]}",
        "404 | make it, or correct trust_bundle_config_map"
      })
  void createRefused_namesTheMend(int status, String text) throws Exception {
    api.on("POST " + stored.collection(), json(status, "{}"));
    PublishedBundle.Look look = place().look();

    assertThatThrownBy(() -> look.replace("x"))
        .isInstanceOf(PublicationException.class)
        .hasMessageContaining(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"''", "null", "[]", "{", "{\"data\":[]}", "{\"data\":{\"bundle.pem\":{}}}"})
  void answerThatIsNone_isTroubleOrNothing_neverABundle(String body) throws Exception {
    api.on("GET " + stored.path(), json(200, body));
    try {
      assertThat(place().look().text()).isEmpty();
    } catch (PublicationException e) {
      assertThat(e).hasMessageContaining("is not known");
    }
  }

  @Test
  void apiAway_trouble() {
    api.close();

    assertThatThrownBy(() -> place().look())
        .isInstanceOf(PublicationException.class)
        .hasMessageContaining("(the Kubernetes API)");
  }

  @Test
  void name_isNamespaceAndName() {
    assertThat(ConfigMapName.parse("signet-system/trust")).isEqualTo(NAME);
    for (String bad : new String[] {"trust", "a/b/c", "/x", "A/b", "a/", "a/B", ""}) {
      assertThatThrownBy(() -> ConfigMapName.parse(bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(place().howToClear())
        .isEqualTo(
            "kubectl -n signet-system patch configmap trust --type=json"
                + " -p '[{\"op\":\"remove\",\"path\":\"/data/bundle.pem\"}]'");
  }
}
