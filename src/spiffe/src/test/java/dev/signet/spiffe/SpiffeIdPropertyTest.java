package dev.signet.spiffe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Threat row I7: whatever the text, it is refused or it is taken as it is. */
class SpiffeIdPropertyTest {

  private static final String ID = "spiffe://td.e/ns/a.b/sa/C";
  private static final String TRUST_DOMAIN = "abcdefghijklmnopqrstuvwxyz0123456789.-_";
  private static final String SEGMENT = TRUST_DOMAIN + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  /** The reference: what SPIFFE-ID section 2 says, as one regular expression. */
  private static boolean isLegal(String id) {
    return id.length() <= 2048
        && id.matches("spiffe://[a-z0-9._-]{1,255}(/(?!\\.{1,2}(/|$))[a-zA-Z0-9._-]+)*")
        && id.indexOf('\n') < 0;
  }

  @Example
  void id6_id10_all256BytesAtEachPlace_areRefusedOrKept() {
    for (int place = 0; place < ID.length(); place++) {
      for (int value = 0; value < 256; value++) {
        String replaced = ID.substring(0, place) + (char) value + ID.substring(place + 1);
        String inserted = ID.substring(0, place) + (char) value + ID.substring(place);
        assertRefusedOrKept(replaced);
        assertRefusedOrKept(inserted);
      }
    }
  }

  @Example
  void id6_all256BytesInATrustDomain_areRefusedOrKept() {
    for (int value = 0; value < 256; value++) {
      String name = "t" + (char) value + "d";
      boolean legal = TRUST_DOMAIN.indexOf(value) >= 0;

      assertThat(parsedName(name)).isEqualTo(legal ? Optional.of(name) : Optional.empty());
    }
  }

  @Property
  void anyText_isRefusedOrKept(@ForAll String text) {
    assertRefusedOrKept(text);
    assertRefusedOrKept("spiffe://" + text);
    assertRefusedOrKept("spiffe://td/" + text);
  }

  @Property
  void mutatedId_isRefusedOrKept(
      @ForAll("ids") String id, @ForAll char replacement, @ForAll @IntRange(max = 2048) int where) {
    int place = where % id.length();
    assertRefusedOrKept(id.substring(0, place) + replacement + id.substring(place + 1));
    assertRefusedOrKept(id.substring(0, place));
    assertRefusedOrKept(id + replacement);
  }

  @Property
  void legalId_isKeptAndTakenApart(@ForAll("ids") String text) {
    SpiffeId id = SpiffeId.parse(text);

    assertThat(id).hasToString(text);
    assertThat(SpiffeId.of(id.trustDomain(), id.segments().toArray(String[]::new))).isEqualTo(id);
    assertThat(text).isEqualTo(id.trustDomain().id() + id.path());
    assertThat(id.toString().getBytes(StandardCharsets.UTF_8)).hasSize(text.length());
  }

  @Provide
  Arbitrary<String> ids() {
    Arbitrary<String> name =
        Arbitraries.strings().withChars(TRUST_DOMAIN.toCharArray()).ofMinLength(1).ofMaxLength(255);
    Arbitrary<List<String>> segments =
        Arbitraries.strings()
            .withChars(SEGMENT.toCharArray())
            .ofMinLength(1)
            .ofMaxLength(30)
            .filter(segment -> !segment.equals(".") && !segment.equals(".."))
            .list()
            .ofMaxSize(20);
    return name.flatMap(td ->
        segments.map(
            list -> "spiffe://" + td + (list.isEmpty() ? "" : "/" + String.join("/", list))));
  }

  private static void assertRefusedOrKept(String text) {
    Optional<String> expected = isLegal(text) ? Optional.of(text) : Optional.empty();
    assertThat(parsed(text)).isEqualTo(expected);
  }

  private static Optional<String> parsed(String text) {
    try {
      return Optional.of(SpiffeId.parse(text).toString());
    } catch (InvalidSpiffeIdException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> parsedName(String text) {
    try {
      return Optional.of(TrustDomain.parse(text).name());
    } catch (InvalidSpiffeIdException e) {
      return Optional.empty();
    }
  }
}
