package dev.signet.agent.adapter.filesystem;

import static dev.signet.agent.volume.VolumePublisher.Occupancy.FOREIGN;
import static dev.signet.agent.volume.VolumePublisher.Occupancy.FREE;
import static dev.signet.agent.volume.VolumePublisher.Occupancy.OURS;
import static dev.signet.agent.volume.VolumePublisher.Occupancy.UNSAFE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.list;

import dev.signet.agent.adapter.linux.Descriptor;
import dev.signet.agent.adapter.linux.MountEntry;
import dev.signet.agent.adapter.linux.TestMounts;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BindMountVolumePublisherSuite extends NodeFixture {
  private BindMountVolumePublisher publisher;

  @BeforeEach
  void prepare() throws IOException {
    mountTmpfs();
    prepareVolume();
    publisher = new BindMountVolumePublisher(kubelet, run);
  }

  private Path mount() {
    return target.path();
  }

  @Test
  void volume_isShownReadOnly_withNothingToExecute() throws Exception {
    assertThat(publisher.inspect(target, folder)).isEqualTo(FREE);

    publisher.bind(target, folder);

    assertThat(publisher.inspect(target, folder)).isEqualTo(OURS);
    assertThat(TestMounts.at(mount()))
        .singleElement()
        .extracting(MountEntry::options)
        .asInstanceOf(list(String.class))
        .contains("ro", "nosuid", "nodev", "noexec");
    assertThatThrownBy(() -> Files.createFile(mount().resolve("x")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Read-only file system");
    Files.writeString(folder.resolve("later"), "later");
    assertThat(mount().resolve("later")).hasContent("later");
  }

  @Test
  void socketInIt_isReached() throws Exception {
    publisher.bind(target, folder);
    try (Descriptor own = Descriptor.open(folder);
        Descriptor shown = Descriptor.open(mount());
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(own.path().resolve("api.sock")));

      try (SocketChannel client =
          SocketChannel.open(UnixDomainSocketAddress.of(shown.path().resolve("api.sock")))) {
        assertThat(client.isConnected()).isTrue();
      }
    }
  }

  /** Flags of a remount would not get there: they do not propagate. */
  @Test
  void nodeOutsideTheContainer_seesItReadOnlyToo() throws Exception {
    Process outside =
        new ProcessBuilder("unshare", "--mount", "--propagation", "unchanged", "cat").start();
    try {
      awaitOwnNamespace(outside);

      publisher.bind(target, folder);

      assertThat(TestMounts.at(mount(), outside.toHandle()))
          .singleElement()
          .extracting(MountEntry::options)
          .asInstanceOf(list(String.class))
          .contains("ro", "nosuid", "nodev", "noexec");

      publisher.unbind(target, folder);

      assertThat(TestMounts.at(mount(), outside.toHandle())).isEmpty();
    } finally {
      outside.destroyForcibly();
    }
  }

  /** {@code cat} echoes from the namespace it was started in. */
  private static void awaitOwnNamespace(Process process) throws IOException {
    process.getOutputStream().write('x');
    process.getOutputStream().flush();
    assertThat(process.getInputStream().read()).isEqualTo('x');
  }

  @Test
  void boundAgain_isMountedOnce() throws Exception {
    for (int i = 0; i < 50; i++) {
      publisher.bind(target, folder);
      new BindMountVolumePublisher(kubelet, run).bind(target, folder);
    }

    assertThat(TestMounts.at(mount())).hasSize(1);
  }

  @Test
  void folderThatKubeletLeft_isUsed() throws Exception {
    Files.createDirectory(mount());

    assertThat(publisher.inspect(target, folder)).isEqualTo(FREE);
    publisher.bind(target, folder);

    assertThat(publisher.inspect(target, folder)).isEqualTo(OURS);
  }

  @Test
  void unbind_takesMountAndFolder_andIsDoneTwice() throws Exception {
    publisher.bind(target, folder);
    Files.writeString(folder.resolve("kept"), "kept");

    publisher.unbind(target, folder);
    publisher.unbind(target, folder);

    assertThat(mount()).doesNotExist();
    assertThat(mount().getParent()).isDirectory();
    assertThat(folder.resolve("kept")).hasContent("kept");
    assertThat(publisher.inspect(target, folder)).isEqualTo(FREE);
  }

  @Test
  void unbindInUse_takesItAway() throws Exception {
    publisher.bind(target, folder);
    Files.writeString(folder.resolve("file"), "held");

    try (var held = Files.newInputStream(mount().resolve("file"))) {
      publisher.unbind(target, folder);

      assertThat(held.readAllBytes()).hasSize(4);
    }
    assertThat(mount()).doesNotExist();
  }

  @Test
  void parentThatIsGone_isUnsafe_andNothingToUnbind() throws Exception {
    Files.delete(mount().getParent());

    assertThat(publisher.inspect(target, folder)).isEqualTo(UNSAFE);
    publisher.unbind(target, folder);
    assertThatThrownBy(() -> publisher.bind(target, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is missing, or there is a symbolic link");
  }

  @Test
  void linkAnywhereOnTheWay_isUnsafe() throws Exception {
    Path outside = Files.createDirectory(node.resolve("outside"));
    for (Path name : onTheWay()) {
      Path moved = outside.resolve("moved");
      Files.move(name, moved);
      Files.createSymbolicLink(name, moved);

      assertThat(publisher.inspect(target, folder)).as("link at %s", name).isEqualTo(UNSAFE);
      assertThatThrownBy(() -> publisher.bind(target, folder)).isInstanceOf(IOException.class);
      publisher.unbind(target, folder);

      Files.delete(name);
      Files.move(moved, name);
    }
    assertThat(publisher.inspect(target, folder)).isEqualTo(FREE);
  }

  @Test
  void whatIsNotTheAgents_isForeign_andStays() throws Exception {
    Path outside = Files.createDirectory(node.resolve("outside"));
    Files.createSymbolicLink(mount(), outside);
    foreign();
    assertThat(mount()).isSymbolicLink();
    assertThat(outside).isEmptyDirectory();
    Files.delete(mount());

    Files.createFile(mount());
    foreign();
    assertThat(mount()).isRegularFile();
    Files.delete(mount());

    Files.createDirectories(mount().resolve("content"));
    foreign();
    assertThat(mount().resolve("content")).isDirectory();
    Files.delete(mount().resolve("content"));

    TestMounts.unshared(mount());
    foreign();
    assertThat(TestMounts.at(mount())).hasSize(1);
  }

  private void foreign() throws IOException {
    assertThat(publisher.inspect(target, folder)).isEqualTo(FOREIGN);
    assertThatThrownBy(() -> publisher.bind(target, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not this volume");
    publisher.unbind(target, folder);
  }

  @Test
  void mountWhoseFolderIsGone_isReplaced() throws Exception {
    publisher.bind(target, folder);
    new RunFolders(run).remove(folder);
    assertThat(publisher.inspect(target, folder)).isEqualTo(FREE);

    prepareVolume();
    assertThat(publisher.inspect(target, folder)).isEqualTo(FREE);
    publisher.bind(target, folder);

    Files.writeString(folder.resolve("new"), "new");
    assertThat(mount().resolve("new")).hasContent("new");
    assertThat(TestMounts.at(mount())).hasSize(1);
  }

  @Test
  void mountWhoseFolderIsGone_isUnbound() throws Exception {
    publisher.bind(target, folder);
    new RunFolders(run).remove(folder);

    publisher.unbind(target, folder);

    assertThat(mount()).doesNotExist();
  }

  @Test
  void mountOfATmpfsThatWasReplaced_isReplaced() throws Exception {
    publisher.bind(target, folder);
    TestMounts.gone(run);
    mountTmpfs();
    prepareVolume();

    assertThat(publisher.inspect(target, folder)).isEqualTo(FREE);
    publisher.bind(target, folder);

    assertThat(publisher.inspect(target, folder)).isEqualTo(OURS);
    assertThat(TestMounts.at(mount())).hasSize(1);
  }

  @Test
  void stackedMounts_areAllUnbound() throws Exception {
    Files.createDirectory(mount());
    TestMounts.bind(folder, mount());
    TestMounts.bind(folder, mount());

    publisher.unbind(target, folder);

    assertThat(TestMounts.at(mount())).isEmpty();
    assertThat(mount()).doesNotExist();
  }

  @Test
  void volumeFolderThatIsMissing_mountsNothing_andLeavesNoFolder() throws Exception {
    new RunFolders(run).remove(folder);

    assertThatThrownBy(() -> publisher.bind(target, folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ENOENT");

    assertThat(mount()).doesNotExist();
  }

  /**
   * T10: while the agent publishes a thousand times, every name on the way is swapped for a link
   * that leads outside, and back. A call may fail; nothing outside is touched, no descriptor and no
   * mount is left over.
   */
  @Test
  void namesSwappedForLinks_leadNowhere() throws Exception {
    Path outside = Files.createDirectories(node.resolve("outside/identity/mount"));
    long mounts = TestMounts.ofAgents();
    publisher.inspect(target, folder);
    long descriptors = openDescriptors();
    var done = new AtomicBoolean();
    Thread hostile = Thread.ofPlatform().start(() -> swap(done));
    int bound = 0;
    for (int i = 0; i < 1_000; i++) {
      bound += publish() ? 1 : 0;
    }
    done.set(true);
    hostile.join();

    assertThat(bound).as("some got through").isPositive();
    assertThat(publisher.inspect(target, folder)).isIn(FREE, OURS);
    publisher.unbind(target, folder);
    assertThat(TestMounts.ofAgents()).isEqualTo(mounts);
    assertThat(openDescriptors()).isEqualTo(descriptors);
    try (Stream<Path> files = Files.walk(node.resolve("outside"))) {
      assertThat(files)
          .containsExactlyInAnyOrder(node.resolve("outside"), outside.getParent(), outside);
    }
  }

  private boolean publish() {
    try {
      publisher.bind(target, folder);
      boolean ours = publisher.inspect(target, folder) == OURS;
      publisher.unbind(target, folder);
      return ours;
    } catch (IOException swapped) {
      return false;
    }
  }

  /** Each round swaps another name: the volume's folder and those above it. */
  private void swap(AtomicBoolean done) {
    List<Path> names = onTheWay();
    try {
      for (int i = 0; !done.get(); i++) {
        Path name = names.get(i % names.size());
        Path aside = name.resolveSibling(name.getFileName() + ".aside");
        Path link = name.resolveSibling(name.getFileName() + ".link");
        Files.createSymbolicLink(link, node.resolve("outside"));
        Files.move(name, aside);
        Files.move(link, name, StandardCopyOption.ATOMIC_MOVE);
        Files.delete(name);
        Files.move(aside, name);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
