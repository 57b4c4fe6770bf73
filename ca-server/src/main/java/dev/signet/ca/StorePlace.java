package dev.signet.ca;

import dev.signet.ca.adapter.postgresql.PostgresSettings;
import dev.signet.ca.adapter.postgresql.PostgresStore;
import dev.signet.ca.adapter.sqlite.SqliteStore;
import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.ca.store.CaStore;
import dev.signet.ca.store.DataFolder;
import dev.signet.process.Resources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Which database is behind the ports, and with it where the sealed keys are: in the data folder
 * beside SQLite, and in PostgreSQL itself, where every replica has them. The data folder is held in
 * either case.
 */
public sealed interface StorePlace {
  /** SQLite, in the data folder. */
  record InFolder() implements StorePlace {}

  /** {@code store.postgresql}. */
  record InPostgres(PostgresSettings settings) implements StorePlace {}

  /** Whether there may be a trust root; {@link #open} says whether it is whole. */
  default boolean exists(Path dataFolder) throws StartRefusedException {
    return switch (this) {
      case InFolder() -> SqliteStore.exists(dataFolder);
      case InPostgres(PostgresSettings settings) -> PostgresStore.exists(settings);
    };
  }

  /** Opens what was set up; makes nothing. What is opened is closed with {@code resources}. */
  default CaStore open(
      Path dataFolder, IssuanceSteps steps, Consumer<String> onFatal, Resources resources)
      throws StartRefusedException {
    return switch (this) {
      case InFolder() -> resources.add(SqliteStore.open(dataFolder, steps, onFatal));
      case InPostgres(PostgresSettings settings) -> {
        // Nothing in it is older than this process.
        DataFolder.create(dataFolder);
        resources.add(DataFolder.take(dataFolder));
        yield resources.add(PostgresStore.open(settings, steps, onFatal));
      }
    };
  }

  /** Opens it, or makes an empty one; for setting up a CA alone. */
  default CaStore create(Path dataFolder, IssuanceSteps steps, Resources resources)
      throws StartRefusedException {
    return switch (this) {
      case InFolder() -> resources.add(SqliteStore.create(dataFolder, steps, _ -> {}));
      case InPostgres(PostgresSettings settings) -> {
        // Who has the folder may have the database, too, and be of another release.
        boolean present = Files.isDirectory(dataFolder);
        if (present) {
          resources.add(DataFolder.take(dataFolder));
        }
        // What may be refused is before what is made: then there is no folder.
        CaStore store = resources.add(PostgresStore.create(settings, steps, _ -> {}));
        if (!present) {
          DataFolder.create(dataFolder);
          resources.add(DataFolder.take(dataFolder));
        }
        yield store;
      }
    };
  }
}
