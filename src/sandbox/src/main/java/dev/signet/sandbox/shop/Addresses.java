package dev.signet.sandbox.shop;

import java.net.InetSocketAddress;

/** Where services are: {@code host:port}. */
final class Addresses {
  private Addresses() {}

  static InetSocketAddress parse(String address) {
    int colon = address.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not an address: " + address);
    }
    return new InetSocketAddress(
        address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
  }
}
