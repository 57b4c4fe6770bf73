package dev.signet.ca.adapter.postgresql;

import dev.signet.process.message.Printable;
import dev.signet.process.message.Suggestion;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.postgresql.Driver;

/**
 * Where a PostgreSQL store is: hosts, database and TLS. What durability and failover rest on is not
 * the URL's to say.
 *
 * @param text as the driver takes it
 */
public record PostgresUrl(String text) {
  private static final String FORM = "jdbc:postgresql://HOST:PORT/DATABASE";

  /**
   * Held here, since java.util.logging forgets the level of a logger that nobody holds. What the
   * driver logs it throws as well, and a server that stays away would fill the log.
   */
  private static final Logger DRIVER = Logger.getLogger("org.postgresql");

  static {
    DRIVER.setLevel(Level.OFF);
  }

  /** What an operator may set in it. */
  private static final Set<String> SETTINGS =
      new TreeSet<>(
          List.of(
              "sslmode",
              "sslrootcert",
              "sslcert",
              "sslkey",
              "sslnegotiation",
              "channelBinding",
              "currentSchema",
              "loadBalanceHosts",
              "ApplicationName"));

  private static final Set<String> SECRETS = Set.of("password", "sslpassword");

  /**
   * Checks a URL.
   *
   * @throws IllegalArgumentException saying what is wrong and what to write; never with a password
   */
  public static PostgresUrl parse(String text) {
    if (!text.startsWith("jdbc:postgresql://")) {
      throw new IllegalArgumentException("is not of the form " + FORM);
    }
    int query = text.indexOf('?');
    String place = query < 0 ? text : text.substring(0, query);
    if (place.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "has a user or a password before the host; set user and password_file instead, and write "
              + FORM);
    }
    if (query >= 0) {
      for (String setting : text.substring(query + 1).split("&", -1)) {
        checkName(setting.split("=", 2)[0]);
      }
    }
    Properties parsed = Driver.parseURL(text, new Properties());
    if (parsed == null
        || Objects.requireNonNullElse(parsed.getProperty("PGDBNAME"), "").isEmpty()) {
      throw new IllegalArgumentException("is not of the form " + FORM);
    }
    return new PostgresUrl(text);
  }

  private static void checkName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (SECRETS.contains(lower)) {
      throw new IllegalArgumentException(
          "holds a password, which would stand in every copy of this file; take "
              + lower
              + " out of the URL"
              + (lower.equals("password") ? " and name a file that holds it: password_file" : ""));
    }
    if (lower.equals("user")) {
      throw new IllegalArgumentException("names a user; take it out of the URL and set: user");
    }
    if (!SETTINGS.contains(name)) {
      String clause = Suggestion.clause(name, SETTINGS);
      throw new IllegalArgumentException(
          "sets "
              + Printable.quoted(name)
              + ", which cannot be set here"
              + (clause.isEmpty() ? "; what can: " + String.join(", ", SETTINGS) : clause));
    }
  }

  /** Hosts and database, for messages. */
  public String place() {
    int query = text.indexOf('?');
    return text.substring("jdbc:postgresql://".length(), query < 0 ? text.length() : query);
  }

  String database() {
    String place = place();
    return place.substring(place.lastIndexOf('/') + 1);
  }

  boolean sets(String name) {
    return value(name).isPresent();
  }

  /** Of {@code currentSchema}, the first. */
  Optional<String> schema() {
    return value("currentSchema").map(path -> path.split(",", 2)[0].strip());
  }

  boolean namesSeveralHosts() {
    return place().indexOf(',') >= 0;
  }

  private Optional<String> value(String name) {
    return Optional.ofNullable(Driver.parseURL(text, new Properties()))
        .map(parsed -> parsed.getProperty(name));
  }

  @Override
  public String toString() {
    return text;
  }
}
