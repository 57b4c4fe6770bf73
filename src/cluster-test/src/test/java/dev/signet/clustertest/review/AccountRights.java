package dev.signet.clustertest.review;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.signet.clustertest.lab.Kubectl;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** What the API server says that an account may do. */
final class AccountRights {
  private AccountRights() {}

  /**
   * One line a right in the account's namespace and in the whole cluster, without what every
   * account has.
   */
  static Set<String> of(String namespace, String account) {
    Set<String> rights = all(namespace, account);
    rights.removeAll(all(namespace, "default"));
    return rights;
  }

  private static Set<String> all(String namespace, String account) {
    JsonObject review =
        JsonParser.parseString(
                Kubectl.feed(
                        """
                        {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectRulesReview","spec":{"namespace":"%s"}}
                        """
                            .formatted(namespace),
                        "create",
                        "--validate=false",
                        "--as=system:serviceaccount:" + namespace + ":" + account,
                        "-f",
                        "-",
                        "-o",
                        "json")
                    .orFail())
            .getAsJsonObject();
    return StreamSupport.stream(
            Kubectl.at(review, "status.resourceRules").orElseThrow().getAsJsonArray().spliterator(),
            false)
        .map(JsonElement::getAsJsonObject)
        .map(AccountRights::right)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String right(JsonObject rule) {
    String names = texts(rule, "resourceNames");
    return texts(rule, "verbs")
        + " "
        + texts(rule, "resources")
        + (names.isEmpty() ? "" : " named " + names);
  }

  private static String texts(JsonObject rule, String key) {
    return Kubectl.at(rule, key)
        .map(JsonElement::getAsJsonArray)
        .orElseGet(JsonArray::new)
        .asList()
        .stream()
        .map(JsonElement::getAsString)
        .sorted()
        .collect(Collectors.joining(" "));
  }
}
