package dev.signet.cli;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.LocationProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the build has compiled, of all modules: the classes themselves, wherever the class path
 * would take them from.
 */
final class Compiled {
  private static final List<String> MODULES =
      List.of(
          "proto",
          "src/spiffe",
          "src/process",
          "ca-server",
          "node-agent",
          "src/workload-sdk",
          "src/sandbox",
          "src/cli");

  private Compiled() {}

  /** The classes of the product. */
  static final class Main implements LocationProvider {
    @Override
    public Set<Location> get(Class<?> testClass) {
      return in("classes");
    }
  }

  /** The classes of the tests. */
  static final class Tests implements LocationProvider {
    @Override
    public Set<Location> get(Class<?> testClass) {
      return in("test-classes");
    }
  }

  /** Leaves out the samples, which break the rules on purpose. */
  static final class WithoutSamples implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/dev/signet/sample/");
    }
  }

  private static Set<Location> in(String folder) {
    Path root = Path.of("../..").toAbsolutePath().normalize();
    return MODULES.stream()
        .map(module -> root.resolve(module).resolve("target").resolve(folder))
        .map(Compiled::existing)
        .collect(Collectors.toSet());
  }

  private static Location existing(Path folder) {
    // A rule that sees only some of the modules would pass without holding.
    if (!Files.isDirectory(folder)) {
      throw new IllegalStateException(
          folder + " is missing: the rules are checked on all modules, run ./build verify");
    }
    return Location.of(folder);
  }
}
