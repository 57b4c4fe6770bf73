package dev.signet.cli.cluster;

import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** A fact that was looked for: seen, or hidden for a reason. Hidden is neither good nor bad. */
public sealed interface Observed<T> {

  /** The fact. What is not there is seen as well, as an empty {@link Optional} or list. */
  record Seen<T>(T value) implements Observed<T> {}

  /**
   * Not to be seen.
   *
   * @param why in one sentence without a full stop
   * @param mend what makes it visible
   */
  record Hidden<T>(String why, String mend) implements Observed<T> {}

  static <T> Observed<T> seen(T value) {
    return new Seen<>(value);
  }

  static <T> Observed<T> hidden(String why, String mend) {
    return new Hidden<>(why, mend);
  }

  /** Both outcomes brought to one value. */
  default <R> R either(Function<T, R> seen, BiFunction<String, String, R> hidden) {
    return switch (this) {
      case Seen<T> fact -> seen.apply(fact.value());
      case Hidden<T> reason -> hidden.apply(reason.why(), reason.mend());
    };
  }

  default <R> Observed<R> map(Function<T, R> change) {
    return either(value -> seen(change.apply(value)), Observed::hidden);
  }

  default <R> Observed<R> then(Function<T, Observed<R>> next) {
    return either(next, Observed::hidden);
  }

  /** The fact where it was seen: for what a fact adds, never for deciding that it is absent. */
  default Optional<T> ifSeen() {
    return either(Optional::of, (why, mend) -> Optional.empty());
  }
}
