package dev.signet.agent.adapter.ca;

import dev.signet.spiffe.X509Svid;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.security.GeneralSecurityException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** TLS 1.3 to the CA, on the JDK's engine: a native one would cost the agent memory for nothing. */
final class CaTls {
  private CaTls() {}

  /**
   * The TLS of one connection.
   *
   * @param svid the client certificate; null for a connection without one
   */
  static SslContext context(CaTrustManager trust, @Nullable X509Svid svid) {
    KeyManager[] keys =
        svid == null ? new KeyManager[0] : new KeyManager[] {new SvidKeyManager(svid)};
    SSLContext tls;
    try {
      tls = SSLContext.getInstance("TLSv1.3");
      tls.init(keys, new TrustManager[] {trust}, null);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the Java platform has no TLS 1.3: check java.security", e);
    }
    var http2 =
        new ApplicationProtocolConfig(
            Protocol.ALPN,
            SelectorFailureBehavior.NO_ADVERTISE,
            SelectedListenerFailureBehavior.ACCEPT,
            ApplicationProtocolNames.HTTP_2);
    return new JdkSslContext(
        NoResumption.around(tls),
        true,
        Http2SecurityUtil.CIPHERS,
        SupportedCipherSuiteFilter.INSTANCE,
        http2,
        ClientAuth.NONE,
        new String[] {"TLSv1.3"},
        false);
  }
}
