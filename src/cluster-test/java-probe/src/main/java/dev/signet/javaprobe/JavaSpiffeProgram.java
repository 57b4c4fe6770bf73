package dev.signet.javaprobe;

import io.spiffe.provider.SpiffeSslContextFactory;
import io.spiffe.spiffeid.SpiffeId;
import io.spiffe.workloadapi.DefaultX509Source;
import java.util.Set;
import javax.net.ssl.SSLContext;

/** With java-spiffe, which has never heard of Signet. */
final class JavaSpiffeProgram {
  private JavaSpiffeProgram() {}

  static SSLContext client(String expected) throws Exception {
    DefaultX509Source source = DefaultX509Source.newSource();
    return SpiffeSslContextFactory.getSslContext(
        SpiffeSslContextFactory.SslContextOptions.builder()
            .x509Source(source)
            .acceptedSpiffeIdsSupplier(() -> Set.of(SpiffeId.parse(expected)))
            .build());
  }
}
