package dev.signet.sandbox.kubelet;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches kubelet's {@code plugins_registry} folder: a socket that appears is registered (again and
 * again until its plugin answers), one that goes is deregistered. Driven by one thread.
 */
final class PluginWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PluginWatcher.class);

  private final Path registry;
  private final CsiPlugins plugins;
  private final WatchService watch;
  private final Set<Path> pending = new LinkedHashSet<>();
  private final Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

  PluginWatcher(Path registry, CsiPlugins plugins) throws IOException {
    this.registry = registry;
    this.plugins = plugins;
    Files.createDirectories(registry);
    this.watch = FileSystems.getDefault().newWatchService();
    registry.register(
        watch, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
  }

  /** Watches until interrupted. */
  void run() throws InterruptedException, IOException {
    scan();
    while (true) {
      pending.removeIf(socket -> !Files.exists(socket) || plugins.register(socket));
      WatchKey key =
          pending.isEmpty()
              ? watch.take()
              : watch.poll(backoff.next().toNanos(), TimeUnit.NANOSECONDS);
      if (key != null) {
        backoff.reset();
        for (WatchEvent<?> event : key.pollEvents()) {
          apply(event);
        }
        key.reset();
      }
    }
  }

  private void apply(WatchEvent<?> event) throws IOException {
    if (!(event.context() instanceof Path name)) {
      LOG.warn("Changes of {} were lost: reading it anew", registry);
      plugins.clear();
      scan();
      return;
    }
    Path socket = registry.resolve(name);
    if (event.kind().equals(StandardWatchEventKinds.ENTRY_DELETE)) {
      pending.remove(socket);
      plugins.deregister(socket);
    } else if (isSocket(name)) {
      // A socket that was replaced in one rename shows no deletion.
      plugins.deregister(socket);
      pending.add(socket);
    }
  }

  private void scan() throws IOException {
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(registry, PluginWatcher::isSocket)) {
      entries.forEach(pending::add);
    }
  }

  private static boolean isSocket(Path path) {
    return path.toString().endsWith(".sock");
  }

  @Override
  public void close() throws IOException {
    watch.close();
  }
}
