package dev.signet.ca.adapter.x509;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.CsrVerifier;
import dev.signet.ca.issuance.Digests;
import dev.signet.ca.issuance.ProvenKey;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.PublicKey;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;

/**
 * Reads PKCS#10 (RFC 2986) and takes nothing from it but a key and the proof that its sender holds
 * it. A request that asks for more is refused, not trimmed. Thread-safe.
 *
 * <p>Order matters: size, then DER, then content, then the key's form, and the signature, which
 * costs most, last.
 */
public final class Pkcs10CsrVerifier implements CsrVerifier {
  static final int MAX_BYTES = 16 * 1024;

  private final CryptoProvider crypto;

  public Pkcs10CsrVerifier(CryptoProvider crypto) {
    this.crypto = crypto;
  }

  private record Request(
      ASN1Sequence signedPart,
      ASN1Integer version,
      ASN1Sequence subject,
      SubjectPublicKeyInfo key,
      ASN1Sequence attributes,
      AlgorithmIdentifier algorithm,
      ASN1BitString signature) {}

  @Override
  public ProvenKey verify(byte[] csr) throws RefusedException {
    Request request = parse(csr);
    if (!request.version().hasValue(0)) {
      throw malformed("its version is not 0");
    }
    if (request.subject().size() != 0) {
      throw new RefusedException(RefusalReason.CSR_ASKS_FOR_MORE, "it names a subject");
    }
    if (request.attributes().size() != 0) {
      throw new RefusedException(
          RefusalReason.CSR_ASKS_FOR_MORE,
          "it has " + request.attributes().size() + " attributes (extensions are one)");
    }
    RequestedKey key = RequestedKey.of(request.key(), crypto);
    String algorithm = key.signatureAlgorithm(request.algorithm());
    byte[] signature = request.signature().getOctets();
    key.checkForm(signature);
    PublicKey publicKey = key.publicKey();
    if (!crypto.verify(algorithm, publicKey, encoded(request.signedPart()), signature)) {
      throw new RefusedException(
          RefusalReason.CSR_SIGNATURE_INVALID, "its signature is not of its key");
    }
    return new ProvenKey(publicKey, Digests.sha256Hex(publicKey.getEncoded()));
  }

  private static Request parse(byte[] csr) throws RefusedException {
    if (csr.length == 0 || csr.length > MAX_BYTES) {
      throw malformed("it has " + csr.length + " bytes");
    }
    try {
      StrictDer.check(csr);
      ASN1Primitive value = ASN1Primitive.fromByteArray(csr);
      if (!Arrays.equals(value.getEncoded(ASN1Encoding.DER), csr)) {
        throw malformed("it is not in DER");
      }
      return request(value);
    } catch (StrictDer.MalformedException | IOException e) {
      throw malformed(String.valueOf(e.getMessage()), e);
    } catch (RuntimeException e) {
      // Bouncy Castle's getInstance methods refuse by IllegalArgumentException,
      // IllegalStateException
      // and, for some values, others.
      throw malformed("it is no PKCS#10: " + e.getMessage(), e);
    }
  }

  private static Request request(ASN1Primitive value) throws RefusedException {
    ASN1Sequence outer = sequence(value, 3);
    ASN1Sequence info = sequence(outer.getObjectAt(0), 4);
    ASN1TaggedObject attributes = ASN1TaggedObject.getContextInstance(info.getObjectAt(3), 0);
    ASN1BitString signature = ASN1BitString.getInstance(outer.getObjectAt(2));
    if (signature.getPadBits() != 0) {
      throw malformed("its signature is not whole bytes");
    }
    return new Request(
        info,
        ASN1Integer.getInstance(info.getObjectAt(0)),
        ASN1Sequence.getInstance(info.getObjectAt(1)),
        SubjectPublicKeyInfo.getInstance(sequence(info.getObjectAt(2), 2)),
        // SET OF read as SEQUENCE OF: only its size is of interest.
        ASN1Sequence.getInstance(attributes, false),
        AlgorithmIdentifier.getInstance(outer.getObjectAt(1)),
        signature);
  }

  /** The very bytes that came: they were found to be DER, which has one form for each value. */
  private static byte[] encoded(ASN1Sequence value) {
    try {
      return value.getEncoded(ASN1Encoding.DER);
    } catch (IOException e) {
      throw new UncheckedIOException("a value in memory does not encode", e);
    }
  }

  private static ASN1Sequence sequence(ASN1Encodable value, int size) throws RefusedException {
    ASN1Sequence sequence = ASN1Sequence.getInstance(value);
    if (sequence.size() != size) {
      throw malformed("a sequence has " + sequence.size() + " elements in place of " + size);
    }
    return sequence;
  }

  private static RefusedException malformed(String detail) {
    return new RefusedException(RefusalReason.CSR_MALFORMED, detail);
  }

  private static RefusedException malformed(String detail, Exception cause) {
    return new RefusedException(RefusalReason.CSR_MALFORMED, detail, cause);
  }
}
