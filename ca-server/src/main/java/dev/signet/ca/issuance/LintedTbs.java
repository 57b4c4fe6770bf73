package dev.signet.ca.issuance;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Bytes that may be signed: {@link CertificateLint} read them back and found them to be what was
 * meant. Only it can make one, and only {@link CertificateSigner} can take the bytes out, once.
 * Thread-safe.
 */
public final class LintedTbs {
  private final CertificateContent content;
  private final byte[] der;
  private final AtomicBoolean redeemed = new AtomicBoolean();

  LintedTbs(CertificateContent content, byte[] der) {
    this.content = content;
    this.der = der.clone();
  }

  public CertificateContent content() {
    return content;
  }

  /** Lower-case hex. */
  public String sha256() {
    return Digests.sha256Hex(der);
  }

  byte[] redeem() {
    if (!redeemed.compareAndSet(false, true)) {
      throw new IllegalStateException("certificate " + content.serial() + " was signed before");
    }
    return der.clone();
  }
}
