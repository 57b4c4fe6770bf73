package dev.signet.ca.adapter.postgresql;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;

/** A real PostgreSQL, which lets everybody in from this machine. */
public final class PostgresServer implements AutoCloseable {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Path data;
  private final int port;
  private final Map<String, String> settings = new LinkedHashMap<>();
  private Optional<EmbeddedPostgres> running = Optional.empty();

  PostgresServer(Path data) throws IOException {
    this.data = data;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
    settings.put("max_connections", "200");
  }

  /** One for all tests of this process, which has its end with it. */
  public static PostgresServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final PostgresServer SERVER = start();

    private static PostgresServer start() {
      try {
        // Removed by the server's own hook at the end of this process.
        PostgresServer server = new PostgresServer(Files.createTempDirectory("signet-postgres"));
        server.start(true);
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Sets what counts from the next start. */
  PostgresServer with(String setting, String value) {
    settings.put(setting, value);
    return this;
  }

  /** One of a test's own, to be stopped by it. */
  public static PostgresServer startIn(Path data) throws IOException {
    return new PostgresServer(data).start();
  }

  public PostgresServer start() throws IOException {
    start(false);
    return this;
  }

  private void start(boolean clean) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(clean)
            .setPort(port)
            .setPGStartupWait(Duration.ofSeconds(60));
    settings.forEach(builder::setServerConfig);
    running = Optional.of(builder.start());
  }

  /** As by an administrator: sessions are ended. */
  public void stop() throws IOException {
    if (running.isPresent()) {
      running.get().close();
      running = Optional.empty();
    }
  }

  /** As by kill -9, all its processes. */
  void kill() throws IOException {
    ProcessHandle process = postmaster();
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    all.add(process);
    for (ProcessHandle each : all) {
      each.destroyForcibly();
    }
    process.onExit().join();
    // What it could not remove itself; with it, stopping it would be waited for.
    Files.deleteIfExists(data.resolve("postmaster.pid"));
    stop();
  }

  /** As a machine that hangs: its connections stay, and nobody answers. Ends with {@link #kill}. */
  void freeze() throws IOException, InterruptedException {
    ProcessHandle postmaster = postmaster();
    // It first: then no more come.
    signal("-STOP", List.of(postmaster));
    signal("-STOP", postmaster.descendants().toList());
  }

  private static void signal(String signal, List<ProcessHandle> processes)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("kill", signal));
    processes.forEach(process -> command.add(Long.toString(process.pid())));
    int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (exit != 0) {
      throw new IOException(command + " ended with " + exit);
    }
  }

  private ProcessHandle postmaster() throws IOException {
    long pid =
        Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst().strip());
    return ProcessHandle.of(pid).orElseThrow();
  }

  @Override
  public void close() throws IOException {
    stop();
  }

  Path data() {
    return data;
  }

  int port() {
    return port;
  }

  String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?sslmode=disable";
  }

  /** From now on, of one user. */
  void askForPassword(String user) throws IOException, SQLException {
    Path file = data.resolve("pg_hba.conf");
    Files.writeString(
        file, "host all " + user + " 127.0.0.1/32 scram-sha-256\n" + Files.readString(file));
    execute(url("postgres"), "SELECT pg_reload_conf()");
  }

  /** Makes an empty database; its URL. */
  public String newDatabase() throws SQLException {
    String name = "signet" + DATABASES.incrementAndGet();
    execute(url("postgres"), "CREATE DATABASE " + name);
    return url(name);
  }

  public static Connection connect(String url) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", "postgres");
    return DriverManager.getConnection(url, properties);
  }

  static void execute(String url, String... statements) throws SQLException {
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
