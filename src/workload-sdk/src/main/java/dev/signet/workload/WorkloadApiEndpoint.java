package dev.signet.workload;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a Workload API: a Unix socket or, where the network itself identifies the caller,
 * an IP address and a port. Immutable; equal by address.
 *
 * <p>Source of the rules: SPIFFE_Workload_Endpoint.md section 4.
 */
public final class WorkloadApiEndpoint {

  /** The environment variable that names the endpoint. */
  public static final String ENVIRONMENT_VARIABLE = "SPIFFE_ENDPOINT_SOCKET";

  private static final int QUOTED_LENGTH = 200;

  /** The kernel takes 107 bytes; the JDK's sockets, which are used here, one less. */
  private static final int MAX_UNIX_PATH_BYTES = 106;

  /** Dotted quad without leading zeros, which some parsers read as octal. */
  private static final Pattern IPV4 =
      Pattern.compile(
          "(?:(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])");

  private static final Pattern IPV6 = Pattern.compile("\\[[0-9A-Fa-f:.]+]");

  private final SocketAddress address;
  private final String text;

  private WorkloadApiEndpoint(SocketAddress address, String text) {
    this.address = address;
    this.text = text;
  }

  /**
   * Reads {@code SPIFFE_ENDPOINT_SOCKET}.
   *
   * @throws InvalidEndpointException if it is not set, or not a legal address
   */
  public static WorkloadApiEndpoint fromEnvironment() {
    return fromEnvironment(System.getenv());
  }

  static WorkloadApiEndpoint fromEnvironment(Map<String, String> environment) {
    String value = environment.get(ENVIRONMENT_VARIABLE);
    if (value == null || value.isEmpty()) {
      throw new InvalidEndpointException(
          "the environment variable "
              + ENVIRONMENT_VARIABLE
              + " is not set: set it to the address of the Workload API, or pass the address to X509Source");
    }
    return parse(value);
  }

  /**
   * Parses an address.
   *
   * @param uri {@code unix:///absolute/path} ({@code unix:/absolute/path} is the same) or {@code
   *     tcp://IP:PORT}
   * @throws InvalidEndpointException for every other form: a relative path, a host name, a query,
   *     another scheme
   */
  public static WorkloadApiEndpoint parse(String uri) {
    URI parsed;
    try {
      parsed = new URI(uri);
    } catch (URISyntaxException e) {
      throw refused(uri, "is not a URI");
    }
    if (parsed.getRawQuery() != null || parsed.getRawFragment() != null) {
      throw refused(uri, "has a query or a fragment");
    }
    String scheme = parsed.getScheme() == null ? "" : parsed.getScheme().toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "unix" -> unix(uri, parsed);
      case "tcp" -> tcp(uri, parsed);
      case "" -> throw refused(uri, "has no scheme");
      default -> throw refused(uri, "has a scheme that is neither unix nor tcp");
    };
  }

  private static WorkloadApiEndpoint unix(String uri, URI parsed) {
    if (parsed.getRawAuthority() != null) {
      throw refused(
          uri, "names a host before the path (a path of a Unix socket has three slashes in front)");
    }
    String path = parsed.getPath();
    if (path == null || !path.startsWith("/")) {
      throw refused(uri, "has no absolute path");
    }
    if (path.endsWith("/")) {
      throw refused(uri, "names a folder, not a socket");
    }
    if (path.chars().anyMatch(Character::isISOControl)) {
      throw refused(uri, "has a control character in its path");
    }
    if (path.getBytes(StandardCharsets.UTF_8).length > MAX_UNIX_PATH_BYTES) {
      throw refused(
          uri,
          "has a path of more than "
              + MAX_UNIX_PATH_BYTES
              + " bytes, which no Unix socket can have: mount the volume at a shorter one");
    }
    try {
      return new WorkloadApiEndpoint(
          UnixDomainSocketAddress.of(path), "unix://" + parsed.getRawPath());
    } catch (InvalidPathException e) {
      throw refused(uri, "has a path that this system cannot express");
    }
  }

  private static WorkloadApiEndpoint tcp(String uri, URI parsed) {
    if (parsed.getRawUserInfo() != null
        || parsed.getRawPath() == null
        || !parsed.getRawPath().isEmpty()) {
      throw refused(uri, "has more than an IP address and a port");
    }
    int port = parsed.getPort();
    if (port < 1 || port > 65_535) {
      throw refused(uri, "has no port between 1 and 65535");
    }
    String host = parsed.getHost();
    if (host == null || !(IPV4.matcher(host).matches() || IPV6.matcher(host).matches())) {
      throw refused(uri, "names its host by something else than an IP address");
    }
    try {
      // A literal: no name is looked up.
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), port);
      return new WorkloadApiEndpoint(address, "tcp://" + host + ":" + port);
    } catch (UnknownHostException e) {
      throw refused(uri, "has no legal IP address");
    }
  }

  private static InvalidEndpointException refused(String uri, String problem) {
    return new InvalidEndpointException("the Workload API address " + quoted(uri) + " " + problem);
  }

  /** The value is foreign: no control character of it reaches a log, and not more than a line. */
  private static String quoted(String value) {
    return "\"" + Printable.of(value, QUOTED_LENGTH) + "\"";
  }

  SocketAddress address() {
    return address;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof WorkloadApiEndpoint that && address.equals(that.address);
  }

  @Override
  public int hashCode() {
    return address.hashCode();
  }

  /** The address in its canonical form. */
  @Override
  public String toString() {
    return text;
  }
}
