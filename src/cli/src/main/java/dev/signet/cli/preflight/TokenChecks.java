package dev.signet.cli.preflight;

import dev.signet.cli.cluster.NodeFact;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.TokenTrial;
import dev.signet.cli.cluster.TokenTrial.Review;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What the API server says of a token that was made for this. */
final class TokenChecks {
  private static final String PREFIX = "authentication.kubernetes.io/";

  private TokenChecks() {}

  static List<Finding> audience(Observed<TokenTrial> trial) {
    return Finding.on(Check.TOKEN_AUDIENCE, trial, tried -> List.of(echoed(tried)));
  }

  private static Finding echoed(TokenTrial trial) {
    Review review = trial.own();
    if (!review.authenticated()) {
      return Finding.fail(
          Check.TOKEN_AUDIENCE,
          "the API server does not accept the token that it has just made: " + review.error(),
          "kubectl get --raw /.well-known/openid-configuration, and compare with the API server's"
              + " flags --service-account-issuer, --service-account-key-file and"
              + " --service-account-signing-key-file");
    }
    String account =
        "system:serviceaccount:"
            + trial.subject().pod().namespace()
            + ":"
            + trial.subject().account();
    if (!review.audiences().contains(trial.audience())) {
      return Finding.fail(
          Check.TOKEN_AUDIENCE,
          "the review does not confirm the audience "
              + trial.audience()
              + ": some other authenticator answers for ServiceAccount tokens",
          "look for --authentication-token-webhook-config-file and --authentication-config at the"
              + " API server: that authenticator must support audiences");
    }
    return review.username().equals(account)
        ? Finding.ok(
            Check.TOKEN_AUDIENCE,
            "a token for pod " + trial.subject().pod() + " is confirmed for " + trial.audience())
        : Finding.fail(
            Check.TOKEN_AUDIENCE,
            "the review calls the account '" + review.username() + "', not '" + account + "'",
            "look for --authentication-config at the API server: another authenticator answers for"
                + " ServiceAccount tokens");
  }

  static List<Finding> foreignAudience(Observed<TokenTrial> trial) {
    return Finding.on(
        Check.TOKEN_FOREIGN_AUDIENCE,
        trial,
        tried ->
            List.of(
                !tried.foreign().authenticated() && !tried.own().authenticated()
                    ? Finding.unknown(
                        Check.TOKEN_FOREIGN_AUDIENCE,
                        "the token was accepted for no audience, so that a refusal says nothing",
                        "mend token-audience first")
                    : tried.foreign().authenticated()
                        ? Finding.fail(
                            Check.TOKEN_FOREIGN_AUDIENCE,
                            "the same token was accepted for " + tried.foreignAudience(),
                            "do not install here: a token that any pod may have would pass for"
                                + " Signet's. Some authenticator of the API server ignores audiences"
                                + " (--authentication-token-webhook-config-file,"
                                + " --authentication-config)")
                        : Finding.ok(
                            Check.TOKEN_FOREIGN_AUDIENCE,
                            "the same token is refused for " + tried.foreignAudience())));
  }

  static List<Finding> extras(Inspection in, Observed<TokenTrial> trial) {
    return Finding.on(Check.TOKEN_EXTRAS, trial, tried -> List.of(extras(in, tried)));
  }

  private static Finding extras(Inspection in, TokenTrial trial) {
    if (!trial.own().authenticated()) {
      return Finding.unknown(
          Check.TOKEN_EXTRAS,
          "the token was not accepted, so its review says nothing",
          "mend token-audience first");
    }
    List<String> missing = new ArrayList<>();
    for (String key : List.of("pod-name", "pod-uid", "node-name", "node-uid")) {
      if (trial.own().single(PREFIX + key).isEmpty()) {
        missing.add(key);
      }
    }
    if (!missing.isEmpty()) {
      return Finding.fail(
          Check.TOKEN_EXTRAS,
          "the review lacks " + Listing.of(missing) + ": the CA would refuse every pod",
          missing.equals(List.of("node-uid"))
              ? "kubectl get node "
                  + trial.subject().node()
                  + ": the pod's Node object is missing; make kubelet register it again"
              : "upgrade to Kubernetes 1.30 or later, and leave the feature gates"
                  + " ServiceAccountTokenPodNodeInfo and ServiceAccountTokenJTI on");
    }
    return placed(in, trial);
  }

  /** The extras have to say the same as the objects do. */
  private static Finding placed(Inspection in, TokenTrial trial) {
    Review review = trial.own();
    Function<String, String> extra = key -> review.single(PREFIX + key);
    Optional<String> nodeUid =
        in.facts().nodes().ifSeen().orElse(List.of()).stream()
            .filter(node -> node.name().equals(trial.subject().node()))
            .map(NodeFact::uid)
            .findFirst();
    boolean agrees =
        extra.apply("pod-name").equals(trial.subject().pod().name())
            && extra.apply("pod-uid").equals(trial.subject().uid())
            && extra.apply("node-name").equals(trial.subject().node())
            && nodeUid.map(extra.apply("node-uid")::equals).orElse(true);
    if (!agrees) {
      return Finding.fail(
          Check.TOKEN_EXTRAS,
          "the review puts pod " + trial.subject().pod() + " elsewhere than the pod itself does",
          "run it again: the pod or its node may have been replaced in between. If it stays, report"
              + " it with the output of --output json");
    }
    return extra.apply("credential-id").isEmpty()
        ? Finding.warn(
            Check.TOKEN_EXTRAS,
            "the review names pod and node, and has no credential-id: audit records cannot be"
                + " matched with the API server's",
            "leave the feature gate ServiceAccountTokenJTI on")
        : Finding.ok(
            Check.TOKEN_EXTRAS,
            "the review names the pod, its node "
                + trial.subject().node()
                + ", both UIDs and the"
                + " credential");
  }

  static List<Finding> issuer(Inspection in) {
    return Finding.on(
        Check.TOKEN_ISSUER,
        in.facts().server().issuer(),
        issuer -> List.of(Finding.ok(Check.TOKEN_ISSUER, "tokens are issued by " + issuer)));
  }
}
