package dev.signet.cli.adapter.kubernetes;

import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.UnreachableException;
import dev.signet.cli.cluster.VolumeUser;
import dev.signet.cli.volumes.VolumeUsers;
import io.kubernetes.client.openapi.ApiClient;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Lists pods, in pages, with no right but {@code list pods}. */
public final class KubernetesVolumeUsers implements VolumeUsers {
  private final Api api;

  public KubernetesVolumeUsers(ApiClient client) {
    this.api = new Api(client);
  }

  @Override
  public Observed<List<VolumeUser>> list(Optional<String> namespace) throws UnreachableException {
    api.greet("/version");
    String path =
        namespace.map(name -> "/api/v1/namespaces/" + name + "/pods").orElse("/api/v1/pods");
    return api.list(
        namespace.map(name -> "list pods in " + name).orElse("list pods"),
        path,
        Map.of(),
        pod -> PodShapes.volumeUser(pod).stream());
  }
}
