package dev.signet.agent.cache;

import static dev.signet.agent.testing.Fixtures.CART;
import static dev.signet.agent.testing.Fixtures.NOW;
import static dev.signet.agent.testing.Fixtures.POD;
import static dev.signet.agent.testing.Fixtures.SHOP;
import static dev.signet.agent.testing.Fixtures.UID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.agent.bundle.HeldBundle;
import dev.signet.agent.svid.KeptIdentity;
import dev.signet.agent.svid.KeptSvid;
import dev.signet.agent.testing.TestAuthority;
import dev.signet.agent.volume.VolumeTarget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is written when, and what a disk that refuses costs. */
class LocalCacheTest {
  private static final VolumeTarget ONE = new VolumeTarget(UID, "identity", Path.of("/one"));
  private static final VolumeTarget TWO = new VolumeTarget(UID, "second", Path.of("/two"));

  private final TestAuthority authority = new TestAuthority(SHOP, NOW);
  private final KeptIdentity identity =
      new KeptIdentity(true, Optional.of(new KeptSvid(authority.svid(CART), NOW, NOW)));
  private final FakeFiles files = new FakeFiles();
  private final Later later = new Later();
  private final Counted metrics = new Counted();
  private final LocalCache cache = new LocalCache(files, later, metrics);

  @Test
  void nothingIsWrittenOnTheCallersThread_andChangesThatComeTogetherGoTogether() {
    cache.live(POD, ONE);
    cache.live(POD, TWO);
    cache.changed(UID, identity);
    cache.bundle(new HeldBundle(1, authority.bundle()));
    assertThat(files.steps).isEmpty();
    assertThat(later.tasks).hasSize(1);

    later.run();

    assertThat(files.steps).containsExactlyInAnyOrder("save /one", "save /two", "bundle 1");
    assertThat(files.saved).extracting(VolumeRecord::identity).containsOnly(identity);
  }

  @Test
  void whatIsWrittenAlready_isNotWrittenAgain() {
    cache.live(POD, ONE);
    cache.changed(UID, identity);
    cache.bundle(new HeldBundle(1, authority.bundle()));
    later.run();
    files.steps.clear();

    cache.live(POD, ONE);
    cache.changed(UID, new KeptIdentity(true, identity.svid()));
    cache.bundle(new HeldBundle(1, authority.bundle()));

    assertThat(later.tasks).isEmpty();
  }

  @Test
  void identityBeforeItsVolume_isWrittenWithIt() {
    cache.changed(UID, identity);
    later.run();
    assertThat(files.steps).isEmpty();

    cache.live(POD, ONE);
    later.run();

    assertThat(files.saved).containsExactly(new VolumeRecord(POD, ONE, identity));
  }

  @Test
  void volumeThatIsGone_hasNoRecordWhenTheCallReturns_whateverIsUnderWay() {
    cache.live(POD, ONE);
    cache.changed(UID, identity);

    cache.gone(ONE);

    assertThat(files.steps).containsExactly("remove /one");
    later.run();
    assertThat(files.steps).containsExactly("remove /one");
  }

  @Test
  void recordThatNobodyRemembers_isRemovedToo() {
    cache.gone(ONE);

    assertThat(files.steps).containsExactly("remove /one");
  }

  @Test
  void podThatEnded_isForgotten() {
    cache.changed(UID, identity);
    cache.ended(UID);

    cache.live(POD, ONE);
    later.run();

    assertThat(files.saved).containsExactly(new VolumeRecord(POD, ONE, KeptIdentity.NOTHING));
  }

  @Test
  void failedWrite_isCounted_andTriedAgainWithTheNextPublish() {
    files.broken = new IOException("no space left on device");
    cache.live(POD, ONE);
    cache.changed(UID, identity);
    cache.bundle(new HeldBundle(1, authority.bundle()));
    later.run();
    assertThat(metrics.failures).isEqualTo(2);
    assertThat(later.tasks).isEmpty();
    files.broken = null;

    cache.live(POD, ONE);
    later.run();

    assertThat(files.steps).containsExactlyInAnyOrder("save /one", "bundle 1");
    assertThat(metrics.failures).isEqualTo(2);
  }

  @Test
  void failedRemoval_isNoFaultOfTheCall_andTriedAgain() {
    files.broken = new IOException("read-only file system");
    cache.gone(ONE);
    assertThat(metrics.failures).isEqualTo(1);
    files.broken = null;

    cache.live(POD, TWO);
    later.run();

    assertThat(files.steps).containsExactlyInAnyOrder("remove /one", "save /two");
  }

  @Test
  void adoptedRecords_areNotWrittenUntilTheyChange() {
    cache.adopt(new VolumeRecord(POD, ONE, identity));
    cache.adopt(new HeldBundle(3, authority.bundle()));
    cache.changed(UID, identity);
    cache.live(POD, ONE);
    assertThat(later.tasks).isEmpty();

    cache.changed(UID, new KeptIdentity(true, Optional.empty()));
    later.run();

    assertThat(files.steps).containsExactly("save /one");
    assertThat(files.saved.getFirst().identity().svid()).isEmpty();
  }

  @Test
  void adoptedRecord_thatIsOlderThanItsPods_isReplaced() {
    cache.adopt(new VolumeRecord(POD, ONE, identity));
    cache.changed(UID, identity);

    cache.adopt(new VolumeRecord(POD, TWO, KeptIdentity.NOTHING));
    later.run();

    assertThat(files.saved).containsExactly(new VolumeRecord(POD, TWO, identity));
  }

  @Test
  void changeBackWhileItIsWritten_isWrittenAgain() {
    cache.adopt(new VolumeRecord(POD, ONE, identity));
    files.meanwhile = () -> cache.changed(UID, identity);
    cache.changed(UID, KeptIdentity.NOTHING);

    later.run();

    assertThat(files.saved).extracting(VolumeRecord::identity).last().isEqualTo(identity);
  }

  @Test
  void close_writesWhatIsNotWritten_andKeepsTheRecords() {
    cache.live(POD, ONE);
    later.stopped = true;
    cache.changed(UID, identity);

    cache.close();

    assertThat(files.steps).containsExactly("save /one");
    cache.changed(UID, KeptIdentity.NOTHING);
    assertThat(files.steps).containsExactly("save /one");
  }

  @Test
  void executorThatIsStopped_isNoFaultOfTheCall() {
    later.stopped = true;
    cache.live(POD, ONE);
    assertThat(files.steps).isEmpty();

    cache.close();

    assertThat(files.steps).containsExactly("save /one");
  }

  /** Tasks that run when the test says so. */
  private static final class Later implements Executor {
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean stopped;

    @Override
    public void execute(Runnable task) {
      if (stopped) {
        throw new RejectedExecutionException();
      }
      tasks.add(task);
    }

    void run() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
    }
  }

  /** Files that remember what was done to them. */
  private static final class FakeFiles implements CacheFiles {
    private final List<String> steps = new ArrayList<>();
    private final List<VolumeRecord> saved = new ArrayList<>();
    private @Nullable IOException broken;
    private Runnable meanwhile = () -> {};

    private void step(String what) throws IOException {
      if (broken != null) {
        throw broken;
      }
      Runnable once = meanwhile;
      meanwhile = () -> {};
      once.run();
      steps.add(what);
    }

    @Override
    public Contents load() {
      return Contents.NOTHING;
    }

    @Override
    public void save(VolumeRecord volume) throws IOException {
      step("save " + volume.target().path());
      saved.add(volume);
    }

    @Override
    public void save(HeldBundle bundle) throws IOException {
      step("bundle " + bundle.revision());
    }

    @Override
    public void remove(VolumeTarget target) throws IOException {
      step("remove " + target.path());
    }
  }

  private static final class Counted implements CacheMetrics {
    private int failures;

    @Override
    public void recovered(Recovered outcome) {}

    @Override
    public void cacheFailed() {
      failures++;
    }
  }
}
