package dev.signet.ca.adapter.postgresql;

import dev.signet.process.config.SecretFile;
import java.util.Optional;

/**
 * How a PostgreSQL store is reached.
 *
 * @param passwordFile read anew for each connection; empty where the server knows the user
 *     otherwise, as by a client certificate
 */
public record PostgresSettings(PostgresUrl url, String user, Optional<SecretFile> passwordFile) {}
