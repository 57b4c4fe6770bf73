package dev.signet.ca.adapter.x509;

import dev.signet.ca.issuance.RefusedException;
import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;

/** A curve of the allow-list. Both have prime order: a point on them is in the right group. */
record NamedCurve(ASN1ObjectIdentifier oid, ECParameterSpec curve) {
  static final NamedCurve P256 =
      new NamedCurve(SECObjectIdentifiers.secp256r1, parameters("secp256r1"));
  static final NamedCurve P384 =
      new NamedCurve(SECObjectIdentifiers.secp384r1, parameters("secp384r1"));

  private static final byte UNCOMPRESSED = 0x04;

  static Optional<NamedCurve> of(ASN1ObjectIdentifier oid) {
    return Stream.of(P256, P384).filter(curve -> curve.oid.equals(oid)).findFirst();
  }

  BigInteger order() {
    return curve.getOrder();
  }

  /**
   * @param point the content of the key's BIT STRING
   * @throws RefusedException unless it is the uncompressed form of a point on this curve
   */
  void checkPoint(byte[] point) throws RefusedException {
    BigInteger p = ((ECFieldFp) curve.getCurve().getField()).getP();
    int size = (p.bitLength() + 7) / 8;
    if (point.length != 1 + 2 * size || point[0] != UNCOMPRESSED) {
      throw RequestedKey.notAllowed("its point is not in uncompressed form");
    }
    BigInteger x = new BigInteger(1, Arrays.copyOfRange(point, 1, 1 + size));
    BigInteger y = new BigInteger(1, Arrays.copyOfRange(point, 1 + size, point.length));
    if (x.compareTo(p) >= 0 || y.compareTo(p) >= 0) {
      throw RequestedKey.notAllowed("a coordinate of its point is not below the prime");
    }
    BigInteger a = curve.getCurve().getA();
    BigInteger b = curve.getCurve().getB();
    BigInteger right = x.multiply(x).add(a).multiply(x).add(b).mod(p);
    if (!y.multiply(y).mod(p).equals(right)) {
      throw RequestedKey.notAllowed("its point is not on the curve");
    }
  }

  private static ECParameterSpec parameters(String name) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(name));
      return parameters.getParameterSpec(ECParameterSpec.class);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java runtime does not know " + name, e);
    }
  }
}
