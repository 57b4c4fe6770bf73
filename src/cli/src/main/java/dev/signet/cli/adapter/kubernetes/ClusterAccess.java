package dev.signet.cli.adapter.kubernetes;

import dev.signet.process.message.Printable;
import io.kubernetes.client.openapi.ApiClient;
import io.kubernetes.client.util.ClientBuilder;
import io.kubernetes.client.util.KubeConfig;
import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * The way to a cluster, looked for as kubectl does: a file that was named, the files in {@code
 * KUBECONFIG}, {@code ~/.kube/config}, the pod's own account.
 */
public final class ClusterAccess {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration CALL = Duration.ofSeconds(60);

  private final Map<String, String> environment;

  /**
   * @param environment the process's variables
   */
  public ClusterAccess(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * Reads the configuration and makes a client; sends nothing to the cluster. A credential plugin
   * that the kubeconfig names is run.
   *
   * @param kubeconfig the file, if one was named
   * @param context the context, if one was named
   */
  public ApiClient open(Optional<Path> kubeconfig, Optional<String> context)
      throws KubeconfigException {
    List<Path> files = kubeconfig.map(List::of).orElseGet(this::usualFiles);
    if (!files.isEmpty()) {
      return hardened(fromFiles(files, context));
    }
    if (!environment.containsKey("KUBERNETES_SERVICE_HOST")) {
      throw new KubeconfigException(
          "there is no kubeconfig: name one with --kubeconfig or in KUBECONFIG");
    }
    if (context.isPresent()) {
      throw new KubeconfigException(
          "--context is for a kubeconfig, and there is none: name one with --kubeconfig");
    }
    try {
      return hardened(ClientBuilder.cluster().build());
    } catch (IOException | RuntimeException e) {
      throw new KubeconfigException(
          "the pod's own account cannot be used: "
              + said(e)
              + "; automountServiceAccountToken must be true for this pod",
          e);
    }
  }

  private List<Path> usualFiles() {
    String named = environment.getOrDefault("KUBECONFIG", "");
    List<Path> files = new ArrayList<>();
    if (!named.isEmpty()) {
      for (String name : named.split(File.pathSeparator, -1)) {
        if (!name.isEmpty()) {
          files.add(Path.of(name));
        }
      }
      return files;
    }
    Path usual = Path.of(environment.getOrDefault("HOME", "/"), ".kube", "config");
    return Files.exists(usual) ? List.of(usual) : List.of();
  }

  /** The one file that the context is in, which must say all about it. */
  private static ApiClient fromFiles(List<Path> files, Optional<String> context)
      throws KubeconfigException {
    List<Loaded> loaded = new ArrayList<>();
    for (Path file : files) {
      // Like kubectl, which passes over files of KUBECONFIG that are not there.
      if (files.size() == 1 || Files.exists(file)) {
        loaded.add(Loaded.read(file));
      }
    }
    String wanted =
        context
            .or(() ->
                loaded.stream().map(Loaded::currentContext).filter(is -> !is.isEmpty()).findFirst())
            .orElseThrow(() ->
                new KubeconfigException(
                    "no current context is set in "
                        + files
                        + ": name one with --context; there are "
                        + loaded.stream().flatMap(each -> each.contexts().stream()).toList()));
    for (Loaded each : loaded) {
      if (each.config().setContext(wanted)) {
        return each.client(wanted);
      }
    }
    throw new KubeconfigException(
        "there is no context "
            + Printable.quoted(wanted)
            + " in "
            + files
            + "; there are "
            + loaded.stream().flatMap(each -> each.contexts().stream()).toList());
  }

  private static ApiClient hardened(ApiClient client) throws KubeconfigException {
    if (!client.isVerifyingSsl() || !client.getBasePath().startsWith("https://")) {
      throw new KubeconfigException(
          "the API server at "
              + client.getBasePath()
              + " would not be verified, and a token goes there; use https and"
              + " certificate-authority-data, without insecure-skip-tls-verify");
    }
    OkHttpClient http =
        client
            .getHttpClient()
            .newBuilder()
            .connectTimeout(CONNECT)
            .readTimeout(CALL)
            .writeTimeout(CALL)
            .callTimeout(CALL)
            // Credentials never follow a redirect to where they were not meant for.
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
    return client.setHttpClient(http).setUserAgent("signet").setDebugging(false);
  }

  private static String said(Exception e) {
    String message = e.getMessage();
    return Printable.line(message == null ? e.getClass().getSimpleName() : message);
  }

  /** One kubeconfig. */
  private record Loaded(Path file, KubeConfig config) {

    static Loaded read(Path file) throws KubeconfigException {
      try (Reader text = Files.newBufferedReader(file)) {
        KubeConfig config = KubeConfig.loadKubeConfig(text);
        config.setFile(file.toAbsolutePath().toFile());
        return new Loaded(file, config);
      } catch (IOException | RuntimeException e) {
        throw new KubeconfigException(
            Files.exists(file)
                ? "the kubeconfig " + file + " cannot be read: " + said(e)
                : "the kubeconfig " + file + " does not exist",
            e);
      }
    }

    String currentContext() {
      String name = config.getCurrentContext();
      return name == null ? "" : name;
    }

    List<String> contexts() {
      return config.getContexts() == null
          ? List.of()
          : config.getContexts().stream().map(each -> text(each, "name")).toList();
    }

    ApiClient client(String context) throws KubeconfigException {
      Object spec = named(config.getContexts(), context, "context");
      Object cluster = named(config.getClusters(), text(spec, "cluster"), "cluster");
      Object user = named(config.getUsers(), text(spec, "user"), "user");
      if (cluster == null || user == null) {
        throw new KubeconfigException(
            "context "
                + Printable.quoted(context)
                + " in "
                + file
                + " names a cluster or user that is not in the same file, and files are not merged"
                + " here; `kubectl config view --flatten --minify > one` makes one file, for"
                + " --kubeconfig one");
      }
      refuse(cluster, "proxy-url", "a proxy");
      refuse(user, "as", "impersonation");
      try {
        return ClientBuilder.kubeconfig(config).build();
      } catch (IOException | RuntimeException e) {
        throw new KubeconfigException(
            "context "
                + Printable.quoted(context)
                + " in "
                + file
                + " cannot be used: "
                + said(e)
                + "; does `kubectl --context "
                + context
                + " version` work?",
            e);
      }
    }

    /** What would be passed over without a word is refused instead. */
    private void refuse(Object part, String key, String what) throws KubeconfigException {
      if (!text(part, key).isEmpty()) {
        throw new KubeconfigException(
            "the kubeconfig "
                + file
                + " asks for "
                + what
                + " ("
                + key
                + "), which is not supported");
      }
    }

    private static @Nullable Object named(@Nullable List<Object> list, String name, String what) {
      if (list == null) {
        return null;
      }
      for (Object each : list) {
        if (each instanceof Map<?, ?> map && text(each, "name").equals(name)) {
          return map.get(what);
        }
      }
      return null;
    }

    private static String text(@Nullable Object map, String key) {
      return map instanceof Map<?, ?> entries && entries.get(key) instanceof String text
          ? text
          : "";
    }
  }
}
