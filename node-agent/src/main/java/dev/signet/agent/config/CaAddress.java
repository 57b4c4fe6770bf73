package dev.signet.agent.config;

/**
 * Where the CA is: a host name or IP address, and a port.
 *
 * @param host IPv6 without brackets
 */
public record CaAddress(String host, int port) {

  /** Parses {@code ca.example:8443}, {@code 10.0.0.1:8443}, {@code [fd00::1]:8443}. */
  public static CaAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0 && text.substring(colon + 1).matches("[0-9]{1,5}")) {
      String host = text.substring(0, colon);
      int port = Integer.parseInt(text.substring(colon + 1));
      boolean v6 = host.matches("\\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*]");
      if (port >= 1
          && port <= 65_535
          && (v6 || host.matches("[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"))) {
        return new CaAddress(v6 ? host.substring(1, host.length() - 1) : host, port);
      }
    }
    throw new IllegalArgumentException(
        "must be HOST:PORT, such as signet-ca.signet-system.svc:8443 or [fd00::1]:8443");
  }
}
