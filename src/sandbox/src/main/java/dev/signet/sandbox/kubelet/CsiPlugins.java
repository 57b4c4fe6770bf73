package dev.signet.sandbox.kubelet;

import dev.signet.proto.kubelet.pluginregistration.InfoRequest;
import dev.signet.proto.kubelet.pluginregistration.PluginInfo;
import dev.signet.proto.kubelet.pluginregistration.RegistrationGrpc;
import dev.signet.proto.kubelet.pluginregistration.RegistrationStatus;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CSI drivers that are registered, and how one gets registered: GetInfo on its registration
 * socket, NodeGetInfo on its endpoint, then NotifyRegistrationStatus. One live driver a name: a
 * second of an equal version is refused, as kubelet does. Thread-safe.
 */
final class CsiPlugins {
  private static final Logger LOG = LoggerFactory.getLogger(CsiPlugins.class);
  private static final long REGISTRATION_SECONDS = 10;

  private final PluginSockets sockets;
  private final Map<String, Registered> byName = new ConcurrentHashMap<>();

  CsiPlugins(PluginSockets sockets) {
    this.sockets = sockets;
  }

  /** The driver of this name, if it is registered now. */
  Optional<CsiNode> node(String driver) {
    return Optional.ofNullable(byName.get(driver)).map(Registered::node);
  }

  /**
   * Asks who serves a registration socket, and registers it.
   *
   * @return false if it has to be tried again: nobody serves the socket, or the driver is not ready
   */
  boolean register(Path registrationSocket) {
    ManagedChannel channel = sockets.connect(registrationSocket);
    try {
      RegistrationGrpc.RegistrationBlockingStub stub =
          RegistrationGrpc.newBlockingStub(channel)
              .withDeadlineAfter(REGISTRATION_SECONDS, TimeUnit.SECONDS);
      PluginInfo info = stub.getInfo(InfoRequest.getDefaultInstance());
      Optional<String> refusal = refusal(info);
      if (refusal.isEmpty()) {
        refusal = connect(registrationSocket, info);
      }
      stub.notifyRegistrationStatus(
          RegistrationStatus.newBuilder()
              .setPluginRegistered(refusal.isEmpty())
              .setError(refusal.orElse(""))
              .build());
      refusal.ifPresent(
          why -> LOG.warn("The plugin of {} is not registered: {}", registrationSocket, why));
      return refusal.isEmpty();
    } catch (StatusRuntimeException e) {
      LOG.debug("The plugin of {} does not answer yet", registrationSocket, e);
      deregister(registrationSocket);
      return false;
    } finally {
      channel.shutdownNow();
    }
  }

  private Optional<String> refusal(PluginInfo info) {
    if (!info.getType().equals("CSIPlugin")) {
      return Optional.of(
          "this node registers plugins of type CSIPlugin only, not " + info.getType());
    }
    if (info.getSupportedVersionsList().stream().noneMatch(version -> version.startsWith("1."))) {
      return Optional.of(
          "no supported version among " + List.copyOf(info.getSupportedVersionsList()));
    }
    if (byName.containsKey(info.getName())) {
      return Optional.of(
          "a driver " + info.getName() + " of an equal version is already registered");
    }
    return Optional.empty();
  }

  private Optional<String> connect(Path registrationSocket, PluginInfo info) {
    CsiNode node = new CsiNode(sockets.connect(Path.of(info.getEndpoint())));
    try {
      String nodeId = node.info().getNodeId();
      byName.put(info.getName(), new Registered(registrationSocket, node));
      LOG.info("Registered CSI driver {} as node {}", info.getName(), nodeId);
      return Optional.empty();
    } catch (StatusRuntimeException e) {
      node.close();
      return Optional.of("NodeGetInfo failed: " + e.getStatus().getCode());
    }
  }

  /** Forgets the driver that came by this socket. */
  void deregister(Path registrationSocket) {
    byName
        .entrySet()
        .removeIf(entry -> {
          boolean gone = entry.getValue().socket().equals(registrationSocket);
          if (gone) {
            LOG.info("CSI driver {} is gone", entry.getKey());
            entry.getValue().node().close();
          }
          return gone;
        });
  }

  /** Forgets every driver. */
  void clear() {
    byName.values().forEach(registered -> registered.node().close());
    byName.clear();
  }

  private record Registered(Path socket, CsiNode node) {}
}
