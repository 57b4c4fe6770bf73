package dev.signet.cli;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.junit.ArchTests;

/** The rules of {@link Rules} on the product. */
@AnalyzeClasses(locations = Compiled.Main.class)
class ForbiddenCallsTest {
  @ArchTest static final ArchTests rules = ArchTests.in(Rules.OfTheProduct.class);
}
