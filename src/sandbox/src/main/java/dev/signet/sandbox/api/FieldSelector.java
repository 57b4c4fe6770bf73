package dev.signet.sandbox.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A parsed {@code fieldSelector}: every term must hold. A field that the resource does not offer is
 * refused.
 */
record FieldSelector(List<Term> terms) {
  private static final List<String> EVERY_RESOURCE = List.of("metadata.name", "metadata.namespace");
  private static final Map<Resource, List<String>> MORE =
      Map.of(
          Resource.PODS,
          List.of(
              "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase"));

  static final FieldSelector ALL = new FieldSelector(List.of());

  FieldSelector {
    terms = List.copyOf(terms);
  }

  static FieldSelector parse(Resource resource, String text) {
    List<Term> terms = new ArrayList<>();
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals < 1) {
        throw ApiFailure.badRequest(
            "invalid selector: '" + text + "'; can't understand '" + part + "'");
      }
      boolean not = part.charAt(equals - 1) == '!';
      String field = part.substring(0, not ? equals - 1 : equals);
      String value = part.substring(part.startsWith("==", equals) ? equals + 2 : equals + 1);
      if (!EVERY_RESOURCE.contains(field)
          && !MORE.getOrDefault(resource, List.of()).contains(field)) {
        throw ApiFailure.badRequest("field label not supported: " + field);
      }
      terms.add(new Term(field, value, !not));
    }
    return new FieldSelector(terms);
  }

  boolean matches(ApiObject object) {
    return terms.stream()
        .allMatch(
            term -> object.text(term.field().split("\\.")).equals(term.value()) == term.equal());
  }

  /** The one value of this field that the selector lets through, if it is pinned to one. */
  Optional<String> required(String field) {
    return terms.stream()
        .filter(term -> term.equal() && term.field().equals(field))
        .map(Term::value)
        .findFirst();
  }

  record Term(String field, String value, boolean equal) {}
}
