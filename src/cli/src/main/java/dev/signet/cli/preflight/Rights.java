package dev.signet.cli.preflight;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Several rights in a sentence: the verbs of one resource together. */
final class Rights {
  private Rights() {}

  static String print(List<Right> rights) {
    Map<String, Set<String>> verbs = new TreeMap<>();
    for (Right right : rights) {
      // Without its verb it begins with a space.
      String object =
          new Right("", right.group(), right.resource(), right.name(), right.namespace())
              .toString();
      verbs.computeIfAbsent(object, any -> new TreeSet<>()).add(right.verb());
    }
    List<String> parts = new ArrayList<>();
    verbs.forEach((object, each) -> parts.add(String.join("/", each) + object));
    return Listing.of(parts);
  }
}
