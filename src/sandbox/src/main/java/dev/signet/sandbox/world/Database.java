package dev.signet.sandbox.world;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A real PostgreSQL in a folder of the world, which lets everybody in from this machine. Whatever
 * way this process ends, the guard ends the server.
 */
final class Database implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final EmbeddedPostgres server;

  private Database(EmbeddedPostgres server) {
    this.server = server;
  }

  static Database start(Path folder, Guard guard) throws IOException {
    EmbeddedPostgres server =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder)
            .setCleanDataDirectory(false)
            .setPGStartupWait(START_LIMIT)
            .start();
    guard.watch(
        Long.parseLong(Files.readAllLines(folder.resolve("postmaster.pid")).getFirst().strip()));
    return new Database(server);
  }

  String url() {
    return "jdbc:postgresql://127.0.0.1:" + server.getPort() + "/postgres?sslmode=disable";
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
