package dev.signet.cli.adapter.kubernetes;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A part of an answer, which may not be there. What has another type than expected counts as not
 * there: an odd field of one object must not hide all others.
 */
record Doc(JsonElement json) {
  static final Doc NONE = new Doc(JsonNull.INSTANCE);

  Doc at(String... path) {
    JsonElement here = json;
    for (String key : path) {
      JsonElement next = here instanceof JsonObject object ? object.get(key) : null;
      if (next == null) {
        return NONE;
      }
      here = next;
    }
    return new Doc(here);
  }

  boolean present() {
    return !json.isJsonNull();
  }

  /** Empty where there is no text. */
  String text(String... path) {
    return at(path).json instanceof JsonPrimitive value && value.isString()
        ? value.getAsString()
        : "";
  }

  Optional<String> textIfAny(String... path) {
    return Optional.of(text(path)).filter(text -> !text.isEmpty());
  }

  boolean flag(boolean otherwise, String... path) {
    return (at(path).json instanceof JsonPrimitive value && value.isBoolean())
        ? value.getAsBoolean()
        : otherwise;
  }

  OptionalLong number(String... path) {
    return at(path).json instanceof JsonPrimitive value && value.isNumber()
        ? OptionalLong.of(value.getAsLong())
        : OptionalLong.empty();
  }

  List<Doc> list(String... path) {
    List<Doc> items = new ArrayList<>();
    if (at(path).json.isJsonArray()) {
      at(path).json.getAsJsonArray().forEach(item -> items.add(new Doc(item)));
    }
    return items;
  }

  List<String> texts(String... path) {
    return list(path).stream().map(Doc::text).toList();
  }

  Map<String, Doc> entries(String... path) {
    Map<String, Doc> entries = new LinkedHashMap<>();
    if (at(path).json instanceof JsonObject object) {
      object.entrySet().forEach(entry -> entries.put(entry.getKey(), new Doc(entry.getValue())));
    }
    return entries;
  }

  Map<String, String> labels() {
    Map<String, String> labels = new LinkedHashMap<>();
    entries("metadata", "labels").forEach((key, value) -> labels.put(key, value.text()));
    return labels;
  }

  String name() {
    return text("metadata", "name");
  }

  String namespace() {
    return text("metadata", "namespace");
  }

  /** Whether the condition is {@code True}. */
  boolean condition(String type) {
    return list("status", "conditions").stream()
        .anyMatch(each -> each.text("type").equals(type) && each.text("status").equals("True"));
  }

  /** The object that controls this one, as {@code Kind/name}; empty if none does. */
  String controller() {
    return list("metadata", "ownerReferences").stream()
        .filter(each -> each.flag(false, "controller"))
        .findFirst()
        .map(each -> each.text("kind") + "/" + each.text("name"))
        .orElse("");
  }
}
