package dev.signet.sandbox.shop;

import java.util.Map;
import java.util.Optional;

/**
 * What a program answered to an order.
 *
 * @param facts named by the program; {@code error} says why the order could not be carried out
 */
public record Answer(Map<String, String> facts) {
  public Answer {
    facts = Map.copyOf(facts);
  }

  public Optional<String> fact(String name) {
    return Optional.ofNullable(facts.get(name));
  }

  /** A fact that must be there, or the reason why it is not, for people to read. */
  public String text(String name) {
    return fact(name).or(() -> fact("error")).orElse("nothing");
  }

  public long number(String name) {
    return fact(name).map(Long::parseLong).orElse(-1L);
  }
}
