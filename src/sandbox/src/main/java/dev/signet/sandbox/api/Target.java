package dev.signet.sandbox.api;

import java.util.List;

/**
 * What a request asks for, in the words of authorisation.
 *
 * @param verb create, get, list, watch, update, delete; patch and deletecollection are recognised
 *     and not served
 * @param group empty for the core group
 * @param subresource empty for the object itself
 * @param namespace empty for cluster-wide
 * @param name empty for a collection
 */
record Target(
    String verb,
    String group,
    String version,
    String resource,
    String subresource,
    String namespace,
    String name) {

  static Target of(ApiRequest request) {
    List<String> path = request.path();
    if (path.size() >= 3 && path.get(0).equals("api")) {
      return of(request, "", path.get(1), path.subList(2, path.size()));
    }
    if (path.size() >= 4 && path.get(0).equals("apis")) {
      return of(request, path.get(1), path.get(2), path.subList(3, path.size()));
    }
    throw ApiFailure.noSuchResource();
  }

  private static Target of(ApiRequest request, String group, String version, List<String> rest) {
    boolean namespaced = rest.size() > 2 && rest.get(0).equals("namespaces");
    String namespace = namespaced ? rest.get(1) : "";
    List<String> path = namespaced ? rest.subList(2, rest.size()) : rest;
    if (path.size() > 3) {
      throw ApiFailure.noSuchResource();
    }
    String name = path.size() > 1 ? path.get(1) : "";
    return new Target(
        verb(request, name.isEmpty()),
        group,
        version,
        path.get(0),
        path.size() > 2 ? path.get(2) : "",
        namespace,
        name);
  }

  private static String verb(ApiRequest request, boolean collection) {
    return switch (request.method()) {
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> collection ? "deletecollection" : "delete";
      case "GET" -> !collection ? "get" : request.flag("watch") ? "watch" : "list";
      default -> throw ApiFailure.methodNotAllowed();
    };
  }

  /** {@code pods} or {@code pods/status}, as a role names it. */
  String path() {
    return subresource.isEmpty() ? resource : resource + "/" + subresource;
  }
}
