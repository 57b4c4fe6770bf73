package dev.signet.sandbox.shop;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.workload.Authorizer;
import dev.signet.workload.SpiffeTls;
import dev.signet.workload.X509Source;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * What runs in the pods of the shop: {@code Main PROGRAM}, one of {@code payments}, {@code cart},
 * {@code frontend}, {@code intruder}. Each serves until its switchboard goes.
 */
public final class Main {
  private static final Duration FIRST_SVID = Duration.ofSeconds(30);

  private Main() {}

  public static void main(String[] args) throws IOException {
    String program = args.length == 1 ? args[0] : "";
    try (X509Source source = X509Source.open(FIRST_SVID)) {
      switch (program) {
        case "payments" -> payments(source);
        case "cart", "frontend" -> caller(program, source);
        case "intruder" -> new Intruder(source).serve(program);
        default -> throw new IllegalArgumentException("one program of the shop, please");
      }
    }
  }

  /** Takes money from the cart, and from nobody else. */
  private static void payments(X509Source source) throws IOException {
    Authorizer cart = Authorizer.id(account(source, "cart"));
    try (ShopServer server =
        ShopServer.start(
            SpiffeTls.of(source, cart).sslContext(), caller -> "paid for " + caller.id())) {
      new Console(
              Map.of(
                  "identity", arguments -> Caller.identity(source),
                  "next-refusal", arguments -> server.nextRefusal()))
          .serve("payments", server.port());
    }
  }

  private static void caller(String program, X509Source source) throws IOException {
    Caller caller = new Caller(source, Authorizer.id(account(source, "payments")));
    new Console(
            Map.of(
                "identity", arguments -> Caller.identity(source),
                "call", arguments -> caller.call(arguments.getFirst()),
                "start-traffic", arguments -> caller.startTraffic(arguments.getFirst()),
                "traffic", arguments -> caller.traffic()))
        .serve(program, 0);
  }

  /** Another account of this program's own namespace. */
  private static SpiffeId account(X509Source source, String name) {
    SpiffeId own = source.context().svid().id();
    TrustDomain trustDomain = own.trustDomain();
    return SpiffeId.of(trustDomain, "ns", own.segments().get(1), "sa", name);
  }
}
