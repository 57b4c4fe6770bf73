package dev.signet.clustertest.chart;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A manifest, with ways into it. */
record KubernetesObject(Map<String, Object> content) {

  static KubernetesObject of(Object document) {
    return new KubernetesObject(map(document));
  }

  String kind() {
    return text("kind");
  }

  String name() {
    return text("metadata", "name");
  }

  boolean isHook() {
    return at("metadata", "annotations", "helm.sh/hook").isPresent();
  }

  /** What stands at a path of keys. */
  Optional<Object> at(String... path) {
    Object found = content;
    for (String key : path) {
      if (!(found instanceof Map<?, ?> map) || !map.containsKey(key)) {
        return Optional.empty();
      }
      found = map.get(key);
    }
    return Optional.ofNullable(found);
  }

  /** Text at a path; empty text if there is none. */
  String text(String... path) {
    return at(path).map(Object::toString).orElse("");
  }

  /** The list at a path; empty if there is none. */
  List<Object> items(String... path) {
    return at(path).map(KubernetesObject::list).orElse(List.of());
  }

  static List<Object> list(Object value) {
    if (!(value instanceof List<?> list)) {
      throw new AssertionError("no list: " + value);
    }
    return new ArrayList<>(list);
  }

  static Map<String, Object> map(Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new AssertionError("no map: " + value);
    }
    Map<String, Object> copy = new LinkedHashMap<>();
    map.forEach((key, element) -> copy.put(String.valueOf(key), element));
    return copy;
  }

  @Override
  public String toString() {
    return kind() + " " + name();
  }
}
