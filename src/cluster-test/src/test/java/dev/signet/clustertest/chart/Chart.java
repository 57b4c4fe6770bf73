package dev.signet.clustertest.chart;

import com.google.gson.Gson;
import dev.signet.clustertest.lab.Lab;
import dev.signet.clustertest.lab.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The chart, rendered as {@code helm template} does it. */
final class Chart {
  static final String FOLDER = Lab.root().resolve("deploy/helm/signet").toString();
  static final String TRUST_DOMAIN = "trustDomain=chart.example";
  private static final Gson GSON = new Gson();

  private Chart() {}

  /** Renders for a namespace, with whatever comes of it. */
  static Output tryRender(String namespace, List<String> arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("template", "signet", FOLDER, "--namespace", namespace));
    command.addAll(arguments);
    return Lab.helm(command);
  }

  /** The objects, hooks included, in Helm's order. */
  static List<KubernetesObject> render(String namespace, List<String> arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("--set", TRUST_DOMAIN));
    all.addAll(arguments);
    String yaml = tryRender(namespace, all).succeeded().out();
    Iterable<Object> documents = new Load(LoadSettings.builder().build()).loadAllFromString(yaml);
    return StreamSupport.stream(documents.spliterator(), false)
        .filter(document -> document instanceof Map)
        .map(KubernetesObject::of)
        .toList();
  }

  /** Objects as one list that kubectl takes. */
  static String list(List<KubernetesObject> objects) {
    return json(
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "List",
            "items",
            objects.stream().map(KubernetesObject::content).toList()));
  }

  static String json(Object value) {
    return GSON.toJson(value);
  }
}
