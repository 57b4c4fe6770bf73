package dev.signet.ca.adapter.x509;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.issuance.RefusedException;
import java.time.Duration;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.ByteRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Whatever comes, it is proven or refused, soon. The only legal refusal is {@link
 * RefusedException}; and of a good request no altered copy is proven.
 */
class CsrVerifierFuzzTest {
  private static final Pkcs10CsrVerifier VERIFIER = new Pkcs10CsrVerifier(CryptoProvider.choose());
  private static final byte[] EC = Csr.p256().encoded();
  private static final byte[] RSA = Csr.of(Csr.rsa(2048)).encoded();
  private static final Duration BOUND = Duration.ofSeconds(2);

  @Property(tries = 3000)
  void randomBytes_areRefused(@ForAll @Size(max = 400) byte[] bytes) {
    assertThat(proven(bytes)).isFalse();
  }

  /** Tags and lengths that make sense get deeper into a parser than random ones. */
  @Property(tries = 3000)
  void plausibleStructure_isRefused(
      @ForAll @Size(max = 300) @ByteRange(min = 0, max = 0x31) byte[] bytes) {
    assertThat(proven(Der.sequence(bytes))).isFalse();
  }

  @Property(tries = 3000)
  void alteredByte_isRefused(
      @ForAll boolean rsa,
      @ForAll @IntRange(max = 1 << 20) int at,
      @ForAll @IntRange(min = 1, max = 255) int flip) {
    byte[] csr = (rsa ? RSA : EC).clone();
    csr[at % csr.length] ^= (byte) flip;

    assertThat(proven(csr)).isFalse();
  }

  @Property(tries = 2000)
  void replacedPart_isRefused(
      @ForAll boolean rsa,
      @ForAll @IntRange(max = 1 << 20) int from,
      @ForAll @Size(min = 1, max = 40) byte[] part) {
    byte[] csr = (rsa ? RSA : EC).clone();
    int at = from % csr.length;
    byte[] altered = csr.clone();
    System.arraycopy(part, 0, altered, at, Math.min(part.length, csr.length - at));

    assertThat(proven(altered)).isEqualTo(Arrays.equals(altered, csr));
  }

  @Property(tries = 2000)
  void insertedOrRemovedPart_isRefused(
      @ForAll boolean rsa,
      @ForAll @IntRange(max = 1 << 20) int from,
      @ForAll @IntRange(min = 1, max = 30) int length,
      @ForAll boolean insert) {
    byte[] csr = (rsa ? RSA : EC).clone();
    int at = from % csr.length;
    byte[] head = Arrays.copyOf(csr, at);
    byte[] tail =
        Arrays.copyOfRange(csr, insert ? at : Math.min(csr.length, at + length), csr.length);

    assertThat(proven(insert ? Der.concat(head, new byte[length], tail) : Der.concat(head, tail)))
        .isFalse();
  }

  private static boolean proven(byte[] csr) {
    long start = System.nanoTime();
    try {
      return VERIFIER.verify(csr).publicKey() != null;
    } catch (RefusedException _) {
      return false;
    } finally {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
    }
  }
}
