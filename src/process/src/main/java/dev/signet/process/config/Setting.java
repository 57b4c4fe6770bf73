package dev.signet.process.config;

import java.util.Optional;

/** A declared value of a configuration file. */
public final class Setting<T> {
  private final Findings findings;
  private final Optional<T> value;

  private Setting(Findings findings, Optional<T> value) {
    this.findings = findings;
    this.value = value;
  }

  static <T> Setting<T> of(Findings findings, T value) {
    return new Setting<>(findings, Optional.of(value));
  }

  /** Has a problem, which is noted, and therefore no value. */
  static <T> Setting<T> broken(Findings findings) {
    return new Setting<>(findings, Optional.empty());
  }

  /**
   * The value, its default where the file does not set it.
   *
   * @throws IllegalStateException outside {@link ConfigDocument#build}, before which it is not
   *     known to be right
   */
  public T get() {
    if (!findings.isOpen()) {
      throw new IllegalStateException("settings are read inside ConfigDocument.build only");
    }
    return value.orElseThrow();
  }

  /** Does not show the value: it may be one that should not be printed. */
  @Override
  public String toString() {
    return "Setting";
  }
}
