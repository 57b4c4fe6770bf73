package dev.signet.sandbox.world;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A pod that uses Signet: one container, one inline volume, the usual environment variable.
 *
 * @param image one of {@link Images}
 * @param arguments of the image's program
 */
public record Workload(
    String namespace,
    String name,
    String account,
    String node,
    String image,
    List<String> arguments,
    Map<String, String> environment) {
  public Workload {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /** Runs a main class of this program's own class path; the account has the pod's name. */
  public static Workload program(String namespace, String name, String node, Class<?> main) {
    return new Workload(
        namespace, name, name, node, Images.PROGRAM, List.of(main.getName()), Map.of());
  }

  /** Runs nothing: for those who use its socket from outside. */
  public static Workload pause(String namespace, String name, String account, String node) {
    return new Workload(namespace, name, account, node, Images.PAUSE, List.of(), Map.of());
  }

  public Workload withArguments(String... more) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(more));
    return new Workload(namespace, name, account, node, image, all, environment);
  }

  public Workload withEnvironment(String variable, String value) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.put(variable, value);
    return new Workload(namespace, name, account, node, image, arguments, all);
  }
}
