package dev.signet.cli.volumes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.cli.cluster.PodRef;
import dev.signet.cli.cluster.VolumeUser;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumeListingTest {

  private static VolumeUser user(
      String name, String node, String phase, boolean deleting, String owner) {
    return new VolumeUser(new PodRef("shop", name), "web", node, phase, deleting, owner, false);
  }

  @Test
  void table_isInLineAndInOrder() {
    VolumeListing listing =
        new VolumeListing(
            List.of(
                user("web-2", "node-b", "Running", true, "Deployment/web"),
                user("bare", "", "Pending", false, "")));

    assertThat(listing.table())
        .containsExactly(
            "NAMESPACE  POD    NODE    PHASE                OWNER",
            "shop       bare   -       Pending              -",
            "shop       web-2  node-b  Running,Terminating  Deployment/web");
  }

  @Test
  void noPod_isSaid() {
    assertThat(new VolumeListing(List.of()).table()).containsExactly("no pod uses the volume");
    assertThat(new VolumeListing(List.of()).howToGoOn()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "node-a, Running,   false, true",
    "node-a, Pending,   false, true",
    "'',     Pending,   false, true",
    "node-a, Unknown,   false, true",
    "node-a, Succeeded, false, false",
    "node-a, Failed,    false, false",
    "node-a, Failed,    true,  true",
    "'',     Failed,    true,  false",
  })
  void podNeedsItsAgent_untilItIsFinished_andItsVolumeDown(
      String node, String phase, boolean deleting, boolean inUse) {
    assertThat(new VolumeListing(List.of(user("p", node, phase, deleting, ""))).inUse())
        .isEqualTo(inUse);
  }

  @Test
  void advice_namesEachOwnerOnce_andHowToForceIt() {
    VolumeListing listing =
        new VolumeListing(
            List.of(
                user("web-1", "node-a", "Running", false, "Deployment/web"),
                user("web-2", "node-b", "Running", false, "Deployment/web"),
                user("done", "node-b", "Succeeded", false, "Job/done"),
                user("bare", "node-b", "Running", false, "")));

    assertThat(listing.howToGoOn())
        .filteredOn(line -> line.startsWith("  "))
        .containsExactly(
            "  kubectl -n shop delete deployment web", "  kubectl -n shop delete pod bare");
    assertThat(listing.howToGoOn().getFirst()).startsWith("3 pods need the agents yet");
    assertThat(listing.howToGoOn().getLast()).contains("--no-hooks");
  }

  @Test
  void manyOwners_areCutShort() {
    VolumeListing listing =
        new VolumeListing(
            IntStream.range(0, 30)
                .mapToObj(i -> user("p" + i, "node-a", "Running", false, "Job/j" + i))
                .toList());

    assertThat(listing.howToGoOn()).contains("  and 10 more").hasSize(24);
  }
}
