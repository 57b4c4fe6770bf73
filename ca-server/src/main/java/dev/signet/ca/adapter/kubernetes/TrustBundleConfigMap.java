package dev.signet.ca.adapter.kubernetes;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import dev.signet.ca.bundle.PublicationException;
import dev.signet.ca.bundle.PublishedBundle;
import dev.signet.ca.issuance.RefusedException;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.apis.CoreV1Api;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import java.io.IOException;
import java.util.Optional;
import okhttp3.Call;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The trust bundle under the key {@code bundle.pem} of a ConfigMap. Everything else in that object
 * stays as others wrote it: the object is sent back as it came, field for field, under the
 * resourceVersion that it had. Thread-safe.
 */
final class TrustBundleConfigMap implements PublishedBundle {
  static final String KEY = "bundle.pem";
  private static final MediaType JSON = MediaType.get("application/json");

  private final CoreV1Api api;
  private final ApiExchange exchange;
  private final ConfigMapName configMap;

  TrustBundleConfigMap(CoreV1Api api, ApiExchange exchange, ConfigMapName configMap) {
    this.api = api;
    this.exchange = exchange;
    this.configMap = configMap;
  }

  @Override
  public String name() {
    return "the ConfigMap " + configMap;
  }

  @Override
  public String howToClear() {
    return "kubectl -n "
        + configMap.namespace()
        + " patch configmap "
        + configMap.name()
        + " --type=json -p '[{\"op\":\"remove\",\"path\":\"/data/"
        + KEY
        + "\"}]'";
  }

  @Override
  public Look look() throws PublicationException, InterruptedException {
    Optional<JsonObject> found = get();
    return new Look() {
      @Override
      public Optional<String> text() {
        return found.map(object -> object.get("data")).flatMap(TrustBundleConfigMap::bundle);
      }

      @Override
      public void replace(String pem) throws PublicationException, InterruptedException {
        if (found.isPresent()) {
          update(found.get().deepCopy(), pem);
        } else {
          create(pem);
        }
      }
    };
  }

  private static Optional<String> bundle(@Nullable Object data) {
    return data instanceof JsonObject values && values.get(KEY) instanceof JsonPrimitive text
        ? Optional.of(text.getAsString())
        : Optional.empty();
  }

  private Optional<JsonObject> get() throws PublicationException, InterruptedException {
    try (Response response =
        send(
            ConfigMapVerb.GET,
            request(() ->
                api.readNamespacedConfigMap(configMap.name(), configMap.namespace())
                    .buildCall(null)))) {
      if (response.code() == 404 && ApiExchange.isNotFound(response)) {
        return Optional.empty();
      }
      requireSuccess(ConfigMapVerb.GET, response);
      return Optional.of(ApiExchange.parse(response, JsonObject.class));
    } catch (IOException | JsonParseException e) {
      throw unavailable(exchange.failed(ConfigMapVerb.GET.toString(), e));
    }
  }

  private void update(JsonObject object, String pem)
      throws PublicationException, InterruptedException {
    if (!(object.get("data") instanceof JsonObject)) {
      object.add("data", new JsonObject());
    }
    object.getAsJsonObject("data").addProperty(KEY, pem);
    Request request =
        request(() ->
                api.replaceNamespacedConfigMap(
                        configMap.name(), configMap.namespace(), new V1ConfigMap())
                    .buildCall(null))
            .newBuilder()
            .put(body(object))
            .build();
    write(ConfigMapVerb.UPDATE, request);
  }

  private void create(String pem) throws PublicationException, InterruptedException {
    JsonObject metadata = new JsonObject();
    metadata.addProperty("name", configMap.name());
    metadata.addProperty("namespace", configMap.namespace());
    JsonObject data = new JsonObject();
    data.addProperty(KEY, pem);
    JsonObject object = new JsonObject();
    object.addProperty("apiVersion", "v1");
    object.addProperty("kind", "ConfigMap");
    object.add("metadata", metadata);
    object.add("data", data);
    Request request =
        request(() ->
                api.createNamespacedConfigMap(configMap.namespace(), new V1ConfigMap())
                    .buildCall(null))
            .newBuilder()
            .post(body(object))
            .build();
    write(ConfigMapVerb.CREATE, request);
  }

  private void write(ConfigMapVerb verb, Request request)
      throws PublicationException, InterruptedException {
    try (Response response = send(verb, request)) {
      boolean gone = verb == ConfigMapVerb.UPDATE && response.code() == 404;
      if (response.code() == 409 || gone) {
        throw PublicationException.changedMeanwhile(name());
      }
      requireSuccess(verb, response);
    }
  }

  private Response send(ConfigMapVerb verb, Request request)
      throws PublicationException, InterruptedException {
    try {
      return exchange.open(verb.toString(), api.getApiClient().getHttpClient().newCall(request));
    } catch (RefusedException e) {
      throw unavailable(e);
    }
  }

  private void requireSuccess(ConfigMapVerb verb, Response response) throws PublicationException {
    Optional<String> mend = verb.mend(response.code(), configMap);
    if (mend.isPresent()) {
      throw new PublicationException(mend.get());
    }
    try {
      exchange.requireSuccess(verb.toString(), response);
    } catch (RefusedException e) {
      throw unavailable(e);
    }
  }

  private PublicationException unavailable(RefusedException e) {
    return new PublicationException(
        name() + " is not known: " + e.refusal().detail() + " (the Kubernetes API)", e);
  }

  private static RequestBody body(JsonObject object) {
    return RequestBody.create(ApiJson.GSON.toJson(object), JSON);
  }

  private interface Prepared {
    Call call() throws ApiException;
  }

  private static Request request(Prepared prepared) {
    try {
      return prepared.call().request();
    } catch (ApiException e) {
      // Only a missing parameter does this.
      throw new IllegalStateException(e);
    }
  }
}
