package dev.signet.sandbox.api;

import dev.signet.sandbox.api.FaultSwitch.ConnectionLostException;
import java.util.Optional;

/**
 * From a request to the call it is for: faults, authentication, authorisation, call. Thread-safe.
 */
final class ApiRouter {
  private final FaultSwitch faults;
  private final Authenticator authenticator;
  private final Authorizer authorizer;
  private final ObjectCalls objects;
  private final ReviewCalls reviews;
  private final IssuerDiscovery discovery;

  ApiRouter(
      FaultSwitch faults,
      Authenticator authenticator,
      Authorizer authorizer,
      ObjectCalls objects,
      ReviewCalls reviews,
      IssuerDiscovery discovery) {
    this.faults = faults;
    this.authenticator = authenticator;
    this.authorizer = authorizer;
    this.objects = objects;
    this.reviews = reviews;
    this.discovery = discovery;
  }

  /**
   * @throws ApiFailure if the answer is a failure Status
   * @throws ConnectionLostException if the connection has to close without an answer
   */
  Reply handle(ApiRequest request) throws InterruptedException, ConnectionLostException {
    if (discovery.covers(request)) {
      return discovery.handle(request, authenticator.caller(request));
    }
    Target target = Target.of(request);
    faults.strike(target);
    ApiUser caller = authenticator.caller(request);
    Optional<Resource> resource =
        Resource.find(target.group(), target.version(), target.resource());
    FieldSelector selector =
        resource.isEmpty()
            ? FieldSelector.ALL
            : FieldSelector.parse(resource.get(), request.parameter("fieldSelector"));
    authorizer.demand(caller, target, selector);
    return resource.isEmpty()
        ? review(target, request, caller)
        : call(resource.get(), target, request, caller);
  }

  private Reply call(Resource resource, Target target, ApiRequest request, ApiUser caller) {
    if (resource.namespaced() == target.namespace().isEmpty()
        && !clusterWideRead(resource, target)) {
      throw ApiFailure.noSuchResource();
    }
    return switch (target.path()) {
      case "serviceaccounts/token" -> {
        demandCreate(target);
        yield reviews.requestToken(target, request, caller);
      }
      case "pods/status" -> updateStatus(resource, target, request);
      default -> {
        if (!target.subresource().isEmpty()) {
          throw ApiFailure.noSuchResource();
        }
        yield objects.handle(resource, target, request, caller);
      }
    };
  }

  private static boolean clusterWideRead(Resource resource, Target target) {
    return resource.namespaced() && (target.verb().equals("list") || target.verb().equals("watch"));
  }

  private Reply updateStatus(Resource resource, Target target, ApiRequest request) {
    if (!target.verb().equals("update")) {
      throw ApiFailure.methodNotAllowed();
    }
    return objects.updateStatus(resource, target, request);
  }

  private Reply review(Target target, ApiRequest request, ApiUser caller) {
    return switch (target.group() + "/" + target.version() + "/" + target.path()) {
      case "authentication.k8s.io/v1/tokenreviews" -> {
        demandCreate(target);
        yield reviews.reviewToken(request);
      }
      case "authorization.k8s.io/v1/selfsubjectaccessreviews" -> {
        demandCreate(target);
        yield reviews.reviewAccess(request, caller);
      }
      default -> throw ApiFailure.noSuchResource();
    };
  }

  private static void demandCreate(Target target) {
    if (!target.verb().equals("create")) {
      throw ApiFailure.methodNotAllowed();
    }
  }
}
