package dev.signet.sandbox.api;

import com.google.gson.JsonObject;
import dev.signet.sandbox.api.AccountTokens.Grant;
import dev.signet.sandbox.api.AccountTokens.InvalidTokenException;
import dev.signet.sandbox.api.AccountTokens.NodeReference;
import dev.signet.sandbox.api.AccountTokens.Reviewed;
import dev.signet.sandbox.api.ApiFailure.Kind;
import dev.signet.sandbox.api.Reply.Document;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.AuthenticationV1TokenRequest;
import io.kubernetes.client.openapi.models.V1BoundObjectReference;
import io.kubernetes.client.openapi.models.V1ResourceAttributes;
import io.kubernetes.client.openapi.models.V1SelfSubjectAccessReview;
import io.kubernetes.client.openapi.models.V1SubjectAccessReviewStatus;
import io.kubernetes.client.openapi.models.V1TokenRequestSpec;
import io.kubernetes.client.openapi.models.V1TokenRequestStatus;
import io.kubernetes.client.openapi.models.V1TokenReview;
import io.kubernetes.client.openapi.models.V1TokenReviewStatus;
import io.kubernetes.client.openapi.models.V1UserInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The calls that answer at once and store nothing: TokenReview, TokenRequest,
 * SelfSubjectAccessReview. Thread-safe.
 */
final class ReviewCalls {
  private static final String AUTHENTICATION = "authentication.k8s.io/v1";
  private static final String AUTHORIZATION = "authorization.k8s.io/v1";
  private static final long DEFAULT_SECONDS = 3600;
  private static final long MINIMUM_SECONDS = 600;

  /**
   * A pod-bound request of exactly this, for the API server's own audience, is stretched to a year.
   */
  private static final long STRETCHED_SECONDS = 3607;

  private final ObjectStore store;
  private final InstantSource clock;
  private final AccountTokens tokens;
  private final Authenticator authenticator;
  private final Authorizer authorizer;

  ReviewCalls(
      ObjectStore store,
      InstantSource clock,
      AccountTokens tokens,
      Authenticator authenticator,
      Authorizer authorizer) {
    this.store = store;
    this.clock = clock;
    this.tokens = tokens;
    this.authenticator = authenticator;
    this.authorizer = authorizer;
  }

  Reply reviewToken(ApiRequest request) {
    V1TokenReview review = body(request, AUTHENTICATION, "TokenReview", V1TokenReview.class);
    String token = review.getSpec() == null ? null : review.getSpec().getToken();
    if (token == null || token.isEmpty()) {
      throw ApiFailure.badRequest("token is required for TokenReview in authentication");
    }
    List<String> audiences = audiences(review.getSpec().getAudiences());
    V1TokenReviewStatus status = new V1TokenReviewStatus();
    try {
      Reviewed reviewed = authenticator.review(token, audiences);
      status.authenticated(true).user(user(reviewed.user())).audiences(reviewed.audiences());
    } catch (InvalidTokenException e) {
      status.user(new V1UserInfo()).error("[invalid bearer token, " + e.getMessage() + "]");
    }
    return created(review.status(status));
  }

  private static V1UserInfo user(ApiUser user) {
    return new V1UserInfo()
        .username(user.name())
        .uid(user.uid().isEmpty() ? null : user.uid())
        .groups(user.groups())
        .extra(user.extra().isEmpty() ? null : user.extra());
  }

  Reply requestToken(Target target, ApiRequest request, ApiUser caller) {
    AuthenticationV1TokenRequest wanted =
        body(request, AUTHENTICATION, "TokenRequest", AuthenticationV1TokenRequest.class);
    V1TokenRequestSpec spec = wanted.getSpec();
    if (spec == null) {
      throw ApiFailure.invalid(
          Kind.TOKEN_REQUEST, target.name(), "spec", "FieldValueRequired", "Required value");
    }
    long seconds = seconds(spec, target.name());
    ApiObject account =
        store
            .get(Resource.SERVICE_ACCOUNTS, target.namespace(), target.name())
            .orElseThrow(() -> ApiFailure.notFound(Resource.SERVICE_ACCOUNTS, target.name()));
    V1BoundObjectReference reference = spec.getBoundObjectRef();
    restrictNode(caller, target, reference);
    Optional<ApiObject> pod =
        reference == null ? Optional.empty() : Optional.of(boundPod(target, account, reference));
    List<String> audiences = audiences(spec.getAudiences());
    boolean stretched =
        pod.isPresent()
            && seconds == STRETCHED_SECONDS
            && audiences.equals(List.of(tokens.apiAudience()));
    Grant grant =
        new Grant(
            account,
            pod,
            pod.flatMap(this::node),
            audiences,
            stretched ? Duration.ofDays(365) : Duration.ofSeconds(seconds),
            stretched ? Optional.of(Duration.ofSeconds(seconds)) : Optional.empty());
    Instant expires = clock.instant().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS);
    spec.audiences(audiences).expirationSeconds(seconds);
    return created(
        wanted.status(
            new V1TokenRequestStatus()
                .token(tokens.issue(grant))
                .expirationTimestamp(expires.atOffset(ZoneOffset.UTC))));
  }

  private static long seconds(V1TokenRequestSpec spec, String name) {
    Long asked = spec.getExpirationSeconds();
    long seconds = asked == null ? DEFAULT_SECONDS : asked;
    if (seconds < MINIMUM_SECONDS || seconds > 1L << 32) {
      String limit =
          seconds < MINIMUM_SECONDS ? "less than 10 minutes" : "larger than 2^32 seconds";
      throw ApiFailure.invalid(
          Kind.TOKEN_REQUEST,
          name,
          "spec.expirationSeconds",
          "FieldValueInvalid",
          "Invalid value: " + seconds + ": may not specify a duration " + limit);
    }
    return seconds;
  }

  /** Admission plugin NodeRestriction: a kubelet gets tokens only for pods of its own node. */
  private void restrictNode(
      ApiUser caller, Target target, @Nullable V1BoundObjectReference reference) {
    if (caller.node().isEmpty()) {
      return;
    }
    String why = null;
    if (reference == null || !"Pod".equals(reference.getKind())) {
      why = "node requested token not bound to a pod";
    } else if (reference.getUid() == null || reference.getUid().isEmpty()) {
      why = "node requested token with a pod binding without a uid";
    } else if (!pod(target.namespace(), given(reference.getName()))
        .text("spec", "nodeName")
        .equals(caller.node().get())) {
      why = "node requested token bound to a pod scheduled on a different node";
    }
    if (why != null) {
      throw ApiFailure.forbidden("", "serviceaccounts", target.name(), why);
    }
  }

  private ApiObject boundPod(Target target, ApiObject account, V1BoundObjectReference reference) {
    if (!"Pod".equals(reference.getKind())) {
      throw ApiFailure.badRequest(
          "cannot bind token to object of type /v1, Kind=" + reference.getKind());
    }
    ApiObject pod = pod(target.namespace(), given(reference.getName()));
    String runsAs = pod.text("spec", "serviceAccountName");
    if (!runsAs.equals(account.name())) {
      throw ApiFailure.badRequest(
          String.format(
              Locale.ROOT,
              "cannot bind token for serviceaccount \"%s\" to pod running with different serviceaccount name.",
              account.name()));
    }
    String uid = reference.getUid();
    if (uid != null && !uid.isEmpty() && !uid.equals(pod.uid())) {
      throw ApiFailure.conflict(
          Resource.PODS,
          pod.name(),
          String.format(
              Locale.ROOT,
              "the UID in the bound object reference (%s) does not match the UID in record. The object might have been"
                  + " deleted and then recreated",
              uid));
    }
    return pod;
  }

  private ApiObject pod(String namespace, String name) {
    return store
        .get(Resource.PODS, namespace, name)
        .orElseThrow(() -> ApiFailure.notFound(Resource.PODS, name));
  }

  private Optional<NodeReference> node(ApiObject pod) {
    String name = pod.text("spec", "nodeName");
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new NodeReference(
                name, store.get(Resource.NODES, "", name).map(ApiObject::uid).orElse("")));
  }

  Reply reviewAccess(ApiRequest request, ApiUser caller) {
    V1SelfSubjectAccessReview review =
        body(request, AUTHORIZATION, "SelfSubjectAccessReview", V1SelfSubjectAccessReview.class);
    V1ResourceAttributes asked =
        review.getSpec() == null ? null : review.getSpec().getResourceAttributes();
    if (asked == null) {
      throw ApiFailure.invalid(
          new Kind("authorization.k8s.io", "SelfSubjectAccessReview"),
          "",
          "spec.resourceAttributes",
          "FieldValueRequired",
          "Required value: this server reviews access to resources only");
    }
    Target target =
        new Target(
            given(asked.getVerb()),
            given(asked.getGroup()),
            given(asked.getVersion()),
            given(asked.getResource()),
            given(asked.getSubresource()),
            given(asked.getNamespace()),
            given(asked.getName()));
    boolean allowed = authorizer.allowed(caller, target, FieldSelector.ALL);
    return created(review.status(new V1SubjectAccessReviewStatus().allowed(allowed)));
  }

  private List<String> audiences(@Nullable List<String> asked) {
    return asked == null || asked.isEmpty() ? List.of(tokens.apiAudience()) : List.copyOf(asked);
  }

  private static String given(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static <T> T body(ApiRequest request, String apiVersion, String kind, Class<T> model) {
    JsonObject json = Bodies.object(request, apiVersion, kind, model);
    return JSON.getGson().fromJson(json, model);
  }

  private static Reply created(Object review) {
    JsonObject json = JSON.getGson().toJsonTree(review).getAsJsonObject();
    return new Document(201, json);
  }
}
