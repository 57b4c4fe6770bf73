package dev.signet.ca.adapter.sqlite;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.signet.ca.authority.AuthorityStore;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceLog;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.issuance.LiveAgents;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.keys.SealedKeyPlace;
import dev.signet.ca.rotation.EvidenceStore;
import dev.signet.ca.rotation.TrustStateStore;
import dev.signet.ca.store.CaStore;
import dev.signet.ca.store.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The embedded store: {@code signet.db} in the data folder, WAL, {@code synchronous=FULL}. Holds
 * the folder's lock from before it looks at anything until {@link #close}. Thread-safe.
 */
public final class SqliteStore implements CaStore {
  /** How many records may wait for the writer; about a quarter of a second of them. */
  private static final int QUEUE = 8192;

  private static final int READERS = 4;
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final DataFolder lock;
  private final SqliteWriter writer;
  private final HikariDataSource readers;
  private final SqliteReader reader;
  private final SqliteTrustStateStore trustStates;
  private final SqliteEvidenceStore evidence;

  private SqliteStore(
      DataFolder lock, SqliteWriter writer, HikariDataSource readers, IssuanceSteps steps) {
    this.lock = lock;
    this.writer = writer;
    this.readers = readers;
    this.reader = new SqliteReader(readers);
    this.trustStates = new SqliteTrustStateStore(writer, reader, steps);
    this.evidence = new SqliteEvidenceStore(writer, reader);
  }

  /** Whether {@code folder} holds a store. */
  public static boolean exists(Path folder) {
    return Files.isRegularFile(file(folder), LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Opens the store of a CA that was set up; makes nothing.
   *
   * @param onFatal told, once, why nothing can be written any more; the process has to stop
   * @throws StartRefusedException if it is missing, damaged, of a newer release or in use
   */
  public static SqliteStore open(Path folder, IssuanceSteps steps, Consumer<String> onFatal)
      throws StartRefusedException {
    Path file = file(folder);
    if (!exists(folder)) {
      throw new StartRefusedException(
          "the store "
              + file
              + " is missing. If this CA was set up before, its volume is not mounted or was lost:"
              + " mount it, or restore signet.db and the folder keys from one backup. Only a new"
              + " trust domain is set up by: init");
    }
    return start(folder, steps, onFatal);
  }

  /**
   * Opens the store, or makes an empty one; for setting up a CA alone.
   *
   * @throws StartRefusedException as {@link #open} does
   */
  public static SqliteStore create(Path folder, IssuanceSteps steps, Consumer<String> onFatal)
      throws StartRefusedException {
    DataFolder.create(folder);
    return start(folder, steps, onFatal);
  }

  private static SqliteStore start(Path folder, IssuanceSteps steps, Consumer<String> onFatal)
      throws StartRefusedException {
    DataFolder lock = DataFolder.take(folder);
    try {
      Path file = file(folder);
      touch(file);
      SqliteStartCheck.run(file);
      DataFolder.sync(folder);
      SqliteConnections connections = SqliteConnections.dataSource(file)::getConnection;
      SqliteWriter writer = new SqliteWriter(connections, QUEUE, steps, onFatal);
      HikariDataSource readers = readers(file);
      writer.start();
      return new SqliteStore(lock, writer, readers, steps);
    } catch (IOException e) {
      closeQuietly(lock, e);
      throw new StartRefusedException("the data folder " + folder + " cannot be written: " + e, e);
    } catch (StartRefusedException | RuntimeException e) {
      closeQuietly(lock, e);
      throw e;
    }
  }

  private static Path file(Path folder) {
    return folder.resolve("signet.db");
  }

  /** Makes the file before SQLite does, for its mode; the WAL takes its mode from it. */
  private static void touch(Path file) throws IOException {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      Files.createFile(file, OWNER_ONLY);
    }
  }

  private static HikariDataSource readers(Path file) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("store-readers");
    config.setDataSource(SqliteConnections.dataSource(file));
    config.setConnectionInitSql("PRAGMA query_only = ON");
    config.setMaximumPoolSize(READERS);
    config.setConnectionTimeout(SqliteConnections.BUSY_TIMEOUT.toMillis());
    return new HikariDataSource(config);
  }

  private static void closeQuietly(DataFolder lock, Exception cause) {
    try {
      lock.close();
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  @Override
  public IssuanceLog issuanceLog() {
    return new SqliteIssuanceLog(writer, reader);
  }

  @Override
  public AuthorityStore authorityStore() {
    return new SqliteAuthorityStore(writer, reader);
  }

  @Override
  public LiveAgents liveAgents() {
    return new SqliteLiveAgents(reader);
  }

  @Override
  public TrustStateStore trustStates() {
    return trustStates;
  }

  @Override
  public EvidenceStore evidence() {
    return evidence;
  }

  @Override
  public Optional<SealedKeyPlace> sealedKeys() {
    return Optional.empty();
  }

  @Override
  public void check() throws RefusedException, InterruptedException {
    reader.query("SELECT revision FROM bundle", row -> row.getLong(1));
    writer.requireTaking();
  }

  @Override
  public void close() throws IOException {
    try {
      readers.close();
      writer.close();
    } finally {
      lock.close();
    }
  }
}
