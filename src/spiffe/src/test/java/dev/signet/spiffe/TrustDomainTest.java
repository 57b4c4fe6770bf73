package dev.signet.spiffe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrustDomainTest {

  @Test
  void bareNameAndOwnId_areTheSameTrustDomain() {
    TrustDomain domain = TrustDomain.parse("shop.example");

    assertThat(TrustDomain.parse("spiffe://shop.example"))
        .isEqualTo(domain)
        .hasSameHashCodeAs(domain);
    assertThat(domain).hasToString("shop.example");
    assertThat(domain.name()).isEqualTo("shop.example");
    assertThat(domain.id()).hasToString("spiffe://shop.example");
  }

  @ParameterizedTest
  @CsvSource({
    "ID-2, ''",
    "ID-2, spiffe://",
    "ID-3, td?x",
    "ID-4, td:443",
    "ID-4, u@td",
    "ID-5, TD",
    "ID-5, Spiffe://td",
    "ID-6, td/a",
    "ID-6, spiffe://td/a",
    "ID-6, 'td td'",
    "ID-6, tdé",
    "ID-7, t%64",
    "ID-12, spiffe://td/",
  })
  void otherTexts_areRefused(String rule, String text) {
    assertThatThrownBy(() -> TrustDomain.parse(text))
        .asInstanceOf(type(InvalidSpiffeIdException.class))
        .extracting(InvalidSpiffeIdException::rule)
        .isEqualTo(rule);
  }

  @Test
  void id14_255Bytes_areTheLimit() {
    assertThat(TrustDomain.parse("a".repeat(255)).name()).hasSize(255);
    assertThatThrownBy(() -> TrustDomain.parse("a".repeat(256)))
        .isInstanceOf(InvalidSpiffeIdException.class)
        .hasMessageContaining("255");
  }

  @Test
  void order_isByName() {
    TreeSet<TrustDomain> domains = new TreeSet<>();
    domains.add(TrustDomain.parse("b"));
    domains.add(TrustDomain.parse("a.b"));
    domains.add(TrustDomain.parse("a"));

    assertThat(domains).map(TrustDomain::name).containsExactly("a", "a.b", "b");
  }
}
