package dev.signet.ca.adapter.tls;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.internal.tcnative.SSL;
import javax.net.ssl.SSLEngine;

/**
 * A context whose connections begin with a whole handshake, each of them: a resumed one shows no
 * certificate, so that nothing would be verified (THREATS T20).
 *
 * <p>Netty allows tickets on every engine as soon as version 1.3 is on, unless a property of the
 * whole JVM says otherwise; it is taken back here, engine by engine.
 */
final class WithoutResumption extends DelegatingSslContext {
  WithoutResumption(SslContext context) {
    super(context);
    ((OpenSslSessionContext) context.sessionContext()).setSessionCacheEnabled(false);
  }

  @Override
  protected void initEngine(SSLEngine engine) {
    SSL.setOptions(((ReferenceCountedOpenSslEngine) engine).sslPointer(), SSL.SSL_OP_NO_TICKET);
  }
}
