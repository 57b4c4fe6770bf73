package dev.signet.ca.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.ca.keys.KeyManagerException.Problem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link KeyManager} does. */
public abstract class KeyManagerContract {
  protected static final KeyId ID = new KeyId("root-1");
  private static final KeyId OTHER = new KeyId("root-2");
  private static final byte[] DATA = "data".getBytes(StandardCharsets.US_ASCII);

  private KeyManager keys;

  /** One without keys. */
  protected abstract KeyManager empty() throws Exception;

  @BeforeEach
  void start() throws Exception {
    keys = empty();
  }

  @Test
  void created_isP256AndSigns() throws Exception {
    PublicKey created = keys.create(ID);

    assertThat(((ECPublicKey) created).getParams().getOrder().bitLength()).isEqualTo(256);
    assertThat(keys.publicKey(ID).getEncoded()).isEqualTo(created.getEncoded());
    assertThat(verifies(created, DATA, keys.sign(ID, DATA))).isTrue();
  }

  @Test
  void signature_isOfTheNamedKeyAndData() throws Exception {
    PublicKey one = keys.create(ID);
    PublicKey two = keys.create(OTHER);
    byte[] signature = keys.sign(ID, DATA);

    assertThat(verifies(two, DATA, signature)).isFalse();
    assertThat(verifies(one, new byte[1], signature)).isFalse();
  }

  @Test
  void existing_isNotOverwritten() throws Exception {
    PublicKey first = keys.create(ID);

    assertThat(problem(() -> keys.create(ID))).isEqualTo(Problem.EXISTS);
    assertThat(keys.publicKey(ID).getEncoded()).isEqualTo(first.getEncoded());
    assertThat(verifies(first, DATA, keys.sign(ID, DATA))).isTrue();
  }

  @Test
  void unknown_isMissing() {
    assertThat(problem(() -> keys.publicKey(ID))).isEqualTo(Problem.MISSING);
    assertThat(problem(() -> keys.sign(ID, DATA))).isEqualTo(Problem.MISSING);
  }

  @Test
  void deleted_isMissingAndMayBeMadeAnew() throws Exception {
    PublicKey first = keys.create(ID);
    keys.delete(ID);

    assertThat(problem(() -> keys.sign(ID, DATA))).isEqualTo(Problem.MISSING);
    assertThat(keys.create(ID).getEncoded()).isNotEqualTo(first.getEncoded());
  }

  @Test
  void deletingWhatIsNotThere_isNoError() throws Exception {
    keys.delete(ID);

    assertThat(keys.list()).isEmpty();
  }

  @Test
  void list_namesAllInOrder() throws Exception {
    keys.create(OTHER);
    keys.create(ID);

    assertThat(keys.list()).containsExactly(ID, OTHER);
    keys.delete(ID);
    assertThat(keys.list()).containsExactly(OTHER);
  }

  @Test
  void createdAtOnceByMany_isMadeOnce() throws Exception {
    Callable<Boolean> creation =
        () -> {
          try {
            keys.create(ID);
            return true;
          } catch (KeyManagerException e) {
            return false;
          }
        };
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Boolean>> made =
          threads.invokeAll(IntStream.range(0, 8).mapToObj(_ -> creation).toList());

      assertThat(made).filteredOn(Future::resultNow).hasSize(1);
    }
  }

  @Test
  void usedByManyAtOnce_eachSignatureVerifies() throws Exception {
    PublicKey key = keys.create(ID);
    Callable<Boolean> use = () -> verifies(key, DATA, keys.sign(ID, DATA));
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Boolean>> uses =
          threads.invokeAll(IntStream.range(0, 64).mapToObj(_ -> use).toList());

      assertThat(uses).allMatch(Future::resultNow);
    }
  }

  /** What is wrong with a key, by calling something that fails. */
  protected static Problem problem(ThrowingCallable call) {
    KeyManagerException failure = catchThrowableOfType(KeyManagerException.class, call);
    assertThat(failure).as("it did not fail").isNotNull();
    return failure.problem();
  }

  private static boolean verifies(PublicKey key, byte[] data, byte[] signature)
      throws GeneralSecurityException {
    Signature verifier = Signature.getInstance("SHA256withECDSA", "SunEC");
    verifier.initVerify(
        KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(key.getEncoded())));
    verifier.update(data);
    return verifier.verify(signature);
  }
}
