package dev.signet.agent.cache;

import static dev.signet.agent.testing.Fixtures.AUDIENCE;
import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.adapter.metrics.AgentMetrics;
import dev.signet.agent.bundle.BundleHolder;
import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.pod.PodUid;
import dev.signet.agent.svid.IdentityContext;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.svid.KeptSvid;
import dev.signet.agent.svid.LeafListener;
import dev.signet.agent.svid.NoReview;
import dev.signet.agent.svid.PodIdentities;
import dev.signet.agent.svid.SvidStatus;
import dev.signet.agent.svid.WorkloadFeed;
import dev.signet.agent.testing.FakeSvidAuthority;
import dev.signet.agent.testing.ManualLoop;
import dev.signet.agent.testing.SettableClock;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.volume.VolumeFolders;
import dev.signet.agent.volume.VolumeLayout;
import dev.signet.agent.volume.VolumePublisher;
import dev.signet.agent.volume.VolumeTarget;
import dev.signet.agent.volume.Volumes;
import dev.signet.agent.volume.WorkloadEndpoints;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** From records to what pods see, with files that the test fills. */
class RecoveryTest {
  private static final Path KUBELET = Path.of("/var/lib/kubelet");
  private static final VolumeLayout LAYOUT = new VolumeLayout(KUBELET, Path.of("/run/signet"));

  private final SettableClock clock = new SettableClock(NOW);
  private final ManualLoop loop = new ManualLoop(clock);
  private final TestAuthority authority = new TestAuthority(SHOP, NOW);
  private final BundleHolder bundles = new BundleHolder(SHOP);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final AgentMetrics metrics = new AgentMetrics(registry);
  private final Files files = new Files();
  private final LocalCache cache = new LocalCache(files, Runnable::run, metrics);
  private final List<WorkloadFeed> feeds = Collections.synchronizedList(new ArrayList<>());
  private VolumePublisher.Occupancy mounted = VolumePublisher.Occupancy.OURS;

  private void run() {
    var identities =
        new PodIdentities(
            new IdentityContext(SHOP, loop, clock, new Random(3), bundles, metrics, cache),
            new FakeSvidAuthority(),
            new NoReview(),
            new Nobody());
    var volumes =
        new Volumes(
            new Volumes.VolumeSettings(LAYOUT, AUDIENCE),
            loop,
            identities,
            new Sockets(),
            new Volumes.NodeFiles(new Folders(), new Mounts()),
            metrics,
            cache);
    new Recovery(files, cache, bundles, clock, loop, metrics).run(volumes);
    loop.run();
  }

  private VolumeRecord record(String volume, KeptIdentity identity) {
    VolumeTarget target =
        LAYOUT
            .target(KUBELET + "/pods/" + UID + "/volumes/kubernetes.io~csi/" + volume + "/mount")
            .orElseThrow();
    return new VolumeRecord(POD, target, identity);
  }

  private KeptIdentity received(Instant at) {
    return new KeptIdentity(
        true, Optional.of(new KeptSvid(authority.svid(CART), at, at.plus(Duration.ofMinutes(30)))));
  }

  private double count(CacheMetrics.Recovered outcome) {
    return registry
        .get("signet_recovered_volumes_total")
        .tag("result", outcome.name())
        .counter()
        .count();
  }

  @Test
  void bundleAndSvid_areServed_andNothingIsWritten() {
    VolumeRecord record = record("identity", received(NOW));
    files.contents =
        new CacheFiles.Contents(
            Optional.of(new HeldBundle(4, authority.bundle())), List.of(record), 0);

    run();

    assertThat(feeds.getFirst().snapshot().svid())
        .isEqualTo(new SvidStatus.Held(record.identity().svid().orElseThrow().svid()));
    assertThat(feeds.getFirst().snapshot().bundle())
        .isEqualTo(new HeldBundle(4, authority.bundle()));
    assertThat(count(CacheMetrics.Recovered.SERVED)).isEqualTo(1);
    assertThat(files.steps).isEmpty();
  }

  /** A crash came between the writing of the one and the other. */
  @Test
  void volumesOfAPodThatDisagree_getTheNewerSvid_andTheOlderRecordIsReplaced() {
    bundles.offer(1, authority.bundle());
    KeptIdentity older = received(NOW.minus(Duration.ofMinutes(20)));
    KeptIdentity newer = received(NOW);
    files.contents =
        new CacheFiles.Contents(
            Optional.empty(),
            List.of(record("a", older), record("b", newer), record("c", KeptIdentity.NOTHING)),
            0);

    run();

    assertThat(feeds).hasSize(3);
    for (WorkloadFeed feed : feeds) {
      assertThat(feed.snapshot().svid())
          .isEqualTo(new SvidStatus.Held(newer.svid().orElseThrow().svid()));
    }
    assertThat(files.saved).containsExactlyInAnyOrder(record("a", newer), record("c", newer));
  }

  @Test
  void svidThatHasEnded_isNotServed_andItsKeyLeavesTheRecord() {
    bundles.offer(1, authority.bundle());
    files.contents =
        new CacheFiles.Contents(Optional.empty(), List.of(record("identity", received(NOW))), 0);
    clock.advance(Duration.ofHours(2));

    run();

    assertThat(feeds.getFirst().snapshot().svid()).isEqualTo(new SvidStatus.Waiting());
    assertThat(count(CacheMetrics.Recovered.WAITING)).isEqualTo(1);
    assertThat(files.saved)
        .containsExactly(record("identity", new KeptIdentity(true, Optional.empty())));
  }

  @Test
  void volumeThatIsNotMounted_losesItsRecord() {
    mounted = VolumePublisher.Occupancy.FREE;
    files.contents =
        new CacheFiles.Contents(Optional.empty(), List.of(record("identity", received(NOW))), 2);

    run();

    assertThat(feeds).isEmpty();
    assertThat(count(CacheMetrics.Recovered.DROPPED)).isEqualTo(1);
    assertThat(count(CacheMetrics.Recovered.SET_ASIDE)).isEqualTo(2);
    assertThat(files.steps).containsExactly("remove identity");
  }

  @Test
  void filesThatCannotBeRead_areNoReasonNotToStart() {
    files.broken = new IOException("input/output error");

    run();

    assertThat(bundles.held()).isNull();
    assertThat(feeds).isEmpty();
  }

  private static final class Files implements CacheFiles {
    private Contents contents = Contents.NOTHING;
    private final List<String> steps = new ArrayList<>();
    private final List<VolumeRecord> saved = new ArrayList<>();
    private @Nullable IOException broken;

    @Override
    public Contents load() throws IOException {
      if (broken != null) {
        throw broken;
      }
      return contents;
    }

    @Override
    public void save(VolumeRecord volume) {
      steps.add("save " + volume.target().volumeName());
      saved.add(volume);
    }

    @Override
    public void save(HeldBundle bundle) {
      steps.add("bundle");
    }

    @Override
    public void remove(VolumeTarget target) {
      steps.add("remove " + target.volumeName());
    }
  }

  private final class Sockets implements WorkloadEndpoints {
    @Override
    public WorkloadEndpoint open(Path socket, PodUid pod, WorkloadFeed feed) {
      feeds.add(feed);
      return () -> {};
    }
  }

  private static final class Folders implements VolumeFolders {
    @Override
    public void create(Path folder) {}

    @Override
    public void remove(Path folder) {}
  }

  private final class Mounts implements VolumePublisher {
    @Override
    public Occupancy inspect(VolumeTarget target, Path folder) {
      return mounted;
    }

    @Override
    public void bind(VolumeTarget target, Path folder) {}

    @Override
    public void unbind(VolumeTarget target, Path folder) {}
  }

  private static final class Nobody implements LeafListener {
    @Override
    public void changed(PodUid pod, String serial) {}

    @Override
    public void recovered(PodUid pod, String serial) {}

    @Override
    public void ended(PodUid pod) {}
  }
}
