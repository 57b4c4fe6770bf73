package dev.signet.ca.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What every place does in which the bundle is published. */
public interface PublishedBundleContract {
  /** The place, with nothing in it. */
  PublishedBundle place() throws Exception;

  /** Somebody else puts a text there. */
  void othersPut(String text) throws Exception;

  /** Nothing can be looked at or written from now on. */
  void breakIt() throws Exception;

  @Test
  default void nothing_isFound_andIsFilled() throws Exception {
    PublishedBundle.Look look = place().look();
    assertThat(look.text()).isEmpty();

    look.replace("first");

    assertThat(place().look().text()).contains("first");
  }

  @Test
  default void whatOthersPut_isFound_andIsReplaced() throws Exception {
    othersPut("theirs");
    PublishedBundle.Look look = place().look();
    assertThat(look.text()).contains("theirs");

    look.replace("ours");

    assertThat(place().look().text()).contains("ours");
  }

  @Test
  default void broken_isSaidWithTheMend() throws Exception {
    place().look().replace("first");
    breakIt();

    assertThatThrownBy(() -> place().look())
        .isInstanceOf(PublicationException.class)
        .hasMessageContaining(";");
  }

  @Test
  default void names_areTheOperators() throws Exception {
    assertThat(place().name()).startsWith("the ");
    assertThat(place().howToClear()).isNotBlank();
  }
}
