package dev.signet.ca.adapter.postgresql;

import dev.signet.ca.authority.StartRefusedException;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;

/** Says in one sentence why no CA starts on a database, and what mends it. By SQLSTATE. */
final class PostgresStartRefusal {
  private static final String DEFAULT_SCHEMA = "public";

  private final PostgresSettings settings;
  private final String store;

  PostgresStartRefusal(PostgresSettings settings) {
    this.settings = settings;
    this.store = "the PostgreSQL store " + settings.url().place();
  }

  /** How sentences of it begin. */
  String store() {
    return store;
  }

  StartRefusedException because(String why) {
    return new StartRefusedException(store + why);
  }

  /** What Flyway could not do; what it found is a schema of something else. */
  StartRefusedException of(FlywayException e) {
    Optional<SQLException> cause = sqlCause(e);
    return cause.isPresent()
        ? new StartRefusedException(sentence(cause.get()), e)
        : new StartRefusedException(
            store + " is not at a schema of this release: " + firstLine(e), e);
  }

  StartRefusedException of(SQLException e) {
    return new StartRefusedException(sentence(e), e);
  }

  StartRefusedException noSchema() {
    String schema = settings.url().schema().orElse(DEFAULT_SCHEMA);
    return because(
        " has no schema that its user "
            + settings.user()
            + " may use; currentSchema of store.postgresql.url, where it is set, has to name one: "
            + schema
            + ". Create it: CREATE SCHEMA "
            + schema
            + " AUTHORIZATION "
            + settings.user());
  }

  private static Optional<SQLException> sqlCause(@Nullable Throwable e) {
    if (e == null) {
      return Optional.empty();
    }
    return e instanceof SQLException sql && sql.getSQLState() != null
        ? Optional.of(sql)
        : sqlCause(e.getCause());
  }

  private static String firstLine(Exception e) {
    return Objects.requireNonNullElse(e.getMessage(), e.toString()).lines().findFirst().orElse("");
  }

  private String sentence(SQLException e) {
    String said = firstLine(e);
    String state = Objects.requireNonNullElse(e.getSQLState(), "");
    return switch (state) {
      case "28P01", "28000" ->
          store
              + " does not let in the user "
              + settings.user()
              + " ("
              + said
              + "). Set store.postgresql.user, and write its password into "
              + settings.passwordFile().map(Object::toString).orElse("a file: password_file");
      case "3D000" ->
          store
              + " does not exist on its server. Create it, owned by the CA's user: CREATE DATABASE "
              + settings.url().database()
              + " OWNER "
              + settings.user();
      case "3F000" -> String.valueOf(noSchema().getMessage());
      case "42501" -> notAllowed(said);
      case "57014", "55P03" ->
          store
              + " did not answer in time ("
              + said
              + "). See in pg_stat_activity who holds its tables, and start again";
      default ->
          // 57P: it stops, or starts.
          state.startsWith("08") || state.startsWith("57P")
              ? unreachable(said)
              : store + " cannot be opened: " + said;
    };
  }

  private String notAllowed(String said) {
    return store
        + " does not let its user "
        + settings.user()
        + " do what a CA has to ("
        + said
        + "). Make it the owner of all there is: ALTER DATABASE "
        + settings.url().database()
        + " OWNER TO "
        + settings.user()
        + "; or, in an empty one: GRANT CREATE ON SCHEMA "
        + settings.url().schema().orElse(DEFAULT_SCHEMA)
        + " TO "
        + settings.user();
  }

  private String unreachable(String said) {
    return store
        + " cannot be reached ("
        + said
        + "). See to it that the server runs, and that store.postgresql.url names its primary and,"
        + " as sslrootcert, the file of who vouches for its certificate";
  }
}
