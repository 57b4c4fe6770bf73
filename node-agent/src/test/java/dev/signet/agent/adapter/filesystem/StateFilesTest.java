package dev.signet.agent.adapter.filesystem;

import static dev.signet.agent.testing.Fixtures.AGENT;
import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.OTHER_UID;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.cache.CacheFiles.Contents;
import dev.signet.agent.cache.VolumeRecord;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.svid.KeptSvid;
import dev.signet.agent.testing.CapturedLog;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.agent.volume.VolumeTarget;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records on a real file system: whole or not at all, and nobody else's. */
class StateFilesTest {
  private static final String BOOT = "6f0b8a3e-3f0c-4a0e-9d53-7a2d5f0c1b2a";
  private static final String HOME = "/var/lib/kubelet/pods/";

  @TempDir Path run;

  private final TestAuthority authority = new TestAuthority(SHOP, NOW);
  private final VolumeRecord record = record(authority.svid(CART));
  private int uid;
  private Path state;
  private Path file;
  private StateFiles files;

  @BeforeEach
  void prepare() throws IOException {
    uid = (Integer) Files.getAttribute(run, "unix:uid");
    state = run.resolve("state");
    file = state.resolve(UID + ".identity");
    files = files(AGENT, BOOT, uid);
    assertThat(files.load()).isEqualTo(Contents.NOTHING);
  }

  private StateFiles files(SpiffeId agent, String boot, int ofUser) {
    var layout = new VolumeLayout(Path.of("/var/lib/kubelet"), run);
    return new StateFiles(run, layout, agent, boot, ofUser);
  }

  private static VolumeTarget target(String pod, String volume) {
    var layout = new VolumeLayout(Path.of("/var/lib/kubelet"), Path.of("/run/signet"));
    return layout
        .target(HOME + pod + "/volumes/kubernetes.io~csi/" + volume + "/mount")
        .orElseThrow();
  }

  private static VolumeRecord record(X509Svid svid) {
    var kept = new KeptSvid(svid, NOW.minusNanos(1), NOW.plus(Duration.ofMinutes(25)));
    return new VolumeRecord(
        POD, target(UID.value(), "identity"), new KeptIdentity(true, Optional.of(kept)));
  }

  @Test
  void record_comesBackAsItWas() throws Exception {
    files.save(record);
    files.save(new HeldBundle(7, authority.bundle()));

    Contents found = files(AGENT, BOOT, uid).load();

    assertThat(found.bundle()).contains(new HeldBundle(7, authority.bundle()));
    assertThat(found.setAside()).isZero();
    VolumeRecord read = found.volumes().getFirst();
    assertThat(read.pod()).isEqualTo(POD);
    assertThat(read.target()).isEqualTo(record.target());
    KeptSvid before = record.identity().svid().orElseThrow();
    KeptSvid after = read.identity().svid().orElseThrow();
    assertThat(after.svid().chain()).isEqualTo(before.svid().chain());
    assertThat(after.svid().privateKey()).isEqualTo(before.svid().privateKey());
    assertThat(after.received()).isEqualTo(before.received());
    assertThat(after.renewal()).isEqualTo(before.renewal());
  }

  @Test
  void recordWithoutAnSvid_comesBack() throws Exception {
    VolumeRecord waiting = new VolumeRecord(POD, record.target(), KeptIdentity.NOTHING);
    VolumeRecord ended =
        new VolumeRecord(
            POD, target(UID.value(), "second"), new KeptIdentity(true, Optional.empty()));
    files.save(waiting);
    files.save(ended);

    assertThat(files.load().volumes()).containsExactlyInAnyOrder(waiting, ended);
  }

  @Test
  void filesAreTheAgentsAlone_andWrittenInPlaceOfTheOneBefore() throws Exception {
    files.save(new VolumeRecord(POD, record.target(), KeptIdentity.NOTHING));
    files.save(record);
    files.save(new HeldBundle(7, authority.bundle()));

    assertThat(permissions(state)).isEqualTo("rwx------");
    assertThat(names(state)).containsExactlyInAnyOrder(UID + ".identity", "bundle");
    for (String name : names(state)) {
      assertThat(permissions(state.resolve(name))).isEqualTo("rw-------");
    }
    assertThat(files.load().volumes().getFirst().identity().svid()).isPresent();
  }

  @Test
  void removedRecord_isGone_andRemovingItAgainIsNoFault() throws Exception {
    files.save(record);

    files.remove(record.target());
    files.remove(record.target());

    assertThat(names(state)).isEmpty();
  }

  @Test
  void volumeOfAnyLegalName_comesBack() throws Exception {
    VolumeRecord named = new VolumeRecord(POD, target(UID.value(), "new"), KeptIdentity.NOTHING);
    files.save(named);

    assertThat(files.load().volumes()).containsExactly(named);
  }

  @Test
  void removedRecord_isGoneFromWhereItWasSetAside() throws Exception {
    files.save(record);
    write(new byte[] {1});
    assertThat(files.load().setAside()).isOne();
    assertThat(names(run.resolve("state.refused"))).containsExactly(UID + ".identity");

    files.remove(record.target());

    assertThat(names(run.resolve("state.refused"))).isEmpty();
  }

  /** {@code kill -9} between the first byte and the rename. */
  @Test
  void crashInTheMiddleOfAWrite_leavesTheRecordBefore() throws Exception {
    files.save(record);
    byte[] whole = Files.readAllBytes(file);
    Files.write(half(), Arrays.copyOf(whole, whole.length / 2));

    Contents found = files(AGENT, BOOT, uid).load();

    assertThat(found.volumes()).hasSize(1);
    assertThat(names(state)).containsExactly(UID + ".identity");
    files.save(record);
  }

  @Test
  void leftOverOfAnEarlierWrite_isNotInTheWay_norFollowed() throws Exception {
    Path elsewhere = Files.writeString(run.resolve("elsewhere"), "mine");
    Files.createSymbolicLink(half(), elsewhere);

    files.save(record);

    assertThat(elsewhere).hasContent("mine");
    assertThat(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  /** Any cut at all: a key without its chain, a chain without its end, half a line. */
  @Test
  void cutRecord_isNeverServed() throws Exception {
    files.save(record);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 37) {
      write(Arrays.copyOf(whole, length));
      assertSetAside(files);
    }
  }

  @Test
  void changedByte_isFoundOut() throws Exception {
    files.save(record);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at += 41) {
      byte[] changed = whole.clone();
      changed[at] ^= 1;
      write(changed);
      assertSetAside(files);
    }
  }

  @Test
  void recordOfAnotherVersion_isSetAsideByName() throws Exception {
    files.save(record);
    String text = Files.readString(file);
    write(text.replaceFirst("signet-agent-state 1 ", "signet-agent-state 2 ").getBytes(UTF_8));

    try (CapturedLog log = CapturedLog.atTrace()) {
      assertSetAside(files);
      assertThat(log.lines())
          .anyMatch(line -> line.contains(file.toString()) && line.contains("it has version 2"));
    }
  }

  @Test
  void recordOfAnotherBoot_orAnotherNode_isSetAside() throws Exception {
    files.save(record);
    assertSetAside(files(AGENT, "00000000-0000-4000-8000-000000000000", uid));

    files.save(record);
    assertSetAside(files(SpiffeId.of(SHOP, "signet", "agent", "demo", "node-2"), BOOT, uid));

    files.save(new HeldBundle(7, authority.bundle()));
    Contents found = files(AGENT, "00000000-0000-4000-8000-000000000000", uid).load();
    assertThat(found.bundle()).isEmpty();
  }

  @Test
  void recordUnderAnotherPodsOrVolumesName_isSetAside() throws Exception {
    for (String name : List.of(OTHER_UID + ".identity", UID + ".other")) {
      files.save(record);
      Files.move(file, state.resolve(name));
      assertSetAside(files);
    }
  }

  @Test
  void recordWhoseTargetIsNotItsPods_isSetAside() throws Exception {
    for (String line :
        List.of(
            "target: /etc",
            "target: " + HOME + OTHER_UID + "/volumes/kubernetes.io~csi/identity/mount",
            "volume: other",
            "pod-uid: " + OTHER_UID,
            "pod-uid: ..",
            "pod-namespace: ../..",
            "renewal: soon",
            "serial: 00",
            "agent:")) {
      files.save(record);
      String field = line.substring(0, line.indexOf(':'));
      edit(text -> text.replaceFirst("(?m)^" + field + ": .*$", line));
      assertSetAside(files);
    }
  }

  @Test
  void keyOfAnotherCertificate_isSetAside() throws Exception {
    files.save(record);
    String other =
        Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(TestAuthority.keys().getPrivate().getEncoded());
    edit(text ->
        text.replaceFirst(
            "(?s)(-----BEGIN PRIVATE KEY-----\n).*(\n-----END PRIVATE KEY-----)",
            "$1" + other + "$2"));
    assertSetAside(files);

    files.save(record);
    edit(text -> text.replaceFirst("(?s)-----BEGIN PRIVATE KEY.*", ""));
    assertSetAside(files);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://shop.example/signet/ca",
        "spiffe://shop.example/signet/agent/demo/node-1",
        "spiffe://other.example/ns/shop/sa/cart"
      })
  void svidThatNoPodOfThisTrustDomainMayHave_isSetAside(String id) throws Exception {
    SpiffeId foreign = SpiffeId.parse(id);
    TrustDomain of = foreign.trustDomain();
    files.save(record(new TestAuthority(of, NOW).svid(foreign)));

    assertSetAside(files);
  }

  @Test
  void openMode_secondName_link_andFolder_areRefused() throws Exception {
    files.save(record);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertSetAside(files);

    files.save(record);
    Files.createLink(run.resolve("second"), file);
    assertSetAside(files);

    files.save(record);
    Path real = Files.move(file, run.resolve("real"));
    Files.createSymbolicLink(file, real);
    assertSetAside(files);
    assertThat(real).exists();

    Files.createDirectory(file);
    Files.writeString(file.resolve("in"), "x");
    assertSetAside(files);
  }

  /** Files that another user owns, shown from that user's side: a test cannot give files away. */
  @Test
  void recordOfAnotherUser_andAFolderOfAnotherUser_areRefused() throws Exception {
    files.save(record);

    Contents found = files(AGENT, BOOT, uid + 1).load();

    assertThat(found.volumes()).isEmpty();
    assertThat(found.setAside()).isEqualTo(1);
    assertThat(run.resolve("state.refused/state")).isDirectory();
    files.save(record);
    assertThat(files.load().volumes()).hasSize(1);
  }

  @Test
  void linkInPlaceOfTheFolder_isMovedAway_andNothingIsWrittenThrough() throws Exception {
    Path elsewhere = Files.createDirectory(run.resolve("elsewhere"));
    files.save(record);
    Files.move(file, elsewhere.resolve(file.getFileName()));
    Files.delete(state);
    Files.createSymbolicLink(state, elsewhere);

    Contents found = files.load();

    assertThat(found.volumes()).isEmpty();
    assertThat(found.setAside()).isEqualTo(1);
    assertThat(Files.isDirectory(state, LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(names(elsewhere)).containsExactly(file.getFileName().toString());
  }

  @Test
  void unknownName_isSetAside_andSoIsWhatIsTooLarge() throws Exception {
    Files.writeString(state.resolve("core.1234"), "x");
    assertThat(files.load().setAside()).isEqualTo(1);

    files.save(record);
    write(new byte[StateFiles.MAX_VOLUME_BYTES + 1]);
    assertSetAside(files);
  }

  @Test
  void brokenBundle_isSetAside_andTheVolumesAreRead() throws Exception {
    files.save(record);
    Files.writeString(state.resolve("bundle"), "x");
    Files.setPosixFilePermissions(
        state.resolve("bundle"), PosixFilePermissions.fromString("rw-------"));

    Contents found = files.load();

    assertThat(found.bundle()).isEmpty();
    assertThat(found.volumes()).hasSize(1);
    assertThat(found.setAside()).isEqualTo(1);
  }

  @Test
  void whatWasSetAside_isThereUntilTheNextStart_forTheAgentsUserAlone() throws Exception {
    files.save(record);
    write("x".getBytes(UTF_8));
    assertSetAside(files);
    Path refused = run.resolve("state.refused");
    assertThat(names(refused)).containsExactly(file.getFileName().toString());
    assertThat(permissions(refused)).isEqualTo("rwx------");

    files.load();

    assertThat(refused).doesNotExist();
  }

  @Test
  void folderThatIsGone_isAnErrorOfTheWrite_andNothingElse() throws Exception {
    Files.delete(state);

    assertThatThrownBy(() -> files.save(record)).isInstanceOf(IOException.class);

    assertThat(files.load()).isEqualTo(Contents.NOTHING);
    files.save(record);
  }

  @Test
  void setAsideRecord_showsNothingOfItsKey_inTheLog() throws Exception {
    files.save(record);
    byte[] key = record.identity().svid().orElseThrow().svid().privateKey().getEncoded();
    String line =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key).lines().toList().get(1);
    try (CapturedLog log = CapturedLog.atTrace()) {
      edit(text -> text.replace(line, "*" + line));
      assertSetAside(files);
      files.save(record);
      edit(text -> text.replace("-----END PRIVATE KEY-----", ""));
      assertSetAside(files);
      files.save(record);
      edit(text -> text.replace("-----BEGIN PRIVATE KEY-----", ""));
      assertSetAside(files);

      assertThat(log.lines()).hasSizeGreaterThanOrEqualTo(3);
      assertThat(log.lines()).noneMatch(text -> text.contains(line.substring(4, 24)));
    }
  }

  private Path half() {
    return file.resolveSibling(file.getFileName() + "~");
  }

  private void write(byte[] bytes) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, bytes);
  }

  /** Changes a record and puts its digest right, as a program other than the agent would. */
  private void edit(UnaryOperator<String> change) throws Exception {
    String text = Files.readString(file);
    String body = text.substring(text.indexOf('\n') + 1);
    String changed = change.apply(body);
    assertThat(changed).isNotEqualTo(body);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(changed.getBytes(UTF_8));
    write(
        ("signet-agent-state 1 sha256 " + HexFormat.of().formatHex(digest) + "\n" + changed)
            .getBytes(UTF_8));
  }

  private void assertSetAside(StateFiles by) throws IOException {
    Contents found = by.load();
    assertThat(found.volumes()).isEmpty();
    assertThat(found.setAside()).isEqualTo(1);
    assertThat(names(state)).isEmpty();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
