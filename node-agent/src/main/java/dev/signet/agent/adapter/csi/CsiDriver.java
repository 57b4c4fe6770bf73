package dev.signet.agent.adapter.csi;

import dev.signet.agent.adapter.unix.PeerCheck;
import dev.signet.agent.adapter.unix.UnixServer;
import dev.signet.agent.adapter.unix.UnixServerLimits;
import dev.signet.agent.adapter.unix.UnixServerSpec;
import dev.signet.agent.volume.Volumes;
import io.grpc.ServerServiceDefinition;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver as kubelet meets it: the CSI socket, and then the registration socket that makes
 * kubelet look for it. Only root, or the agent's own user, gets past either (THREATS.md T11).
 */
public final class CsiDriver implements AutoCloseable {
  /** The driver's name: of the CSIDriver object, of pods' volumes, of the sockets. */
  public static final String NAME = "csi.signet.dev";

  private static final UnixServerLimits LIMITS =
      new UnixServerLimits(16, 64, 128 * 1024, 16 * 1024, Duration.ofSeconds(10));
  private static final Logger log = LoggerFactory.getLogger(CsiDriver.class);

  private final UnixServer driver;
  private final UnixServer registration;

  private CsiDriver(UnixServer driver, UnixServer registration) {
    this.driver = driver;
    this.registration = registration;
  }

  /**
   * What the driver tells of itself and runs on.
   *
   * @param kubeletDir kubelet's root folder
   * @param peers who may call
   */
  public record Settings(
      Path kubeletDir,
      String nodeName,
      String version,
      EventLoopGroup group,
      Executor executor,
      PeerCheck peers) {}

  /** Serves, then registers. */
  public static CsiDriver start(Settings settings, Volumes volumes, RegistrationListener listener)
      throws IOException {
    Path plugins = settings.kubeletDir().resolve("plugins");
    Path own = plugins.resolve(NAME);
    Path csiSocket = own.resolve("csi.sock");
    Path registry = settings.kubeletDir().resolve("plugins_registry");
    ownFolder(plugins);
    ownFolder(own);
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    ownFolder(registry);
    UnixServer driver =
        serve(
            settings,
            csiSocket,
            List.of(
                new CsiIdentity(settings.version()).bindService(),
                new CsiNode(settings.nodeName(), volumes).bindService()));
    try {
      UnixServer registration =
          serve(
              settings,
              registry.resolve(NAME + "-reg.sock"),
              List.of(new CsiRegistration(csiSocket, listener).bindService()));
      log.info("Serving the CSI driver {} on {}", NAME, csiSocket);
      return new CsiDriver(driver, registration);
    } catch (IOException e) {
      driver.close();
      throw e;
    }
  }

  /**
   * Made for the agent's user alone where it is missing; kubelet's own folders keep their rights.
   */
  private static void ownFolder(Path folder) throws IOException {
    try {
      Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  private static UnixServer serve(
      Settings settings, Path socket, List<ServerServiceDefinition> services) throws IOException {
    return UnixServer.start(
        new UnixServerSpec(
            socket,
            settings.group(),
            settings.executor(),
            settings.peers(),
            LIMITS,
            services,
            List.of()),
        "rw-------");
  }

  /** Deregisters first: kubelet sees the registration socket go. */
  @Override
  public void close() {
    registration.closeAndWait();
    driver.closeAndWait();
  }
}
