package dev.signet.agent.testing.namespace;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The process in the namespace: runs a suite and writes what came of each test. */
final class SuiteProcess {
  private SuiteProcess() {}

  public static void main(String[] args) throws Exception {
    var results = new Results();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(args[0]))
                .filters(EngineFilter.includeEngines("junit-jupiter"))
                .build(),
            results);
    Files.write(Path.of(args[1]), results.lines);
    System.exit(0);
  }

  /** Notes every test, and every container that failed: its tests did not run. */
  private static final class Results implements TestExecutionListener {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      var failure = new StringWriter();
      result
          .getThrowable()
          .ifPresent(thrown -> thrown.printStackTrace(new PrintWriter(failure, true)));
      boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
      if (test.isTest() || !passed) {
        lines.add(new SuiteResult(test.getDisplayName(), passed ? "" : failure.toString()).line());
      }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      lines.add(new SuiteResult(test.getDisplayName(), "skipped: " + reason).line());
    }
  }
}
