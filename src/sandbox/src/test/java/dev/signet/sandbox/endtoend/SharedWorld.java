package dev.signet.sandbox.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.signet.sandbox.world.World;
import dev.signet.sandbox.world.WorldConfig;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One world of two nodes for all tests that only use it and leave it whole; it starts with the
 * first of them and ends after the last. Each test class works in a namespace of its own. SVIDs
 * live so short in it that a renewal can be waited for.
 */
final class SharedWorld implements ParameterResolver {
  static final Duration SVID_TTL = Duration.ofSeconds(20);

  private static final Namespace STORE = Namespace.create(SharedWorld.class);

  /** Closed by JUnit with the store. */
  private record Running(World world) implements AutoCloseable {
    static Running start(String key) {
      try {
        return new Running(
            World.started(
                WorldConfig.defaults().withSvidTtl(SVID_TTL).withProcessFlags(Logs.AT_TRACE)));
      } catch (Exception e) {
        throw new IllegalStateException("the shared world does not start", e);
      }
    }

    /** Whatever the tests were about, no log may hold a token. */
    @Override
    public void close() throws IOException {
      try (world) {
        Logs.of(world)
            .forEach((file, text) -> assertThat(Secrets.tokensIn(text)).as(file).isEmpty());
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == World.class;
  }

  @Override
  public World resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(STORE)
        .computeIfAbsent("world", Running::start, Running.class)
        .world();
  }
}
