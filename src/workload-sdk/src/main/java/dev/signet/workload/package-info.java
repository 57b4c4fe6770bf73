/**
 * Mutual TLS with the identity that the platform gives: nobody handles a certificate.
 *
 * <p>A pod that mounts a volume of {@code csi.signet.dev} and sets {@code
 * SPIFFE_ENDPOINT_SOCKET=unix:///the/mount/api.sock} has all it needs. Any other SPIFFE Workload
 * API serves as well.
 *
 * <p>A server that lets in one client, and knows who called:
 *
 * <pre>{@code
 * try (X509Source source = X509Source.open(Duration.ofSeconds(30))) {
 *   Authorizer callers = Authorizer.id(SpiffeId.parse("spiffe://shop.example/ns/shop/sa/cart"));
 *   SpiffeTls tls = SpiffeTls.of(source, callers);
 *
 *   HttpsServer server = HttpsServer.create(new InetSocketAddress(8443), 0);
 *   server.setHttpsConfigurator(new HttpsConfigurator(tls.sslContext()));
 *   server.createContext("/pay", exchange -> {
 *     SSLSession session = ((HttpsExchange) exchange).getSSLSession();
 *     SpiffeId caller = PeerIdentity.of(session).id();
 *     ...
 *   });
 *   server.start();
 *   ...
 * }
 * }</pre>
 *
 * <p>Its client, which talks to that server alone:
 *
 * <pre>{@code
 * SpiffeId payments = SpiffeId.parse("spiffe://shop.example/ns/shop/sa/payments");
 * HttpClient client = HttpClient.newBuilder()
 *     .sslContext(SpiffeTls.of(source, Authorizer.id(payments)).sslContext())
 *     .build();
 * client.send(HttpRequest.newBuilder(URI.create("https://payments:8443/pay")).build(), ...);
 * }</pre>
 *
 * <p>gRPC on Netty takes the context as a {@code JdkSslContext}:
 *
 * <pre>{@code
 * NettyServerBuilder.forPort(8443).sslContext(new JdkSslContext(tls.sslContext(), false, null,
 *     IdentityCipherSuiteFilter.INSTANCE, alpnForHttp2, ClientAuth.REQUIRE, null, false))
 * }</pre>
 *
 * <p>Classes: {@link dev.signet.workload.X509Source} keeps the SVID and the bundles current, {@link
 * dev.signet.workload.SpiffeTls} makes TLS of them, {@link dev.signet.workload.Authorizer} names
 * the peers, {@link dev.signet.workload.PeerIdentity} tells who a peer is, {@link
 * dev.signet.workload.WorkloadApiEndpoint} is the address. Logging is SLF4J's; neither logs nor
 * messages ever hold a key.
 */
@NullMarked
package dev.signet.workload;

import org.jspecify.annotations.NullMarked;
