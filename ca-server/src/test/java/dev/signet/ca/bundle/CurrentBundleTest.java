package dev.signet.ca.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.signet.ca.TestAuthority;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CurrentBundleTest {
  private final TestAuthority a = new TestAuthority("a");
  private final TestAuthority b = new TestAuthority("b");
  private final CurrentBundle current = new CurrentBundle(Bundles.of(2, a));

  @Test
  void follower_getsThePresentOneAndEachLater() {
    List<TrustBundle> seen = new ArrayList<>();
    current.follow(seen::add);

    current.publish(Bundles.of(3, a, b));
    current.publish(Bundles.of(4, b));

    assertThat(seen).extracting(TrustBundle::revision).containsExactly(2L, 3L, 4L);
    assertThat(current.get()).isEqualTo(Bundles.of(4, b));
  }

  /** THREATS T22. */
  @Test
  void revisionThatDoesNotRise_refused() {
    assertThatThrownBy(() -> current.publish(Bundles.of(1, b)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> current.publish(Bundles.of(2, b)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(current.get()).isEqualTo(Bundles.of(2, a));
  }

  @Test
  void sameBundleAgain_noChange() {
    List<TrustBundle> seen = new ArrayList<>();
    current.follow(seen::add);

    current.publish(Bundles.of(2, a));

    assertThat(seen).hasSize(1);
  }
}
