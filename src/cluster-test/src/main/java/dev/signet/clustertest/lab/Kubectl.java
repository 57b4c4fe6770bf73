package dev.signet.clustertest.lab;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.sandbox.world.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The cluster as an administrator with kubectl works on it. Thread-safe. */
public final class Kubectl {
  private Kubectl() {}

  public static Output run(String... arguments) {
    return feed("", arguments);
  }

  /** With what it is to read from standard input. */
  public static Output feed(String input, String... arguments) {
    return Lab.run("kubectl", input, List.of(arguments));
  }

  /** Applies manifests on the server's side. */
  public static void apply(String yaml) {
    feed(yaml, "apply", "--server-side", "--force-conflicts", "-f", "-").succeeded();
  }

  /** Creates what manifests name; what the server says is the caller's to judge. */
  public static Output create(String yaml) {
    return feed(yaml, "create", "-f", "-");
  }

  /** One object, or a list of them. */
  public static JsonObject get(String... arguments) {
    List<String> command = new ArrayList<>(List.of("get"));
    command.addAll(List.of(arguments));
    return json(command.toArray(String[]::new));
  }

  /** What a command that knows {@code -o json} prints. */
  public static JsonObject json(String... arguments) {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(List.of("-o", "json"));
    return JsonParser.parseString(Lab.run("kubectl", "", command).orFail()).getAsJsonObject();
  }

  /** An object that may not be there. */
  public static Optional<JsonObject> find(String namespace, String kindAndName) {
    String text =
        run("get", "-n", namespace, kindAndName, "--ignore-not-found", "-o", "json").orFail();
    return text.isBlank()
        ? Optional.empty()
        : Optional.of(JsonParser.parseString(text).getAsJsonObject());
  }

  /** Waits until an object is as it should be. */
  public static JsonObject await(
      Duration limit, String namespace, String kindAndName, Predicate<JsonObject> right)
      throws InterruptedException {
    return Eventually.await(limit, () -> find(namespace, kindAndName).filter(right))
        .orElseThrow(() ->
            new AssertionError(
                kindAndName
                    + " in "
                    + namespace
                    + " was not as expected within "
                    + limit
                    + "\n"
                    + run("describe", "-n", namespace, kindAndName).all()));
  }

  /** Waits for its pods alone: an empty namespace goes by itself, seconds later. */
  public static void removeNamespace(String name) {
    run("delete", "pods", "--all", "-n", name, "--grace-period=1", "--timeout=90s").orFail();
    run("delete", "namespace", name, "--wait=false").orFail();
  }

  /** Runs a command in a pod's first container. */
  public static Output exec(String namespace, String pod, String... command) {
    List<String> arguments = new ArrayList<>(List.of("exec", "-n", namespace, pod, "--"));
    arguments.addAll(List.of(command));
    return Lab.run("kubectl", "", arguments);
  }

  public static String logs(String namespace, String pod, String... more) {
    List<String> arguments = new ArrayList<>(List.of("logs", "-n", namespace, pod));
    arguments.addAll(List.of(more));
    return Lab.run("kubectl", "", arguments).orFail();
  }

  /** The part of an object at a dotted path, where it has it. */
  public static Optional<JsonElement> at(JsonObject object, String path) {
    JsonElement element = object;
    for (String name : path.split("\\.", -1)) {
      if (!element.isJsonObject() || !element.getAsJsonObject().has(name)) {
        return Optional.empty();
      }
      element = element.getAsJsonObject().get(name);
    }
    return Optional.of(element);
  }

  /** The text at a dotted path; empty text where there is none. */
  public static String text(JsonObject object, String path) {
    return at(object, path).map(JsonElement::getAsString).orElse("");
  }
}
