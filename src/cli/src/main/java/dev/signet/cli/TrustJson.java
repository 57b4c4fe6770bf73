package dev.signet.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.signet.ca.keys.KeyId;
import dev.signet.ca.rotation.Gate;
import dev.signet.ca.rotation.Overview;
import dev.signet.ca.rotation.Step;
import dev.signet.ca.rotation.TrustState;
import dev.signet.cli.trust.CaRefusedException;
import dev.signet.cli.trust.CaUnreachableException;
import dev.signet.cli.trust.RotationLog;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an operator reads, for programs. What is in it stays; more may come. A change that breaks
 * readers raises {@code schema}. Times are in UTC, as RFC 3339 has them; what is not there is null.
 */
final class TrustJson {
  private static final int SCHEMA = 1;
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().serializeNulls().create();

  private TrustJson() {}

  static String pretty(JsonObject json) {
    return GSON.toJson(json);
  }

  static JsonObject done() {
    JsonObject json = start();
    json.addProperty("done", true);
    return json;
  }

  static JsonObject refused(CaRefusedException refused) {
    JsonObject json = start();
    json.addProperty("done", false);
    json.addProperty("reason", refused.reason());
    json.addProperty("detail", refused.detail());
    json.addProperty("hint", refused.hint());
    return json;
  }

  static JsonObject authorities(Overview overview) {
    JsonObject json = start();
    state(json, overview);
    json.add("roots", list(overview.state().roots(), TrustJson::root));
    json.add("issuers", list(overview.state().issuers(), TrustJson::issuer));
    json.add(
        "replicas",
        list(
            overview.consumers().replicas(),
            replica -> {
              JsonObject each = new JsonObject();
              each.addProperty("name", replica.replica());
              each.addProperty("version", replica.version());
              each.addProperty("published", replica.published());
              each.addProperty("seen", replica.seen().toString());
              return each;
            }));
    json.add("steps", list(overview.steps(), TrustJson::step));
    return json;
  }

  static JsonObject agents(Overview overview) {
    JsonObject json = start();
    state(json, overview);
    json.add(
        "agents",
        list(
            overview.consumers().agents(),
            agent -> {
              JsonObject each = new JsonObject();
              each.addProperty("cluster", agent.node().cluster());
              each.addProperty("node", agent.node().nodeName());
              each.addProperty("revision", agent.revision());
              each.addProperty("issuer", agent.issuer().value());
              each.addProperty("not_after", agent.notAfter().toString());
              each.addProperty("heard", text(agent.heard()));
              each.addProperty(
                  "banned",
                  overview.state().isBanned(agent.node().cluster(), agent.node().nodeName()));
              return each;
            }));
    json.add(
        "bans",
        list(
            overview.state().bans(),
            ban -> {
              JsonObject each = new JsonObject();
              each.addProperty("cluster", ban.cluster());
              each.addProperty("node", ban.nodeName());
              each.addProperty("who", ban.who());
              each.addProperty("why", ban.why());
              each.addProperty("at", ban.at().toString());
              return each;
            }));
    return json;
  }

  static JsonObject plan(Overview overview, List<Gate> gates) {
    JsonObject json = start();
    state(json, overview);
    json.add("gates", list(gates, TrustJson::gate));
    return json;
  }

  /** One line of a watch. */
  static JsonObject state(Overview overview, List<Step> fresh) {
    JsonObject json = event("state");
    state(json, overview);
    json.addProperty("under_way", RotationLog.isUnderWay(overview));
    json.add("roots", list(overview.state().roots(), TrustJson::root));
    json.add("gates", list(overview.gates(), TrustJson::gate));
    json.add("steps", list(fresh, TrustJson::step));
    return json;
  }

  static JsonObject trouble(CaRefusedException why) {
    JsonObject json = event("trouble");
    json.addProperty("reason", why.reason());
    json.addProperty("detail", why.detail());
    return json;
  }

  static JsonObject lost(CaUnreachableException why) {
    JsonObject json = event("trouble");
    json.addProperty("reason", "UNREACHABLE");
    json.addProperty("detail", String.valueOf(why.getMessage()));
    return json;
  }

  /** The last line of a watch. */
  static JsonObject end(String outcome) {
    JsonObject json = event("end");
    json.addProperty("outcome", outcome.toLowerCase(Locale.ROOT));
    return json;
  }

  private static JsonObject event(String name) {
    JsonObject json = start();
    json.addProperty("event", name);
    return json;
  }

  private static JsonObject start() {
    JsonObject json = new JsonObject();
    json.addProperty("schema", SCHEMA);
    return json;
  }

  private static void state(JsonObject json, Overview overview) {
    json.addProperty("at", overview.at().toString());
    json.addProperty("version", overview.state().version());
    json.addProperty("revision", overview.state().revision());
    json.addProperty("paused", overview.state().paused());
  }

  private static JsonObject root(TrustState.Root root) {
    JsonObject json = new JsonObject();
    json.addProperty("id", root.id().value());
    json.addProperty("state", root.state().name());
    json.addProperty("in_bundle", root.state().inBundle());
    json.addProperty("forced", root.forced());
    json.addProperty("since", root.since().at().toString());
    json.addProperty("since_version", root.since().version());
    json.addProperty("since_revision", root.since().revision());
    json.addProperty("not_before", text(root.validity().map(each -> each.notBefore())));
    json.addProperty("not_after", text(root.validity().map(each -> each.notAfter())));
    return json;
  }

  private static JsonObject issuer(TrustState.Issuer issuer) {
    JsonObject json = new JsonObject();
    json.addProperty("id", issuer.id().value());
    json.addProperty("root", issuer.root().value());
    json.addProperty("replica", issuer.replica());
    json.addProperty("state", issuer.state().name());
    json.addProperty("not_after", issuer.notAfter().toString());
    return json;
  }

  private static JsonObject step(Step step) {
    JsonObject json = new JsonObject();
    json.addProperty("at", step.at().toString());
    json.addProperty("kind", step.kind().name());
    json.addProperty("authority", step.authority().map(KeyId::value).orElse(null));
    json.addProperty("cluster", step.node().map(node -> node.cluster()).orElse(null));
    json.addProperty("node", step.node().map(node -> node.nodeName()).orElse(null));
    json.addProperty("who", step.who());
    json.addProperty("why", step.why());
    json.addProperty("overrides", step.overrides());
    return json;
  }

  private static JsonObject gate(Gate gate) {
    JsonObject json = new JsonObject();
    json.addProperty("step", gate.step().name());
    json.addProperty("root", gate.root().value());
    json.addProperty("open", gate.isOpen());
    json.add(
        "classes",
        list(
            gate.tallies(),
            tally -> {
              JsonObject each = new JsonObject();
              each.addProperty("class", tally.kind().name());
              each.addProperty("confirmed", tally.confirmed());
              each.addProperty("total", tally.total());
              return each;
            }));
    json.add(
        "missing",
        list(
            gate.missing(),
            missing -> {
              JsonObject each = new JsonObject();
              each.addProperty("class", missing.kind().name());
              each.addProperty("cluster", missing.node().map(node -> node.cluster()).orElse(null));
              each.addProperty("node", missing.node().map(node -> node.nodeName()).orElse(null));
              each.addProperty("name", missing.name());
              each.addProperty("pod_uid", missing.podUid().isEmpty() ? null : missing.podUid());
              each.addProperty("why", missing.why());
              each.addProperty("leaves", text(missing.leaves()));
              return each;
            }));
    return json;
  }

  private static @Nullable String text(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(null);
  }

  private static <T> JsonArray list(List<T> items, Function<T, JsonObject> each) {
    JsonArray array = new JsonArray();
    items.forEach(item -> array.add(each.apply(item)));
    return array;
  }
}
