package dev.signet.sandbox.api;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it came, with decoded path segments.
 *
 * @param headers by lower-case name
 */
record ApiRequest(
    String method,
    List<String> path,
    Map<String, List<String>> query,
    Map<String, List<String>> headers,
    String body) {

  Optional<String> header(String name) {
    return headers(name).stream().findFirst();
  }

  List<String> headers(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  /** A query parameter, empty if absent. */
  String parameter(String name) {
    List<String> values = query.getOrDefault(name, List.of());
    return values.isEmpty() ? "" : values.get(0);
  }

  boolean flag(String name) {
    String value = parameter(name);
    return value.equals("true") || value.equals("1");
  }

  /** A whole number of the query, or the default where it is absent. */
  long number(String name, long absent) {
    String value = parameter(name);
    if (value.isEmpty()) {
      return absent;
    }
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw ApiFailure.badRequest(name + ": Invalid value: \"" + value + "\": not a whole number");
    }
  }

  /** Cut short: headers and body may hold tokens. */
  @Override
  public String toString() {
    return method + " /" + String.join("/", path);
  }
}
