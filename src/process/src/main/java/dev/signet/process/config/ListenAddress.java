package dev.signet.process.config;

import dev.signet.process.message.Printable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Where a process listens: an IP address and a port. */
public final class ListenAddress {
  private ListenAddress() {}

  /**
   * Parses {@code 127.0.0.1:8443} or {@code [::1]:8443}; port 0 is any free one. A host name is
   * refused: what it resolves to may be more, or other, than was meant.
   *
   * @throws IllegalArgumentException saying what is legal
   */
  public static InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw illegal(text, null);
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    // InetAddress takes forms of IPv4 with fewer numbers, and IPv6 without brackets.
    if (bracketed == (host.indexOf(':') < 0) || (!bracketed && !host.matches("(\\d+\\.){3}\\d+"))) {
      throw illegal(text, null);
    }
    try {
      int port = Integer.parseUnsignedInt(text.substring(colon + 1));
      return new InetSocketAddress(
          InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host), port);
    } catch (IllegalArgumentException e) {
      throw illegal(text, e);
    }
  }

  private static IllegalArgumentException illegal(String text, @Nullable Exception cause) {
    return new IllegalArgumentException(
        Printable.quoted(text)
            + " is no address to listen on; write IP:PORT, like 127.0.0.1:8443 or [::1]:8443",
        cause);
  }
}
