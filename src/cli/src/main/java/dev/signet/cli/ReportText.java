package dev.signet.cli;

import dev.signet.cli.preflight.Check;
import dev.signet.cli.preflight.Finding;
import dev.signet.cli.preflight.Report;
import dev.signet.cli.preflight.Section;
import dev.signet.cli.preflight.Status;
import dev.signet.process.message.Printable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The report for people: what is well in one line each, the rest with its reason and its mend. */
final class ReportText {
  private static final int ID_WIDTH =
      Arrays.stream(Check.values()).mapToInt(check -> check.id().length()).max().orElse(0);
  private static final int STATUS_WIDTH = Status.UNKNOWN.name().length();

  private ReportText() {}

  static List<String> lines(Report report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        report.server()
            + ", namespace "
            + report.namespace()
            + (report.trustDomain().isEmpty()
                ? ", no trust domain named (--trust-domain)"
                : ", trust domain " + report.trustDomain()));
    Map<Section, List<Finding>> sections =
        report.findings().stream()
            .collect(Collectors.groupingBy(finding -> finding.check().section()));
    for (Section section : Section.values()) {
      List<Finding> findings = sections.getOrDefault(section, List.of());
      if (!findings.isEmpty()) {
        lines.add("");
        lines.add(section.title());
        findings.forEach(finding -> add(lines, finding));
      }
    }
    lines.add("");
    lines.add(summary(report));
    return lines;
  }

  private static void add(List<String> lines, Finding finding) {
    String status = finding.status() == Status.NOT_INSTALLED ? "-" : finding.status().name();
    lines.add(
        "  "
            + padded(status, STATUS_WIDTH)
            + "  "
            + padded(finding.check().id(), ID_WIDTH)
            + "  "
            + Printable.line(finding.seen()));
    if (finding.status() == Status.OK || finding.status() == Status.NOT_INSTALLED) {
      return;
    }
    String indent = " ".repeat(2 + STATUS_WIDTH + 2);
    lines.add(indent + "why:  " + finding.check().why());
    if (!finding.mend().isEmpty()) {
      lines.add(indent + "mend: " + Printable.line(finding.mend()));
    }
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String summary(Report report) {
    List<String> parts = new ArrayList<>();
    for (Status status : Status.values()) {
      long count = report.count(status);
      if (count > 0 || status == Status.FAIL) {
        parts.add(
            count + " " + (status == Status.NOT_INSTALLED ? "not installed yet" : status.name()));
      }
    }
    return String.join(", ", parts);
  }
}
