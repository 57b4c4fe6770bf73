package dev.signet.ca.adapter.tls;

import dev.signet.spiffe.InvalidX509SvidException;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Takes clients with a valid X509-SVID of our trust domain. Says nothing on who may do what: that
 * is decided call by call. Never trusts a server. Thread-safe.
 */
final class SvidTrustManager extends X509ExtendedTrustManager {
  private final PeerVerifier verifier;

  SvidTrustManager(PeerVerifier verifier) {
    this.verifier = verifier;
  }

  private void verify(X509Certificate[] chain) throws CertificateException {
    try {
      verifier.verify(List.of(chain));
    } catch (InvalidX509SvidException e) {
      throw new CertificateException(e.getMessage(), e);
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    verify(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw noClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw noClient();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw noClient();
  }

  /** None: roots are found by verification, and their names in a handshake only lengthen it. */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  private static CertificateException noClient() {
    return new CertificateException("this is for the server's side alone");
  }
}
