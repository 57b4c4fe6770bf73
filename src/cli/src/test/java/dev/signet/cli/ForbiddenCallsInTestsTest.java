package dev.signet.cli;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;

/** The rules of {@link Rules} that tests keep as well. */
@AnalyzeClasses(locations = Compiled.Tests.class, importOptions = Compiled.WithoutSamples.class)
class ForbiddenCallsInTestsTest {
  @ArchTest static final ArchTests rules = ArchTests.in(Rules.OfTests.class);
}
