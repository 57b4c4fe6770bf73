package dev.signet.workload;

import dev.signet.spiffe.X509Svid;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The other end as anybody else would build it: the JDK's own context, with sessions and tickets,
 * that trusts everyone and counts how often it was asked.
 */
final class PlainTls extends X509ExtendedTrustManager {

  final AtomicInteger checks = new AtomicInteger();
  final SSLContext context;

  private PlainTls(KeyManager @Nullable [] keys) throws GeneralSecurityException {
    context = SSLContext.getInstance("TLS");
    context.init(keys, new TrustManager[] {this}, null);
  }

  static PlainTls anonymous() throws GeneralSecurityException {
    return new PlainTls(null);
  }

  static PlainTls as(X509Svid svid) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "svid", svid.privateKey(), new char[0], svid.chain().toArray(Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store, new char[0]);
    return new PlainTls(keys.getKeyManagers());
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
    checks.incrementAndGet();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
    checks.incrementAndGet();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
    checks.incrementAndGet();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
    checks.incrementAndGet();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {
    checks.incrementAndGet();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) {
    checks.incrementAndGet();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
