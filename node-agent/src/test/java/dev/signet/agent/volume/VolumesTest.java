package dev.signet.agent.volume;

import static dev.signet.agent.testing.Fixtures.AUDIENCE;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.signet.agent.adapter.filesystem.InPlaceVolumePublisher;
import dev.signet.agent.adapter.filesystem.RunFolders;
import dev.signet.agent.adapter.metrics.AgentMetrics;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.IdentityContext;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.svid.LeafListener;
import dev.signet.agent.svid.NoReview;
import dev.signet.agent.svid.PodIdentities;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.agent.testing.FakeSvidAuthority;
import dev.signet.agent.testing.Fixtures;
import dev.signet.agent.testing.Kept;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestNode;
import dev.signet.agent.testing.TestTokens;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Volumes on a real file system with sockets that only count. */
class VolumesTest {
  private static final String POD = UID.value();

  @TempDir Path folder;

  private final ManualLoop loop = new ManualLoop(new SettableClock(NOW));
  private final FakeSvidAuthority ca = new FakeSvidAuthority();
  private final FakeEndpoints endpoints = new FakeEndpoints();
  private final Kept kept = new Kept();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private boolean unreadable;
  private Path kubelet;
  private Path run;
  private Volumes volumes;

  @BeforeEach
  void make() throws IOException {
    kubelet = Files.createDirectory(folder.resolve("k"));
    run = folder.resolve("r");
    new RunFolders(run).prepare();
    volumes = volumes();
  }

  private Volumes volumes() {
    var metrics = new AgentMetrics(registry);
    var identities =
        new PodIdentities(
            new IdentityContext(
                SHOP,
                loop,
                new SettableClock(NOW),
                new Random(1),
                new BundleHolder(SHOP),
                metrics,
                kept),
            ca,
            new NoReview(),
            new LeafListener() {
              @Override
              public void changed(PodUid pod, String serial) {}

              @Override
              public void recovered(PodUid pod, String serial) {}

              @Override
              public void ended(PodUid pod) {}
            });
    return new Volumes(
        new Volumes.VolumeSettings(new VolumeLayout(kubelet, run), AUDIENCE),
        loop,
        identities,
        endpoints,
        new Volumes.NodeFiles(new RunFolders(run), publisher(new InPlaceVolumePublisher(kubelet))),
        metrics,
        kept);
  }

  /** The real one, unless its disk does not answer. */
  private VolumePublisher publisher(VolumePublisher real) {
    return new VolumePublisher() {
      @Override
      public Occupancy inspect(VolumeTarget target, Path at) throws IOException {
        if (unreadable) {
          throw new IOException("input/output error");
        }
        return real.inspect(target, at);
      }

      @Override
      public void bind(VolumeTarget target, Path at) throws IOException {
        real.bind(target, at);
      }

      @Override
      public void unbind(VolumeTarget target, Path at) throws IOException {
        real.unbind(target, at);
      }
    };
  }

  @Test
  void publish_listensBeforeItReturns_andAsksForTheSvid() throws Exception {
    volumes.publish(form("identity", "one"));
    loop.run();

    Path target = target("identity");
    assertThat(target).isSymbolicLink();
    assertThat(target.toRealPath().resolve("api.sock")).isEqualTo(endpoints.open.getFirst());
    assertThat(ca.calls()).isEqualTo(1);
  }

  @Test
  void folders_areClosedToOthers_exceptTheVolumes() throws Exception {
    volumes.publish(form("identity", "one"));
    Path volume = target("identity").toRealPath();

    assertThat(permissions(volume)).isEqualTo("rwxr-xr-x");
    assertThat(permissions(volume.resolve(".."))).isEqualTo("rwx------");
    assertThat(permissions(run.resolve("pods"))).isEqualTo("rwx------");
    assertThat(permissions(run)).isEqualTo("rwx------");
  }

  @Test
  void republish_isIdempotent_andAnsweredWithoutTheCa() throws Exception {
    volumes.publish(form("identity", "one"));
    volumes.publish(form("identity", "one"));
    volumes.publish(form("identity", "two"));
    loop.run();

    assertThat(endpoints.open).hasSize(1);
    assertThat(ca.calls()).isEqualTo(1);
    assertThat(republishErrors()).isZero();
  }

  @Test
  void liveVolume_isKnownByItsTarget_notByMemory() throws Exception {
    volumes.publish(form("identity", "one"));
    Volumes next = volumes();

    next.publish(broken("identity"));

    assertThat(republishErrors()).isEqualTo(1);
    assertThat(target("identity")).isSymbolicLink();
    next.publish(form("identity", "two"));
    assertThat(endpoints.open).hasSize(2);
  }

  @Test
  void republishWhoseSocketFails_isOkStill_andTheNextOneHeals() throws Exception {
    volumes.publish(form("identity", "one"));
    Volumes next = volumes();
    endpoints.fail = true;

    next.publish(form("identity", "one"));

    assertThat(republishErrors()).isEqualTo(1);
    endpoints.fail = false;
    next.publish(form("identity", "one"));
    assertThat(endpoints.open).hasSize(2);
  }

  @Test
  void firstPublishWhoseSocketFails_isRetryable_andLeavesNothingPublished() throws Exception {
    endpoints.fail = true;

    assertFault(VolumeFault.NODE_FAILED, form("identity", "one"));

    loop.run();
    assertThat(Files.exists(target("identity"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    endpoints.fail = false;
    volumes.publish(form("identity", "one"));
    assertThat(target("identity")).isSymbolicLink();
  }

  @Test
  void faultyFirstPublish_isRefused_andMakesNothing() throws Exception {
    assertFault(VolumeFault.UNKNOWN_KEY, broken("identity"));

    assertThat(Files.exists(target("identity"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(endpoints.open).isEmpty();
    loop.run();
    assertThat(ca.calls()).isZero();
  }

  @Test
  void otherContentAtTheTarget_isRefusedAndKept() throws Exception {
    PublishForm form = form("identity", "one");
    Files.writeString(target("identity"), "mine");
    assertFault(VolumeFault.TARGET_OCCUPIED, form);
    assertThat(target("identity")).hasContent("mine");

    Files.delete(target("identity"));
    Files.createSymbolicLink(target("identity"), folder);
    assertFault(VolumeFault.TARGET_OCCUPIED, form);
    assertThat(Files.readSymbolicLink(target("identity"))).isEqualTo(folder);
  }

  @Test
  void symbolicLinkOnTheWay_isRefused() throws Exception {
    PublishForm form = form("identity", "one");
    Path pod = kubelet.resolve("pods").resolve(POD);
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(pod, elsewhere);
    Files.createSymbolicLink(pod, elsewhere);

    assertFault(VolumeFault.TARGET_PATH, form);

    assertThat(elsewhere.resolve("volumes/kubernetes.io~csi/identity/mount").toFile())
        .doesNotExist();
  }

  @Test
  void missingParent_isRefused() throws Exception {
    PublishForm form = form("identity", "one");
    Files.delete(target("identity").getParent());

    assertFault(VolumeFault.TARGET_PATH, form);
  }

  @Test
  void targetThatKubeletTookAway_isBoundAgain() throws Exception {
    volumes.publish(form("identity", "one"));
    Files.delete(target("identity"));

    volumes.publish(form("identity", "one"));

    assertThat(target("identity")).isSymbolicLink();
    assertThat(endpoints.open).hasSize(1);
  }

  @Test
  void unpublish_takesAwayItsOwnAlone() throws Exception {
    volumes.publish(form("identity", "one"));
    volumes.publish(form("second", "one"));
    Path volume = target("identity").toRealPath();

    volumes.unpublish(TestNode.volumeId(POD, "identity"), target("identity").toString());

    assertThat(volume).doesNotExist();
    assertThat(target("second").toRealPath()).exists();
    assertThat(endpoints.closed).hasSize(1);
    assertThat(target("identity").getParent()).exists();
  }

  @Test
  void unpublishAfterARestart_cleansUpWithoutMemory() throws Exception {
    volumes.publish(form("identity", "one"));
    Path volume = target("identity").toRealPath();

    volumes().unpublish(TestNode.volumeId(POD, "identity"), target("identity").toString());

    assertThat(volume).doesNotExist();
    assertThat(Files.exists(target("identity"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void unpublishOfWhatIsNotOurs_isOkAndRemovesNothing() throws Exception {
    volumes.publish(form("identity", "one"));
    Path foreign = Files.writeString(folder.resolve("foreign"), "x");
    PublishForm _ = form("other", "one");
    Files.writeString(target("other"), "not ours");

    volumes.unpublish("csi-unknown", "/etc");
    volumes.unpublish(TestNode.volumeId(POD, "identity"), foreign.toString());
    volumes.unpublish("csi-wrong", target("identity").toString());
    volumes.unpublish(TestNode.volumeId(POD, "other"), target("other").toString());
    volumes.unpublish(TestNode.volumeId(POD, "never"), target("never").toString());

    assertThat(foreign).exists();
    assertThat(target("other")).hasContent("not ours");
    assertThat(target("identity").toRealPath()).exists();
    assertThat(endpoints.closed).isEmpty();
  }

  @Test
  void unpublishWithoutItsFields_isRefused() {
    assertThat(
            catchThrowableOfType(VolumeException.class, () -> volumes.unpublish("", "/x")).fault())
        .isEqualTo(VolumeFault.FIELD_MISSING);
    assertThat(
            catchThrowableOfType(VolumeException.class, () -> volumes.unpublish("x", "")).fault())
        .isEqualTo(VolumeFault.FIELD_MISSING);
  }

  @Test
  void callWhileAnotherIsAtWork_isAborted() throws Exception {
    PublishForm form = form("identity", "one");
    endpoints.meanwhile =
        () ->
            assertThat(
                    catchThrowableOfType(
                            VolumeException.class,
                            () ->
                                volumes.unpublish(
                                    TestNode.volumeId(POD, "identity"),
                                    target("identity").toString()))
                        .fault())
                .isEqualTo(VolumeFault.BUSY);

    volumes.publish(form);

    assertThat(target("identity")).isSymbolicLink();
  }

  @Test
  void faultThatNobodyForesaw_isRetryable_andLeavesNoIdentityBehind() throws Exception {
    PublishForm form = form("identity", "one");
    endpoints.meanwhile =
        () -> {
          throw new IllegalStateException("not foreseen");
        };

    assertFault(VolumeFault.NODE_FAILED, form);
    loop.run();
    assertThat(ca.calls()).isLessThanOrEqualTo(1);
    assertThat(loop.pendingTimers()).isZero();

    endpoints.meanwhile = () -> {};
    volumes.publish(form);
    assertThat(target("identity")).isSymbolicLink();
  }

  /** Anything but OK would make kubelet delete the mount under a running pod. */
  @Test
  void faultThatNobodyForesaw_isNoErrorOfARepublish() throws Exception {
    volumes.publish(form("identity", "one"));
    Volumes next = volumes();
    endpoints.meanwhile =
        () -> {
          throw new IllegalStateException("not foreseen");
        };

    next.publish(form("identity", "one"));

    assertThat(republishErrors()).isEqualTo(1);
    assertThat(target("identity")).isSymbolicLink();
  }

  /** Nobody can say whether it is live; this process remembers that it was. */
  @Test
  void republishWhosePathCannotBeLookedAt_isNoError() throws Exception {
    volumes.publish(form("identity", "one"));
    unreadable = true;

    volumes.publish(form("identity", "two"));

    assertThat(republishErrors()).isEqualTo(1);
    assertThat(target("identity")).isSymbolicLink();
  }

  @Test
  void firstPublishWhosePathCannotBeLookedAt_isRetryable() throws Exception {
    unreadable = true;

    assertFault(VolumeFault.NODE_FAILED, form("identity", "one"));
  }

  @Test
  void liveVolume_isKept_untilItIsUnpublished() throws Exception {
    volumes.publish(form("identity", "one"));
    assertThat(kept.volumes()).containsOnlyKeys(volume("identity"));

    volumes.unpublish(TestNode.volumeId(POD, "identity"), target("identity").toString());

    assertThat(kept.volumes()).isEmpty();
  }

  @Test
  void firstPublishThatFails_isNotKept() throws Exception {
    endpoints.fail = true;

    assertFault(VolumeFault.NODE_FAILED, form("identity", "one"));

    assertThat(kept.volumes()).isEmpty();
  }

  @Test
  void recoveredVolume_listensInTheFolderItHad_andARepublishBringsItsToken() throws Exception {
    volumes.publish(form("identity", "one"));
    Path folderBefore = target("identity").toRealPath();
    Volumes next = volumes();

    assertThat(next.recover(Fixtures.POD, volume("identity"), KeptIdentity.NOTHING))
        .isEqualTo(Volumes.Recovery.LIVE);
    loop.run();
    int asked = ca.calls();
    next.publish(form("identity", "two"));
    loop.run();

    assertThat(target("identity").toRealPath()).isEqualTo(folderBefore);
    assertThat(endpoints.open).hasSize(2).containsOnly(folderBefore.resolve("api.sock"));
    assertThat(ca.calls()).isEqualTo(asked + 1);
    assertThat(ca.last().request(0).token()).isEqualTo(TestTokens.token(POD, "two"));
  }

  @Test
  void volumeThatIsNotMounted_isNotRecovered_andNothingIsMade() throws Exception {
    volumes.publish(form("identity", "one"));
    Files.delete(target("identity"));
    Volumes next = volumes();

    assertThat(next.recover(Fixtures.POD, volume("identity"), KeptIdentity.NOTHING))
        .isEqualTo(Volumes.Recovery.NOT_MOUNTED);

    assertThat(endpoints.open).hasSize(1);
    assertThat(kept.volumes()).isEmpty();
    Files.createSymbolicLink(target("identity"), folder);
    assertThat(next.recover(Fixtures.POD, volume("identity"), KeptIdentity.NOTHING))
        .isEqualTo(Volumes.Recovery.NOT_MOUNTED);
  }

  @Test
  void recoveryWhoseSocketFails_leavesNothing_andTheNextPublishHeals() throws Exception {
    volumes.publish(form("identity", "one"));
    loop.run();
    Volumes next = volumes();
    endpoints.fail = true;

    assertThat(next.recover(Fixtures.POD, volume("identity"), KeptIdentity.NOTHING))
        .isEqualTo(Volumes.Recovery.FAILED);
    loop.run();
    assertThat(kept.volumes()).isEmpty();
    assertThat(kept.identities()).isEmpty();

    endpoints.fail = false;
    next.publish(form("identity", "one"));
    assertThat(endpoints.open).hasSize(2);
  }

  private VolumeTarget volume(String name) {
    return new VolumeTarget(UID, name, target(name));
  }

  @Test
  void close_endsSockets_andLeavesVolumesForTheNextAgent() throws Exception {
    volumes.publish(form("identity", "one"));

    volumes.close();

    assertThat(endpoints.closed).hasSize(1);
    assertThat(target("identity").toRealPath()).exists();
  }

  private void assertFault(VolumeFault fault, PublishForm form) {
    assertThat(catchThrowableOfType(VolumeException.class, () -> volumes.publish(form)).fault())
        .isEqualTo(fault);
  }

  private double republishErrors() {
    return registry.find("signet_republish_errors_total").counters().stream()
        .mapToDouble(counter -> counter.count())
        .sum();
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private Path target(String volume) {
    return kubelet.resolve("pods/" + POD + "/volumes/kubernetes.io~csi/" + volume + "/mount");
  }

  private PublishForm form(String volume, String mark) throws IOException {
    return form(volume, mark, Map.of());
  }

  private PublishForm broken(String volume) throws IOException {
    return form(volume, "one", Map.of("planted", "x"));
  }

  private PublishForm form(String volume, String mark, Map<String, String> more)
      throws IOException {
    Files.createDirectories(target(volume).getParent());
    var context = new HashMap<>(more);
    String prefix = "csi.storage.k8s.io/";
    context.put(prefix + "pod.uid", POD);
    context.put(prefix + "pod.name", "cart-0");
    context.put(prefix + "pod.namespace", "shop");
    context.put(prefix + "serviceAccount.name", "cart");
    context.put(prefix + "ephemeral", "true");
    return new PublishForm(
        TestNode.volumeId(POD, volume),
        target(volume).toString(),
        "",
        PublishForm.Access.MOUNT,
        true,
        Map.of(),
        Map.of(
            prefix + "serviceAccount.tokens",
            TestTokens.requests(AUDIENCE, TestTokens.compact(POD, mark))),
        context);
  }

  /** Sockets that are files only. */
  private static final class FakeEndpoints implements WorkloadEndpoints {
    private final List<Path> open = new ArrayList<>();
    private final List<Path> closed = new ArrayList<>();
    private Runnable meanwhile = () -> {};
    private boolean fail;

    @Override
    public WorkloadEndpoint open(Path socket, PodUid pod, WorkloadFeed feed) throws IOException {
      if (fail) {
        throw new IOException("no descriptors left");
      }
      meanwhile.run();
      Files.deleteIfExists(socket);
      Files.createFile(socket);
      open.add(socket);
      return () -> closed.add(socket);
    }
  }
}
