package dev.signet.ca.adapter.tls;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;

/**
 * The TLS of the server: version 1.3 alone, by OpenSSL; the client may show an SVID and, if it
 * does, must show a valid one; nothing is resumed, so that each connection is verified anew
 * (THREATS T20).
 */
public final class ServerTls {
  private static final String TLS_1_3 = "TLSv1.3";
  // The current identity and the one before it.
  private static final int CACHED_IDENTITIES = 2;

  private ServerTls() {}

  /** Makes a context that reads {@code serving} and {@code peers} anew at each handshake. */
  public static SslContext context(ServingSvid serving, PeerVerifier peers) throws SSLException {
    ServingKeyManagerFactory keys = new ServingKeyManagerFactory(new ServingKeyManager(serving));
    SslContext context =
        GrpcSslContexts.configure(
                SslContextBuilder.forServer(
                    new OpenSslCachingX509KeyManagerFactory(keys, CACHED_IDENTITIES)),
                SslProvider.OPENSSL)
            .protocols(TLS_1_3)
            .clientAuth(ClientAuth.OPTIONAL)
            .trustManager(new SvidTrustManager(peers))
            .build();
    return new WithoutResumption(context);
  }
}
