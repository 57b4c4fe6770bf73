package dev.signet.cli.preflight;

import dev.signet.cli.cluster.ClockReading;
import dev.signet.cli.cluster.InstalledSettings;
import dev.signet.cli.cluster.KubernetesVersion;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** The API server itself, and what every cluster needs. */
final class ClusterChecks {
  /** Verifiers whose clocks differ by as much still agree, with the usual settings. */
  static final Duration TOLERANCE = Duration.ofMinutes(5);

  private static final Duration NOTICEABLE = Duration.ofSeconds(10);
  private static final String UPGRADE =
      "upgrade the cluster to Kubernetes 1.30 or later; 1.35 or later is best";

  private ClusterChecks() {}

  static List<Finding> version(Inspection in) {
    return Finding.on(
        Check.VERSION, in.facts().server().version(), version -> List.of(tier(version)));
  }

  private static Finding tier(KubernetesVersion version) {
    String is = "Kubernetes " + version + ", tier ";
    if (version.atLeast(1, 37)) {
      return Finding.ok(
          Check.VERSION,
          is
              + "A and P: reviews name the node, tokens come apart from the volume's context,"
              + " and pod certificates are v1");
    }
    if (version.atLeast(1, 35)) {
      return Finding.ok(
          Check.VERSION,
          is + "A: reviews name the node, and tokens come apart from the volume's context");
    }
    if (version.atLeast(1, 30)) {
      return Finding.ok(
          Check.VERSION, is + "B: reviews name the node, and tokens come in the volume's context");
    }
    if (version.atLeast(1, 27)) {
      return Finding.fail(
          Check.VERSION,
          is
              + "C: reviews do not name the node, so that the CA refuses every token"
              + " (TOKEN_NODE_MISSING)",
          UPGRADE);
    }
    return Finding.fail(
        Check.VERSION, "Kubernetes " + version + " is older than all that Signet knows", UPGRADE);
  }

  static List<Finding> clock(Inspection in) {
    return Finding.on(
        Check.CLOCK, in.facts().server().clock(), reading -> List.of(clock(in, reading)));
  }

  private static Finding clock(Inspection in, ClockReading reading) {
    Duration lead = reading.lead();
    if (lead.abs().compareTo(NOTICEABLE) <= 0) {
      return Finding.ok(Check.CLOCK, "the API server's clock and this machine's agree");
    }
    String seen =
        "the API server's clock is at least "
            + Lengths.print(lead)
            + (lead.isNegative() ? " behind" : " ahead of")
            + " this machine's; up to "
            + Lengths.print(tolerance(in.settings()))
            + " does no harm";
    String mend =
        "check both with `date -u`, and mend the time service (chrony, systemd-timesyncd) of the"
            + " one that is wrong";
    return lead.abs().compareTo(tolerance(in.settings())) > 0
        ? Finding.fail(Check.CLOCK, seen, mend)
        : Finding.warn(Check.CLOCK, seen, mend);
  }

  /**
   * By how much clocks may differ: the backdate covers a verifier that is behind; for one that is
   * ahead a third of the life is left at every renewal, even at a late one.
   */
  static Duration tolerance(Optional<InstalledSettings> settings) {
    Duration backdate = settings.flatMap(InstalledSettings::backdate).orElse(TOLERANCE);
    Duration left =
        settings.flatMap(InstalledSettings::svidTtl).map(ttl -> ttl.dividedBy(3)).orElse(TOLERANCE);
    return backdate.compareTo(left) < 0 ? backdate : left;
  }

  static List<Finding> dns(Inspection in) {
    return Finding.on(Check.DNS, in.facts().dnsEndpoints(), endpoints -> List.of(dns(endpoints)));
  }

  private static Finding dns(OptionalInt endpoints) {
    if (endpoints.isEmpty()) {
      return Finding.warn(
          Check.DNS,
          "no Service of a cluster DNS was found (label k8s-app=kube-dns)",
          "install a cluster DNS such as CoreDNS, or make sure that pods can look up"
              + " kubernetes.default.svc");
    }
    return endpoints.getAsInt() == 0
        ? Finding.fail(
            Check.DNS,
            "the cluster's DNS has no ready endpoint",
            "kubectl -n kube-system describe pods -l k8s-app=kube-dns")
        : Finding.ok(
            Check.DNS,
            "the cluster's DNS has " + Listing.count(endpoints.getAsInt(), "ready endpoint"));
  }
}
