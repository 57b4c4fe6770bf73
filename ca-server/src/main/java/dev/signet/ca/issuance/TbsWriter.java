package dev.signet.ca.issuance;

/** Writes the part of a certificate that is signed. Implementations are thread-safe. */
@FunctionalInterface
public interface TbsWriter {
  /**
   * Writes it.
   *
   * @return TBSCertificate, DER; to be signed with ECDSA and SHA-256
   */
  byte[] write(CertificateContent content);
}
