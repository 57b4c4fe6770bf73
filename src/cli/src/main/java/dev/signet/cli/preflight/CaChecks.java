package dev.signet.cli.preflight;

import dev.signet.cli.cluster.Installed;
import dev.signet.cli.cluster.SignetPod;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import java.util.List;
import java.util.OptionalInt;

/** The CA, and what it publishes. */
final class CaChecks {
  private CaChecks() {}

  static List<Finding> ready(Inspection in) {
    return Finding.on(
        Check.CA,
        in.installation().caEndpoints(),
        endpoints ->
            Finding.on(Check.CA, in.installation().pods(), pods -> ready(in, endpoints, pods)));
  }

  private static List<Finding> ready(Inspection in, OptionalInt endpoints, List<SignetPod> pods) {
    if (endpoints.isEmpty()) {
      return in.missing(
          Check.CA,
          "there is no Service " + Installed.CA + " in " + in.expected().namespace(),
          InstallationChecks.install(in));
    }
    List<SignetPod> cas = pods.stream().filter(pod -> pod.owner().equals(Installed.CA)).toList();
    long ready = cas.stream().filter(SignetPod::ready).count();
    return List.of(
        ready > 0 && endpoints.getAsInt() > 0
            ? Finding.ok(
                Check.CA,
                Listing.count((int) ready, "replica") + " ready behind Service " + Installed.CA)
            : notReady(in, cas));
  }

  private static Finding notReady(Inspection in, List<SignetPod> cas) {
    String trouble =
        cas.stream()
            .map(SignetPod::trouble)
            .filter(text -> !text.isEmpty())
            .findFirst()
            .map(text -> ": " + text)
            .orElse("");
    return Finding.fail(
        Check.CA,
        cas.isEmpty()
            ? "there is no pod of StatefulSet " + Installed.CA
            : "no replica of the CA is ready" + trouble,
        "kubectl -n "
            + in.expected().namespace()
            + " describe statefulset/"
            + Installed.CA
            + " pod/"
            + Installed.CA
            + "-0; "
            + logs(in));
  }

  static List<Finding> trustBundle(Inspection in) {
    return Finding.on(
        Check.TRUST_BUNDLE,
        in.installation().bundle(),
        found ->
            found
                .map(pem -> List.of(bundle(in, pem)))
                .orElseGet(() ->
                    in.missing(
                        Check.TRUST_BUNDLE,
                        "ConfigMap "
                            + Installed.BUNDLE
                            + " has no key "
                            + Installed.BUNDLE_KEY
                            + ": the CA has not published its bundle, and agents wait for it",
                        logs(in))));
  }

  private static Finding bundle(Inspection in, String pem) {
    try {
      int roots =
          X509Bundle.parsePem(TrustDomain.parse(in.trustDomain().orElse("unknown")), pem)
              .authorities()
              .size();
      if (roots > 0) {
        return Finding.ok(Check.TRUST_BUNDLE, "published, with " + Listing.count(roots, "root"));
      }
    } catch (SpiffeException e) {
      return broken(in, "cannot be read: " + e.getMessage());
    }
    return broken(in, "holds no certificate");
  }

  private static Finding broken(Inspection in, String how) {
    return Finding.fail(
        Check.TRUST_BUNDLE,
        "ConfigMap " + Installed.BUNDLE + ", key " + Installed.BUNDLE_KEY + ", " + how,
        "look who writes it besides the CA, which keeps it as it should be while it runs: kubectl"
            + " -n "
            + in.expected().namespace()
            + " get configmap "
            + Installed.BUNDLE
            + " -o yaml --show-managed-fields");
  }

  private static String logs(Inspection in) {
    return "kubectl -n "
        + in.expected().namespace()
        + " logs statefulset/"
        + Installed.CA
        + " --all-containers";
  }
}
