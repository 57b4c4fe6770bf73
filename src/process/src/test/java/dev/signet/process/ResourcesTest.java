package dev.signet.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourcesTest {
  private final List<String> closed = new ArrayList<>();
  private final Resources resources = new Resources();

  @Test
  void close_goesInReverseOrderAndOnlyOnce() {
    resources.add(() -> closed.add("first"));
    resources.add(() -> closed.add("second"));
    resources.close();
    resources.close();
    assertThat(closed).containsExactly("second", "first");
  }

  @Test
  void failures_stopNothingAndAreAllReported() {
    resources.add(() -> closed.add("first"));
    resources.add(() -> {
      throw new IOException("two");
    });
    resources.add(() -> {
      throw new IllegalStateException("three");
    });
    assertThatThrownBy(resources::close)
        .hasMessageContaining("three")
        .cause()
        .hasMessage("three")
        .satisfies(cause ->
            assertThat(cause.getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("two"));
    assertThat(closed).containsExactly("first");
  }

  @Test
  void addAfterClose_isRefused() {
    resources.close();
    assertThatThrownBy(() -> resources.add(() -> closed.add("late")))
        .isInstanceOf(IllegalStateException.class);
    assertThat(closed).isEmpty();
  }
}
