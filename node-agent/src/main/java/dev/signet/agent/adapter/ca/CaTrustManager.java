package dev.signet.agent.adapter.ca;

import dev.signet.agent.upstream.CaTrust;
import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509SvidVerifier;
import java.io.IOException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trusts one server: the CA of this trust domain, verified as an X509-SVID with what is trusted at
 * that moment. Host names play no part. TLS sends no application data before this has passed, so no
 * token reaches anyone else (THREATS.md T19). Thread-safe.
 */
final class CaTrustManager extends X509ExtendedTrustManager {
  private static final Logger log = LoggerFactory.getLogger(CaTrustManager.class);

  private final SpiffeId expected;
  private final CaTrust trust;
  private final InstantSource clock;

  CaTrustManager(SpiffeId expected, CaTrust trust, InstantSource clock) {
    this.expected = expected;
    this.trust = trust;
    this.clock = clock;
  }

  private void verify(X509Certificate[] chain) throws CertificateException {
    try {
      VerifiedX509Svid server =
          X509SvidVerifier.verify(
              PresentedX509Chain.of(List.of(chain)), trust.anchors(), clock.instant());
      if (!server.id().equals(expected)) {
        throw new CertificateException("the server is " + server.id() + ", not " + expected);
      }
    } catch (SpiffeException | IOException e) {
      log.warn(
          "The server at the CA's address is not trusted, nothing was sent: {}", e.getMessage());
      throw new CertificateException("not the CA: " + e.getMessage(), e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw noServer();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw noServer();
  }

  private static CertificateException noServer() {
    return new CertificateException("the agent is no TLS server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
