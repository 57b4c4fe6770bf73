package dev.signet.spiffe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Assertions on refusals: the kind of exception, and the rule it names. */
final class Refusals {

  private Refusals() {}

  static AbstractThrowableAssert<?, ? extends Throwable> assertSvidRefused(
      String rule, ThrowingCallable call) {
    return assertRefused(InvalidX509SvidException.class, rule, call);
  }

  static AbstractThrowableAssert<?, ? extends Throwable> assertBundleRefused(
      String rule, ThrowingCallable call) {
    return assertRefused(InvalidX509BundleException.class, rule, call);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> assertRefused(
      Class<? extends SpiffeException> kind, String rule, ThrowingCallable call) {
    SpiffeException refusal = catchThrowableOfType(kind, call);
    assertThat(refusal).as("a refusal by %s", rule).isNotNull();
    assertThat(refusal.rule()).as(refusal.getMessage()).isEqualTo(rule);
    return assertThat(refusal).hasMessageEndingWith("(" + rule + ")");
  }
}
