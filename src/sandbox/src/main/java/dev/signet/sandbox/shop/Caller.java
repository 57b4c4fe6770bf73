package dev.signet.sandbox.shop;

import dev.signet.sandbox.shop.HttpWire.Response;
import dev.signet.workload.Authorizer;
import dev.signet.workload.SpiffeTls;
import dev.signet.workload.X509Source;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Calls one service with the identity of its pod. Thread-safe. */
final class Caller {
  private final SpiffeTls tls;
  private final AtomicReference<@Nullable Traffic> traffic = new AtomicReference<>();

  /**
   * @param service whom it expects to find
   */
  Caller(X509Source source, Authorizer service) {
    this.tls = SpiffeTls.of(source, service);
  }

  /** Facts: {@code id} of this pod, {@code serial} of its leaf. */
  static Map<String, String> identity(X509Source source) {
    var svid = source.context().svid();
    return Map.of("id", svid.id().toString(), "serial", svid.serial());
  }

  /** Facts: {@code status}, {@code body}, {@code server}. */
  Map<String, String> call(String address) throws IOException {
    try (ShopConnection connection = connect(address)) {
      Response response = connection.get("/");
      Map<String, String> facts = new LinkedHashMap<>();
      facts.put("status", Integer.toString(response.status()));
      facts.put("body", response.body());
      facts.put("server", connection.server().id().toString());
      return facts;
    }
  }

  Map<String, String> startTraffic(String address) {
    Traffic started = new Traffic(() -> connect(address));
    if (traffic.compareAndSet(null, started)) {
      started.start();
    }
    return traffic();
  }

  /** Facts of {@link Traffic}. */
  Map<String, String> traffic() {
    Traffic running = traffic.get();
    return running == null ? Map.of("error", "no traffic was started") : running.facts();
  }

  private ShopConnection connect(String address) throws IOException {
    return ShopConnection.open(tls.sslContext(), Addresses.parse(address));
  }
}
