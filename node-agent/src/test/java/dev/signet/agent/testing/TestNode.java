package dev.signet.agent.testing;

import static dev.signet.agent.testing.Fixtures.AUDIENCE;
import static dev.signet.agent.testing.Fixtures.SHOP;

import dev.signet.agent.NodeAgent;
import dev.signet.agent.config.AgentConfig;
import dev.signet.process.config.ConfigDocument;
import dev.signet.proto.csi.v1.NodeGrpc;
import dev.signet.proto.csi.v1.NodePublishVolumeRequest;
import dev.signet.proto.csi.v1.NodeUnpublishVolumeRequest;
import dev.signet.proto.csi.v1.VolumeCapability;
import dev.signet.spiffe.X509Bundle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;

/** A node's folders, kubelet's calls, and an agent on them. */
public final class TestNode implements AutoCloseable {
  private static final String PREFIX = "csi.storage.k8s.io/";

  private final Path kubelet;
  private final Path run;
  private final Path token;
  private final Path bundle;
  private final boolean sandbox;
  private final UnixClient client = new UnixClient();

  /** A node of the sandbox's kind, where nothing is mounted. */
  public TestNode(Path folder) throws IOException {
    this(folder, true);
  }

  public TestNode(Path folder, boolean sandbox) throws IOException {
    this.sandbox = sandbox;
    kubelet = Files.createDirectories(folder.resolve("k"));
    run = folder.resolve("r");
    token = folder.resolve("token");
    bundle = folder.resolve("bundle.pem");
    agentToken(TestTokens.compact("11111111-2222-3333-4444-555555555555", "agent"));
  }

  public void agentToken(String compact) throws IOException {
    Files.writeString(token, compact + "\n");
  }

  public void mountBundle(X509Bundle mounted) throws IOException {
    Files.writeString(bundle, mounted.pem());
  }

  public void unmountBundle() throws IOException {
    Files.deleteIfExists(bundle);
  }

  public String yaml(int caPort) {
    return """
    trust_domain: %s
    cluster: demo
    node_name: node-1
    ca: {address: "127.0.0.1:%d", trust_bundle_file: %s}
    token_file: %s
    kubelet_dir: %s
    run_dir: %s
    probes: 127.0.0.1:0
    sandbox: %s
    """
        .formatted(SHOP.name(), caPort, bundle, token, kubelet, run, sandbox);
  }

  public NodeAgent start(int caPort) throws Exception {
    return NodeAgent.start(AgentConfig.from(ConfigDocument.parse("agent.yaml", yaml(caPort))));
  }

  public UnixClient client() {
    return client;
  }

  public Path csiSocket() {
    return kubelet.resolve("plugins/csi.signet.dev/csi.sock");
  }

  public Path registrationSocket() {
    return kubelet.resolve("plugins_registry/csi.signet.dev-reg.sock");
  }

  public NodeGrpc.NodeBlockingStub csi() {
    return NodeGrpc.newBlockingStub(client.plain(csiSocket()))
        .withDeadlineAfter(10, TimeUnit.SECONDS);
  }

  public Path kubelet() {
    return kubelet;
  }

  public Path run() {
    return run;
  }

  /** The path at which a pod's program finds its volume. */
  public Path target(String uid, String volume) {
    return kubelet.resolve("pods/" + uid + "/volumes/kubernetes.io~csi/" + volume + "/mount");
  }

  /** A call as kubelet makes it; makes the parent folder as kubelet does. */
  public NodePublishVolumeRequest.Builder publish(String uid, String volume, String compactToken)
      throws IOException {
    Path target = target(uid, volume);
    Files.createDirectories(target.getParent());
    return NodePublishVolumeRequest.newBuilder()
        .setVolumeId(volumeId(uid, volume))
        .setTargetPath(target.toString())
        .setReadonly(true)
        .setVolumeCapability(
            VolumeCapability.newBuilder()
                .setMount(VolumeCapability.MountVolume.getDefaultInstance())
                .setAccessMode(
                    VolumeCapability.AccessMode.newBuilder()
                        .setMode(VolumeCapability.AccessMode.Mode.SINGLE_NODE_WRITER)))
        .putVolumeContext(PREFIX + "pod.uid", uid)
        .putVolumeContext(PREFIX + "pod.name", "cart-0")
        .putVolumeContext(PREFIX + "pod.namespace", "shop")
        .putVolumeContext(PREFIX + "serviceAccount.name", "cart")
        .putVolumeContext(PREFIX + "ephemeral", "true")
        .putSecrets(PREFIX + "serviceAccount.tokens", TestTokens.requests(AUDIENCE, compactToken));
  }

  public NodeUnpublishVolumeRequest unpublish(String uid, String volume) {
    return NodeUnpublishVolumeRequest.newBuilder()
        .setVolumeId(volumeId(uid, volume))
        .setTargetPath(target(uid, volume).toString())
        .build();
  }

  public static String volumeId(String uid, String volume) {
    try {
      return "csi-"
          + HexFormat.of()
              .formatHex(
                  MessageDigest.getInstance("SHA-256")
                      .digest((uid + volume).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Body of one of the probes' pages. */
  public static String page(NodeAgent agent, String path) throws Exception {
    var address = agent.probes();
    try (var http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://" + address.getHostString() + ":" + address.getPort() + path))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
