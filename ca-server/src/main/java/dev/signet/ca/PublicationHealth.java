package dev.signet.ca;

import dev.signet.ca.bundle.PublicationObserver;
import dev.signet.process.probe.Readiness;
import io.micrometer.core.instrument.Counter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Whether the bundle is published, for readiness and metrics. Thread-safe. */
final class PublicationHealth implements PublicationObserver {
  private final Readiness.Condition condition;
  private final Counter repairs;
  private final Consumer<String> onFatal;
  private final AtomicLong revision = new AtomicLong();

  PublicationHealth(Readiness.Condition condition, Counter repairs, Consumer<String> onFatal) {
    this.condition = condition;
    this.repairs = repairs;
    this.onFatal = onFatal;
  }

  @Override
  public void published(long published) {
    revision.set(published);
    condition.ready();
  }

  @Override
  public void repaired() {
    repairs.increment();
  }

  @Override
  public void failed(String why) {
    revision.set(0);
    condition.notReady(why);
  }

  /** The start would have been refused, had it been known then. */
  @Override
  public void refused(String why) {
    revision.set(0);
    condition.notReady(why);
    onFatal.accept(why);
  }

  /** The revision that is published; 0 while that is not known. */
  long revision() {
    return revision.get();
  }
}
