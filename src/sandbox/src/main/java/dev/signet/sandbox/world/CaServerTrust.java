package dev.signet.sandbox.world;

import dev.signet.spiffe.PresentedX509Chain;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.VerifiedX509Svid;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509SvidVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Accepts one server, by its SPIFFE ID, under one bundle; no client. */
final class CaServerTrust extends X509ExtendedTrustManager {
  private final SpiffeId server;
  private final X509BundleSet bundles;
  private final InstantSource clock;

  CaServerTrust(SpiffeId server, X509Bundle bundle, InstantSource clock) {
    this.server = server;
    this.bundles = X509BundleSet.of(bundle);
    this.clock = clock;
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    try {
      VerifiedX509Svid peer =
          X509SvidVerifier.verify(PresentedX509Chain.of(List.of(chain)), bundles, clock.instant());
      if (!peer.id().equals(server)) {
        throw new CertificateException("the server is " + peer.id() + ", not " + server);
      }
    } catch (SpiffeException e) {
      throw new CertificateException(e);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("this is no server");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("this is no server");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("this is no server");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
