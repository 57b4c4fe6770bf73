package dev.signet.process.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  private static final List<String> KEYS =
      List.of("trust_domain", "data_dir", "listen", "probes", "svid", "ttl");

  @ParameterizedTest
  @CsvSource({
    "trust_domian,trust_domain",
    "trustDomain,trust_domain",
    "TRUST-DOMAIN,trust_domain",
    "lisen,listen",
    "probe,probes",
    "svdi,svid",
    "tl,ttl",
  })
  void slip_findsTheName(String name, String expected) {
    assertThat(Suggestion.nearest(name, KEYS)).contains(expected);
  }

  @Test
  void strangeName_findsNothing() {
    assertThat(Suggestion.nearest("database", KEYS)).isEmpty();
    assertThat(Suggestion.nearest("", KEYS)).isEmpty();
    assertThat(Suggestion.nearest("x".repeat(1_000_000), KEYS)).isEmpty();
    assertThat(Suggestion.clause("database", KEYS)).isEmpty();
  }

  @Test
  void clause_asks() {
    assertThat(Suggestion.clause("lisen", KEYS)).isEqualTo("; did you mean 'listen'?");
  }
}
