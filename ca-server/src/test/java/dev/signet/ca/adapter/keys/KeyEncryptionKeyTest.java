package dev.signet.ca.adapter.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyEncryptionKeyTest {
  private static final String GOOD = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  static KeyEncryptionKey key(int seed) {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (seed + i);
    }
    return KeyEncryptionKey.parse(Base64.getEncoder().encode(bytes));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n"})
  void thirtyTwoBytesInBase64_areAKey(String end) {
    KeyEncryptionKey key = parse(GOOD + end);

    assertThat(key.fingerprint()).matches("[0-9a-f]{16}");
    assertThat(key.toString()).contains(key.fingerprint()).doesNotContain(GOOD);
  }

  @Test
  void otherKey_hasAnotherFingerprint() {
    assertThat(key(1).fingerprint()).isNotEqualTo(key(2).fingerprint());
  }

  @Test
  void fileContent_isCleared() {
    byte[] file = GOOD.getBytes(StandardCharsets.US_ASCII);
    KeyEncryptionKey.parse(file);

    assertThat(file).containsOnly(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "not base64 at all, but as long as it is!!!!=",
        " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
      })
  void anythingElse_isRefusedWithoutQuotingIt(String file) {
    assertThatThrownBy(() -> parse(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/dev/urandom")
        .satisfies(e ->
            assertThat(e.getMessage())
                .doesNotContain(file.isEmpty() ? "AAEC" : file.substring(0, 8)));
  }

  private static KeyEncryptionKey parse(String file) {
    return KeyEncryptionKey.parse(file.getBytes(StandardCharsets.US_ASCII));
  }
}
