package dev.signet.sandbox.api;

import com.google.gson.JsonObject;
import dev.signet.sandbox.api.ApiFailure.Kind;
import dev.signet.sandbox.api.ObjectStore.Snapshot;
import dev.signet.sandbox.api.Reply.Document;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;

/** The verbs on stored objects, after authorisation. Thread-safe. */
final class ObjectCalls {
  /** A real server ends a watch after 30 to 60 minutes where the caller names no time. */
  private static final long WATCH_SECONDS = 1800;

  private final ObjectStore store;
  private final InstantSource clock;
  private final Duration bookmarks;

  ObjectCalls(ObjectStore store, InstantSource clock, Duration bookmarks) {
    this.store = store;
    this.clock = clock;
    this.bookmarks = bookmarks;
  }

  Reply handle(Resource resource, Target target, ApiRequest request, ApiUser caller) {
    return switch (target.verb()) {
      case "get" -> new Document(200, Representation.of(request).object(get(resource, target)));
      case "list" -> list(resource, target, request);
      case "watch" -> watch(resource, target, request);
      case "create" -> create(resource, target, request, caller);
      case "delete" -> delete(resource, target, request);
      default -> throw ApiFailure.methodNotAllowed();
    };
  }

  /** Stores the status that the caller sends and nothing else of it. */
  Reply updateStatus(Resource resource, Target target, ApiRequest request) {
    JsonObject sent =
        Bodies.object(request, resource.apiVersion(), resource.kind(), resource.model());
    ApiObject update = ApiObject.of(sent);
    if (!update.name().equals(target.name())) {
      throw ApiFailure.badRequest(
          String.format(
              Locale.ROOT,
              "the name of the object (%s) does not match the name on the URL (%s)",
              update.name(),
              target.name()));
    }
    ApiObject stored =
        store.change(
            resource,
            target.namespace(),
            target.name(),
            current -> {
              demandSame(resource, update, current, "resourceVersion");
              demandSame(resource, update, current, "uid");
              return current.with(copy ->
                  copy.add("status", sent.has("status") ? sent.get("status") : new JsonObject()));
            });
    return new Document(200, Representation.of(request).object(stored));
  }

  private static void demandSame(
      Resource resource, ApiObject update, ApiObject current, String field) {
    String sent = update.text("metadata", field);
    if (!sent.isEmpty() && !sent.equals(current.text("metadata", field))) {
      throw ApiFailure.conflict(
          resource,
          current.name(),
          "the object has been modified; please apply your changes to the latest version and try again");
    }
  }

  private ApiObject get(Resource resource, Target target) {
    return store
        .get(resource, target.namespace(), target.name())
        .orElseThrow(() -> ApiFailure.notFound(resource, target.name()));
  }

  /**
   * Everything at once: {@code limit} is a wish that a server need not grant, so no {@code
   * continue} is ever handed out.
   */
  private Reply list(Resource resource, Target target, ApiRequest request) {
    FieldSelector selector = selector(resource, request);
    if (!request.parameter("continue").isEmpty()) {
      throw ApiFailure.badRequest("continue key is not valid: this server hands out none");
    }
    Snapshot snapshot = store.list(resource);
    long wanted = request.number("resourceVersion", 0);
    if (wanted > snapshot.version()) {
      throw ApiFailure.futureResourceVersion(wanted, snapshot.version());
    }
    List<ApiObject> found =
        snapshot.objects().stream()
            .filter(object ->
                target.namespace().isEmpty() || target.namespace().equals(object.namespace()))
            .filter(selector::matches)
            .toList();
    return new Document(200, Representation.of(request).list(resource, snapshot.version(), found));
  }

  private Reply watch(Resource resource, Target target, ApiRequest request) {
    if (request.flag("sendInitialEvents")) {
      throw ApiFailure.invalid(
          new Kind("meta.k8s.io", "ListOptions"),
          "",
          "sendInitialEvents",
          "FieldValueForbidden",
          "Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled");
    }
    long version = request.number("resourceVersion", 0);
    return new Reply.Watch(
        new WatchStream(
            store,
            new WatchStream.Query(
                resource,
                target.namespace(),
                selector(resource, request),
                Representation.of(request),
                version <= 0 ? -1 : version,
                Duration.ofSeconds(request.number("timeoutSeconds", WATCH_SECONDS)),
                bookmarks,
                request.flag("allowWatchBookmarks"))));
  }

  private static FieldSelector selector(Resource resource, ApiRequest request) {
    if (!request.parameter("labelSelector").isEmpty()) {
      throw ApiFailure.badRequest("labelSelector is not served here");
    }
    return FieldSelector.parse(resource, request.parameter("fieldSelector"));
  }

  private Reply create(Resource resource, Target target, ApiRequest request, ApiUser caller) {
    JsonObject sent =
        Bodies.object(request, resource.apiVersion(), resource.kind(), resource.model());
    ApiObject object = ObjectRules.forCreation(resource, target.namespace(), sent, clock.instant());
    if (resource.namespaced() && store.get(Resource.NAMESPACES, "", target.namespace()).isEmpty()) {
      throw ApiFailure.notFound(Resource.NAMESPACES, target.namespace());
    }
    if (resource == Resource.PODS) {
      demandAccount(object);
    }
    if (resource == Resource.NODES) {
      demandOwnNode(object.name(), caller);
    }
    ApiObject stored = store.create(resource, object);
    if (resource == Resource.NAMESPACES) {
      createDefaultAccount(object.name());
    }
    return new Document(201, Representation.of(request).object(stored));
  }

  /** Admission plugin ServiceAccount. */
  private void demandAccount(ApiObject pod) {
    String account = pod.text("spec", "serviceAccountName");
    if (store.get(Resource.SERVICE_ACCOUNTS, pod.namespace(), account).isEmpty()) {
      throw ApiFailure.forbidden(
          "",
          "pods",
          pod.name(),
          String.format(
              Locale.ROOT,
              "error looking up service account %s/%s: serviceaccount \"%s\" not found",
              pod.namespace(),
              account,
              account));
    }
  }

  /** Admission plugin NodeRestriction. */
  private static void demandOwnNode(String name, ApiUser caller) {
    caller
        .node()
        .filter(own -> !own.equals(name))
        .ifPresent(own -> {
          throw ApiFailure.forbidden(
              "",
              "nodes",
              name,
              String.format(
                  Locale.ROOT, "node \"%s\" is not allowed to modify node \"%s\"", own, name));
        });
  }

  /** A namespace that exists from the start. */
  void createNamespace(String name) {
    store.create(
        Resource.NAMESPACES,
        ObjectRules.forCreation(
            Resource.NAMESPACES, "", named(Resource.NAMESPACES, name), clock.instant()));
    createDefaultAccount(name);
  }

  /** A real cluster's controller manager does this a moment later. */
  private void createDefaultAccount(String namespace) {
    JsonObject account = named(Resource.SERVICE_ACCOUNTS, "default");
    store.create(
        Resource.SERVICE_ACCOUNTS,
        ObjectRules.forCreation(Resource.SERVICE_ACCOUNTS, namespace, account, clock.instant()));
  }

  private static JsonObject named(Resource resource, String name) {
    JsonObject metadata = new JsonObject();
    metadata.addProperty("name", name);
    JsonObject object = new JsonObject();
    object.addProperty("kind", resource.kind());
    object.addProperty("apiVersion", resource.apiVersion());
    object.add("metadata", metadata);
    return object;
  }

  private Reply delete(Resource resource, Target target, ApiRequest request) {
    Deletion deletion = Deletion.of(request);
    ApiObject marked =
        store.change(
            resource,
            target.namespace(),
            target.name(),
            current -> deletion.apply(resource, current, clock.instant()));
    ApiObject last =
        Deletion.isDue(resource, marked)
            ? store.change(
                resource,
                target.namespace(),
                target.name(),
                current -> current.uid().equals(marked.uid()) ? null : current)
            : marked;
    if (resource == Resource.NAMESPACES) {
      removeContent(target.name());
    }
    return new Document(
        200,
        resource.returnsDeletedObject()
            ? Representation.of(request).object(last)
            : success(resource, last));
  }

  /** A real cluster's namespace controller does this in the background, with the pods' grace. */
  private void removeContent(String namespace) {
    for (Resource resource : List.of(Resource.PODS, Resource.SERVICE_ACCOUNTS)) {
      for (ApiObject object : store.list(resource).objects()) {
        if (object.namespace().equals(namespace)) {
          store.change(resource, namespace, object.name(), current -> null);
        }
      }
    }
  }

  private static JsonObject success(Resource resource, ApiObject object) {
    JsonObject details = new JsonObject();
    details.addProperty("name", object.name());
    if (!resource.group().isEmpty()) {
      details.addProperty("group", resource.group());
    }
    details.addProperty("kind", resource.plural());
    details.addProperty("uid", object.uid());
    JsonObject status = new JsonObject();
    status.addProperty("kind", "Status");
    status.addProperty("apiVersion", "v1");
    status.add("metadata", new JsonObject());
    status.addProperty("status", "Success");
    status.add("details", details);
    return status;
  }
}
