package dev.signet.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.signet.cli.preflight.Finding;
import dev.signet.cli.preflight.Report;
import dev.signet.cli.preflight.Status;
import java.util.Locale;

/**
 * The report for programs. What is in it stays; more may come. A change that breaks readers raises
 * {@code schema}.
 */
final class ReportJson {
  private static final int SCHEMA = 1;
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private ReportJson() {}

  static String of(Report report) {
    JsonObject json = new JsonObject();
    json.addProperty("schema", SCHEMA);
    json.addProperty("server", report.server());
    json.addProperty("namespace", report.namespace());
    json.addProperty("trust_domain", report.trustDomain());
    json.addProperty("passed", report.passed());
    JsonObject counts = new JsonObject();
    for (Status status : Status.values()) {
      counts.addProperty(name(status), report.count(status));
    }
    json.add("counts", counts);
    JsonArray findings = new JsonArray();
    report.findings().forEach(finding -> findings.add(of(finding)));
    json.add("findings", findings);
    return GSON.toJson(json);
  }

  private static JsonObject of(Finding finding) {
    JsonObject json = new JsonObject();
    json.addProperty("check", finding.check().id());
    json.addProperty("section", finding.check().section().name().toLowerCase(Locale.ROOT));
    json.addProperty("status", name(finding.status()));
    json.addProperty("seen", finding.seen());
    json.addProperty("why", finding.check().why());
    json.addProperty("mend", finding.mend());
    return json;
  }

  private static String name(Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }
}
