package dev.signet.cli.adapter.kubernetes;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.signet.cli.cluster.Observed;
import dev.signet.cli.cluster.RunningPod;
import dev.signet.cli.cluster.TokenTrial;
import dev.signet.cli.cluster.TokenTrial.Review;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes a token and has it reviewed. It is in memory for that long, and nowhere else. */
final class TokenTrials {
  // The shortest that an API server makes.
  private static final int LIFE_SECONDS = 600;

  private final Api api;

  TokenTrials(Api api) {
    this.api = api;
  }

  Observed<TokenTrial> run(RunningPod pod, String audience, String foreignAudience) {
    return token(pod, audience)
        .then(token ->
            review(token, audience)
                .then(own ->
                    review(token, foreignAudience)
                        .map(foreign ->
                            new TokenTrial(pod, audience, foreignAudience, own, foreign))));
  }

  private Observed<String> token(RunningPod pod, String audience) {
    JsonObject bound = new JsonObject();
    bound.addProperty("apiVersion", "v1");
    bound.addProperty("kind", "Pod");
    bound.addProperty("name", pod.pod().name());
    bound.addProperty("uid", pod.uid());
    JsonObject spec = new JsonObject();
    spec.add("audiences", array(audience));
    spec.addProperty("expirationSeconds", LIFE_SECONDS);
    spec.add("boundObjectRef", bound);
    return api.create(
            "create serviceaccounts/token in " + pod.pod().namespace(),
            "/api/v1/namespaces/"
                + pod.pod().namespace()
                + "/serviceaccounts/"
                + pod.account()
                + "/token",
            request("TokenRequest", spec))
        .then(answer ->
            answer
                .textIfAny("status", "token")
                .map(Observed::seen)
                .orElseGet(() ->
                    Observed.hidden(
                        "the API server made no token for pod " + pod.pod(),
                        "run it again: the pod may have gone")));
  }

  private Observed<Review> review(String token, String audience) {
    JsonObject spec = new JsonObject();
    spec.addProperty("token", token);
    spec.add("audiences", array(audience));
    return api.create(
            "create tokenreviews.authentication.k8s.io",
            "/apis/authentication.k8s.io/v1/tokenreviews",
            request("TokenReview", spec))
        .map(TokenTrials::review);
  }

  private static Review review(Doc answer) {
    Doc status = answer.at("status");
    Map<String, List<String>> extra = new HashMap<>();
    status.entries("user", "extra").forEach((key, values) -> extra.put(key, values.texts()));
    return new Review(
        status.flag(false, "authenticated"),
        status.texts("audiences"),
        status.text("user", "username"),
        extra,
        status.text("error"));
  }

  private static JsonObject request(String kind, JsonObject spec) {
    JsonObject request = new JsonObject();
    request.addProperty("apiVersion", "authentication.k8s.io/v1");
    request.addProperty("kind", kind);
    request.add("spec", spec);
    return request;
  }

  private static JsonArray array(String value) {
    JsonArray array = new JsonArray();
    array.add(value);
    return array;
  }
}
