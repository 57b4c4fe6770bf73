package dev.signet.cli.trust;

import dev.signet.ca.rotation.AuthorityState;
import dev.signet.ca.rotation.Ban;
import dev.signet.ca.rotation.Consumers;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.Gate.Missing;
import dev.signet.ca.rotation.NodeRef;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.TrustState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Authorities, agents and plans as tables. */
public final class TrustTables {
  private static final String NONE = "-";

  private TrustTables() {}

  /** The roots, the issuing authorities below them, and how far the replicas are. */
  public static List<String> authorities(Overview overview) {
    TrustState state = overview.state();
    List<String> lines = new ArrayList<>();
    lines.add(
        "bundle revision "
            + state.revision()
            + ", version "
            + state.version()
            + (state.paused() ? ", paused: no step is made by itself" : ""));
    lines.add("");
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("AUTHORITY", "KIND", "STATE", "SINCE", "ENDS", "SIGNED BY", "REPLICA"));
    for (TrustState.Root root : state.roots()) {
      rows.add(
          List.of(
              root.id().value(),
              "root",
              root.state() + (root.forced() ? ",forced" : ""),
              Words.time(root.since().at()),
              root.validity().map(validity -> Words.time(validity.notAfter())).orElse(NONE),
              NONE,
              NONE));
    }
    for (TrustState.Issuer issuer : state.issuers()) {
      rows.add(
          List.of(
              issuer.id().value(),
              "issuing",
              issuer.state().toString(),
              NONE,
              Words.time(issuer.notAfter()),
              issuer.root().value(),
              issuer.replica()));
    }
    lines.addAll(Table.lines(rows));
    lines.add("");
    List<List<String>> replicas = new ArrayList<>();
    replicas.add(List.of("REPLICA", "VERSION", "PUBLISHED", "SEEN"));
    overview
        .consumers()
        .replicas()
        .forEach(replica ->
            replicas.add(
                List.of(
                    replica.replica(),
                    "" + replica.version(),
                    "" + replica.published(),
                    Words.time(replica.seen()))));
    lines.addAll(Table.lines(replicas));
    return List.copyOf(lines);
  }

  /** The agents, and the nodes that are banned. */
  public static List<String> agents(Overview overview) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("AGENT", "REVISION", "SVID BELOW", "SVID ENDS", "HEARD", "BANNED"));
    Set<NodeRef> shown = new HashSet<>();
    overview.consumers().agents().stream()
        .sorted(Comparator.comparing(agent -> agent.node().toString()))
        .forEach(agent -> {
          shown.add(agent.node());
          rows.add(row(overview, agent));
        });
    for (Ban ban : overview.state().bans()) {
      NodeRef node = new NodeRef(ban.cluster(), ban.nodeName());
      if (shown.add(node)) {
        rows.add(List.of(node.toString(), NONE, NONE, NONE, NONE, said(ban)));
      }
    }
    return rows.size() == 1 ? List.of("no agent has an SVID") : Table.lines(rows);
  }

  private static List<String> row(Overview overview, Consumers.Agent agent) {
    return List.of(
        agent.node().toString(),
        agent.revision() + (agent.revision() < overview.state().revision() ? ",behind" : ""),
        agent.issuer().value(),
        Words.time(agent.notAfter()),
        agent.heard().map(Words::time).orElse("never"),
        ban(overview, agent.node()).map(TrustTables::said).orElse(NONE));
  }

  private static Optional<Ban> ban(Overview overview, NodeRef node) {
    return overview.state().bans().stream()
        .filter(
            ban -> ban.cluster().equals(node.cluster()) && ban.nodeName().equals(node.nodeName()))
        .findFirst();
  }

  private static String said(Ban ban) {
    return Words.time(ban.at())
        + " by "
        + ban.who()
        + (ban.why().isEmpty() ? "" : ": " + ban.why());
  }

  /** Who would break if a root went now. */
  public static List<String> plan(Gate gate, Optional<AuthorityState> state) {
    List<String> lines = new ArrayList<>();
    int missing = gate.missing().size();
    lines.add(
        gate.root()
            + state.map(is -> " (" + is + ")").orElse("")
            + ": "
            + (missing == 0
                ? "nobody needs it any more"
                : missing + " would break if it went now"));
    lines.add("  " + Words.tallies(gate));
    missing(gate).forEach(line -> lines.add("  " + line));
    return List.copyOf(lines);
  }

  /** Who is missing, with the reason; empty if nobody is. */
  private static List<String> missing(Gate gate) {
    if (gate.isOpen()) {
      return List.of();
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("CLASS", "WHO", "LEAVES BY ITSELF", "WHY"));
    gate.missing().stream()
        .sorted(Comparator.comparing(Missing::kind).thenComparing(Words::place))
        .forEach(missing ->
            rows.add(
                List.of(
                    Words.of(missing.kind()),
                    Words.place(missing),
                    missing.leaves().map(Words::time).orElse("never"),
                    missing.why())));
    return Table.lines(rows);
  }
}
