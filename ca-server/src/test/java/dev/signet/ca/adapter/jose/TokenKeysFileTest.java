package dev.signet.ca.adapter.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import dev.signet.ca.ManualTimers;
import dev.signet.ca.attestation.ServiceAccountToken;
import dev.signet.ca.issuance.RefusalReason;
import dev.signet.ca.issuance.RefusedException;
import dev.signet.ca.issuance.World;
import dev.signet.process.StartRefusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** I11 for the file of a cluster's keys. */
class TokenKeysFileTest {
  private static final JWSHeader OLD =
      new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("old").build();
  private static final JWSHeader NEW =
      new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("new").build();
  private static ClusterKey oldKey;
  private static ClusterKey newKey;

  @TempDir private Path folder;
  private final ManualTimers timers = new ManualTimers(World.NOW);
  private final List<Optional<String>> health = new ArrayList<>();

  @BeforeAll
  static void keys() throws Exception {
    oldKey = ClusterKey.rsa("old", 2048);
    newKey = ClusterKey.rsa("new", 2048);
  }

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("keys.json"), text);
  }

  private TokenKeysFile open() throws StartRefusedException {
    return TokenKeysFile.open(folder.resolve("keys.json"), timers, health::add);
  }

  /** A cluster rotates its keys: it signs with the new one while old tokens live. */
  @Test
  void fileChanges_isReadAnew() throws Exception {
    write(ClusterKey.set(oldKey.published()));
    TokenKeysFile file = open();
    ServiceAccountToken token = newKey.sign(NEW, ClusterKey.claims());
    assertThat(reason(file, token)).contains(RefusalReason.TOKEN_KEY_UNKNOWN);

    write(ClusterKey.set(oldKey.published(), newKey.published()));
    file.readAgain();

    assertThat(reason(file, token)).isEmpty();
    assertThat(reason(file, oldKey.sign(OLD, ClusterKey.claims()))).isEmpty();
  }

  @Test
  void brokenOrMissingFile_keepsWhatItHad() throws Exception {
    Path file = write(ClusterKey.set(oldKey.published()));
    TokenKeysFile keys = open();
    ServiceAccountToken token = oldKey.sign(OLD, ClusterKey.claims());

    for (String broken :
        List.of(
            "",
            "<html>",
            "{}",
            "{\"keys\":null}",
            "{\"keys\":7}",
            ClusterKey.set(oldKey.published(), oldKey.published()),
            ClusterKey.set(newKey.secret()),
            ClusterKey.set(
                Collections.nCopies(TokenKeys.MOST_KEYS + 1, "{}").toArray(String[]::new)),
            " ".repeat(300_000))) {
      write(broken);
      keys.readAgain();
      assertThat(reason(keys, token)).as(broken.strip()).isEmpty();
    }
    Files.delete(file);
    keys.readAgain();
    assertThat(reason(keys, token)).isEmpty();
  }

  @Test
  void noKeyAnyMore_nobodyIsTrustedAndTheOperatorSeesIt() throws Exception {
    write(ClusterKey.set(oldKey.published()));
    TokenKeysFile file = open();
    assertThat(health).containsExactly(Optional.empty());

    write(ClusterKey.set());
    file.readAgain();

    assertThat(reason(file, oldKey.sign(OLD, ClusterKey.claims())))
        .contains(RefusalReason.TOKEN_KEY_UNKNOWN);
    assertThat(health.getLast().orElseThrow()).contains("no usable key");
  }

  @Test
  void entriesThatAreNoUsableKey_areLeftOutAndTheRestStays() throws Exception {
    TokenKeys keys =
        TokenKeys.parse(
            ClusterKey.set(
                "{}",
                "7",
                "{\"kty\":\"unheard-of\",\"kid\":\"x\"}",
                ClusterKey.rsa("short", 1024).published(),
                ClusterKey.ec("p384", Curve.P_384).published(),
                newKey.published().replace("\"kid\":\"new\",", ""),
                newKey.published().replace("{", "{\"use\":\"enc\","),
                newKey.published().replace("{", "{\"alg\":\"RS512\","),
                oldKey.published()));

    assertThat(keys.of("old")).isPresent();
    assertThat(keys.of("new")).isEmpty();
    assertThat(keys.of("short")).isEmpty();
    assertThat(keys.of("p384")).isEmpty();
    assertThat(keys.leftOut()).hasSizeBetween(6, 8);
  }

  @Test
  void startWithoutAUsableKey_isRefusedWithTheCommand() throws Exception {
    for (String text : List.of("", "{}", ClusterKey.set(), ClusterKey.set(newKey.secret()))) {
      write(text);
      assertThatThrownBy(this::open)
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("cluster.jwks_file")
          .hasMessageContaining("kubectl get --raw /openid/v1/jwks")
          .message()
          .doesNotContain("\"d\"");
    }
    Files.delete(folder.resolve("keys.json"));
    assertThatThrownBy(this::open).isInstanceOf(StartRefusedException.class);
  }

  private static Optional<RefusalReason> reason(TokenKeysFile file, ServiceAccountToken token) {
    try {
      return file.signatures().verify(token).issuer().isEmpty()
          ? Optional.of(RefusalReason.INTERNAL_ERROR)
          : Optional.empty();
    } catch (RefusedException e) {
      return Optional.of(e.refusal().reason());
    }
  }
}
