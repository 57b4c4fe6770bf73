package dev.signet.agent.volume;

import static dev.signet.agent.testing.Fixtures.AUDIENCE;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a publish call may not fit (THREATS.md T9, I14). */
class PublishRequestTest {
  private static final Path KUBELET = Path.of("/var/lib/kubelet");
  private static final VolumeLayout LAYOUT = new VolumeLayout(KUBELET, Path.of("/run/signet"));
  private static final String KEY = "csi.storage.k8s.io/";
  private static final String TOKENS = KEY + "serviceAccount.tokens";
  private static final String TOKEN = TestTokens.compact(UID.value(), "a");

  /** A call that fits, as a test changes it. */
  static final class Call {
    private String volumeId = TestNode.volumeId(UID.value(), "identity");
    private String target = target(UID.value(), "identity");
    private String staging = "";
    private PublishForm.Access access = PublishForm.Access.MOUNT;
    private boolean readOnly = true;
    private final Map<String, String> publishContext = new HashMap<>();
    private final Map<String, String> secrets =
        new HashMap<>(Map.of(TOKENS, TestTokens.requests(AUDIENCE, TOKEN)));
    private final Map<String, String> context =
        new HashMap<>(
            Map.of(
                KEY + "pod.uid", UID.value(),
                KEY + "pod.name", "cart-0",
                KEY + "pod.namespace", "shop",
                KEY + "serviceAccount.name", "cart",
                KEY + "ephemeral", "true"));

    PublishForm form() {
      return new PublishForm(
          volumeId, target, staging, access, readOnly, publishContext, secrets, context);
    }
  }

  private static String target(String uid, String volume) {
    return KUBELET + "/pods/" + uid + "/volumes/kubernetes.io~csi/" + volume + "/mount";
  }

  private static PublishRequest parse(Consumer<Call> change) throws VolumeException {
    var call = new Call();
    change.accept(call);
    return PublishRequest.parse(call.form(), LAYOUT, AUDIENCE);
  }

  @Test
  void callAsKubeletMakesIt_isOneFact() throws Exception {
    PublishRequest request = parse(_ -> {});

    assertThat(request.pod()).isEqualTo(POD);
    assertThat(request.target().pod()).isEqualTo(UID);
    assertThat(request.target().volumeName()).isEqualTo("identity");
    assertThat(request.token().reveal()).isEqualTo(TOKEN);
  }

  @Test
  void tokenInTheVolumeContext_isTakenWhereSecretsHaveNone() throws Exception {
    PublishRequest request =
        parse(call -> {
          call.context.put(TOKENS, TestTokens.requests(AUDIENCE, TOKEN));
          call.secrets.clear();
        });

    assertThat(request.token().reveal()).isEqualTo(TOKEN);
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("faults")
  void callThatDoesNotFit_isRefused(String name, VolumeFault fault, Consumer<Call> change) {
    VolumeException refusal = catchThrowableOfType(VolumeException.class, () -> parse(change));

    assertThat(refusal).as(name).isNotNull();
    assertThat(refusal.fault()).isEqualTo(fault);
    assertThat(refusal.getMessage()).doesNotContain(TOKEN).hasSizeLessThan(400);
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        fault("no volume_id", VolumeFault.FIELD_MISSING, c -> c.volumeId = ""),
        fault("no target_path", VolumeFault.FIELD_MISSING, c -> c.target = ""),
        fault(
            "no access type", VolumeFault.FIELD_MISSING, c -> c.access = PublishForm.Access.UNSET),
        fault("block", VolumeFault.ACCESS_TYPE, c -> c.access = PublishForm.Access.BLOCK),
        fault("staging path", VolumeFault.STAGING_PATH, c -> c.staging = "/x"),
        fault("writable", VolumeFault.NOT_READ_ONLY, c -> c.readOnly = false),
        fault(
            "volume_id of another volume",
            VolumeFault.POD_MISMATCH,
            c -> c.volumeId = TestNode.volumeId(UID.value(), "other")),
        fault(
            "volume_id of another pod",
            VolumeFault.POD_MISMATCH,
            c -> c.volumeId = TestNode.volumeId(OTHER_UID.value(), "identity")),
        fault(
            "volume_id in capitals",
            VolumeFault.POD_MISMATCH,
            c -> c.volumeId = c.volumeId.toUpperCase(Locale.ROOT)),
        fault("huge volume_id", VolumeFault.POD_MISMATCH, c -> c.volumeId = "x".repeat(50_000)),
        fault(
            "pod.uid of another pod",
            VolumeFault.POD_MISMATCH,
            c -> c.context.put(KEY + "pod.uid", OTHER_UID.value())),
        fault(
            "target of another pod",
            VolumeFault.POD_MISMATCH,
            c -> c.target = target(OTHER_UID.value(), "identity")),
        fault("relative target", VolumeFault.TARGET_PATH, c -> c.target = c.target.substring(1)),
        fault("foreign target", VolumeFault.TARGET_PATH, c -> c.target = "/etc/cron.d"),
        fault(
            "target with ..",
            VolumeFault.TARGET_PATH,
            c -> c.target = target(UID.value(), "identity") + "/../mount"),
        fault(
            "target with .. for the volume",
            VolumeFault.TARGET_PATH,
            c -> c.target = target(UID.value(), "..")),
        fault(
            "target with //",
            VolumeFault.TARGET_PATH,
            c -> c.target = c.target.replace("/pods", "//pods")),
        fault("target with trailing slash", VolumeFault.TARGET_PATH, c -> c.target += "/"),
        fault("target with NUL", VolumeFault.TARGET_PATH, c -> c.target += "\0"),
        fault("target with newline", VolumeFault.TARGET_PATH, c -> c.target += "\n"),
        fault(
            "target of a static pod",
            VolumeFault.TARGET_PATH,
            c -> c.target = target("0123456789abcdef0123456789abcdef", "identity")),
        fault(
            "target of another kubelet",
            VolumeFault.TARGET_PATH,
            c -> c.target = c.target.replace("/var/lib", "/var/lib2")),
        fault(
            "volume name too long",
            VolumeFault.TARGET_PATH,
            c -> c.target = target(UID.value(), "v".repeat(64))),
        fault("huge target", VolumeFault.TARGET_PATH, c -> c.target = "/" + "x".repeat(100_000)),
        fault(
            "unknown attribute",
            VolumeFault.UNKNOWN_KEY,
            c -> c.context.put("useOwnAccount", "true")),
        fault(
            "unknown key of kubelet's prefix",
            VolumeFault.UNKNOWN_KEY,
            c -> c.context.put(KEY + "pod.uids", "x")),
        fault(
            "attribute that moves a terminal",
            VolumeFault.UNKNOWN_KEY,
            c -> c.context.put("\u001b[2J" + "x".repeat(5_000), "true")),
        fault("publish context", VolumeFault.UNKNOWN_KEY, c -> c.publishContext.put("a", "b")),
        fault("node publish secret", VolumeFault.UNKNOWN_KEY, c -> c.secrets.put("password", "b")),
        fault("no pod.uid", VolumeFault.FIELD_MISSING, c -> c.context.remove(KEY + "pod.uid")),
        fault("no pod.name", VolumeFault.FIELD_MISSING, c -> c.context.remove(KEY + "pod.name")),
        fault(
            "no namespace",
            VolumeFault.FIELD_MISSING,
            c -> c.context.remove(KEY + "pod.namespace")),
        fault(
            "empty account",
            VolumeFault.FIELD_MISSING,
            c -> c.context.put(KEY + "serviceAccount.name", "")),
        fault("no ephemeral", VolumeFault.FIELD_MISSING, c -> c.context.remove(KEY + "ephemeral")),
        fault(
            "not ephemeral",
            VolumeFault.NOT_EPHEMERAL,
            c -> c.context.put(KEY + "ephemeral", "false")),
        fault(
            "ephemeral in capitals",
            VolumeFault.NOT_EPHEMERAL,
            c -> c.context.put(KEY + "ephemeral", "True")),
        fault(
            "namespace with a slash",
            VolumeFault.FIELD_MALFORMED,
            c -> c.context.put(KEY + "pod.namespace", "a/b")),
        fault(
            "namespace ..",
            VolumeFault.FIELD_MALFORMED,
            c -> c.context.put(KEY + "pod.namespace", "..")),
        fault(
            "account with a newline",
            VolumeFault.FIELD_MALFORMED,
            c -> c.context.put(KEY + "serviceAccount.name", "a\nb")),
        fault(
            "pod name too long",
            VolumeFault.FIELD_MALFORMED,
            c -> c.context.put(KEY + "pod.name", "a".repeat(254))),
        fault(
            "token in both maps",
            VolumeFault.TOKEN_IN_BOTH_MAPS,
            c -> c.context.put(TOKENS, TestTokens.requests(AUDIENCE, TOKEN))),
        fault("no token", VolumeFault.TOKEN_MISSING, c -> c.secrets.clear()),
        fault(
            "token of another audience",
            VolumeFault.TOKEN_MISSING,
            c -> c.secrets.put(TOKENS, TestTokens.requests("signet://shop.example/agent", TOKEN))),
        fault(
            "tokens that are no JSON",
            VolumeFault.TOKEN_MALFORMED,
            c -> c.secrets.put(TOKENS, TOKEN)),
        fault(
            "oversized tokens",
            VolumeFault.TOKEN_MALFORMED,
            c -> c.secrets.put(TOKENS, "{".repeat(100_000))),
        fault(
            "token that is no JWT",
            VolumeFault.TOKEN_MALFORMED,
            c -> c.secrets.put(TOKENS, TestTokens.requests(AUDIENCE, "opaque"))),
        fault(
            "token of another pod",
            VolumeFault.TOKEN_OF_ANOTHER_POD,
            c ->
                c.secrets.put(
                    TOKENS,
                    TestTokens.requests(AUDIENCE, TestTokens.compact(OTHER_UID.value(), "a")))));
  }

  private static Arguments fault(String name, VolumeFault fault, Consumer<Call> change) {
    return Arguments.of(name, fault, change);
  }

  @Test
  void unknownKey_isNamedInTheRefusal_asPlainText() {
    VolumeException refusal =
        catchThrowableOfType(
            VolumeException.class, () -> parse(c -> c.context.put("use\u001bOwn", "x")));

    assertThat(refusal).hasMessageContaining("\"use?Own\" in volumeAttributes");
  }

  @Test
  void form_printsNothing() {
    assertThat(new Call().form()).hasToString("PublishForm[redacted]");
  }

  @Test
  void folder_isShortAndOneAVolume() {
    VolumeTarget one = LAYOUT.target(target(UID.value(), "identity")).orElseThrow();
    VolumeTarget two = LAYOUT.target(target(UID.value(), "other")).orElseThrow();
    VolumeTarget neighbour = LAYOUT.target(target(OTHER_UID.value(), "identity")).orElseThrow();

    assertThat(Stream.of(one, two, neighbour).map(LAYOUT::folder)).doesNotHaveDuplicates();
    assertThat(LAYOUT.folder(one).resolve(VolumeLayout.SOCKET_NAME).toString())
        .hasSize("/run/signet".length() + 107 - VolumeLayout.MAX_RUN_DIR_BYTES);
  }
}
