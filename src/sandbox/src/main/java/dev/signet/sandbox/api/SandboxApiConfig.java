package dev.signet.sandbox.api;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * How the API server is set up.
 *
 * @param listen address; port 0 for any free one
 * @param issuer {@code iss} of the ServiceAccount tokens
 * @param apiAudience audience of the API server: what its own callers' tokens need
 * @param watchHistory changes kept per resource for watches that resume; older ones are answered
 *     410
 * @param bookmarkInterval time between the bookmarks of a watch that asked for them
 */
public record SandboxApiConfig(
    InetSocketAddress listen,
    String issuer,
    String apiAudience,
    int watchHistory,
    Duration bookmarkInterval) {

  public SandboxApiConfig {
    if (watchHistory < 1) {
      throw new IllegalArgumentException(
          "watchHistory " + watchHistory + ": keep at least 1 change");
    }
    if (!bookmarkInterval.isPositive()) {
      throw new IllegalArgumentException(
          "bookmarkInterval " + bookmarkInterval + ": must be positive");
    }
  }

  /**
   * Any free port of the loopback address, and a real server's issuer, audience and bookmark
   * interval.
   */
  public static SandboxApiConfig defaults() {
    String issuer = "https://kubernetes.default.svc.cluster.local";
    return new SandboxApiConfig(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        issuer,
        issuer,
        1000,
        Duration.ofMinutes(1));
  }

  public SandboxApiConfig withListen(InetSocketAddress address) {
    return new SandboxApiConfig(address, issuer, apiAudience, watchHistory, bookmarkInterval);
  }

  public SandboxApiConfig withWatchHistory(int changes) {
    return new SandboxApiConfig(listen, issuer, apiAudience, changes, bookmarkInterval);
  }

  public SandboxApiConfig withBookmarkInterval(Duration interval) {
    return new SandboxApiConfig(listen, issuer, apiAudience, watchHistory, interval);
  }
}
