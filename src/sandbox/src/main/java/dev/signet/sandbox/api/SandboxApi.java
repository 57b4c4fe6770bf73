package dev.signet.sandbox.api;

import dev.signet.sandbox.api.AccountTokens.Grant;
import dev.signet.sandbox.api.AccountTokens.NodeReference;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * The sandbox's Kubernetes-style API server. Everything but {@link #faults}, {@link
 * #dropConnections} and the hand-out of credentials goes over the wire, with the official client.
 *
 * <p>Served: TokenReview, TokenRequest (pod-bound or account-only), SelfSubjectAccessReview;
 * create, get, list, watch and delete of namespaces, nodes, pods, ServiceAccounts, CSIDrivers,
 * ClusterRoles and ClusterRoleBindings; update of a pod's status; the token issuer's keys and name.
 * Field selectors, resource versions, bookmarks, 410 for versions too old, metadata-only answers
 * and impersonation by administrators work as on a real server. Not served: label selectors, paging
 * (a list is always whole), patch, other updates. There is no success cache before TokenReview: a
 * token dies with its pod at once, where a real server may take 10 s.
 *
 * <p>The default namespaces exist; a new namespace gets its account {@code default}. No scheduler
 * and no controller runs: a pod names its node, and its kubelet (or the caller) ends it.
 *
 * <p>Thread-safe. The creator closes it; that ends open calls and watches.
 */
public final class SandboxApi implements AutoCloseable {
  private final ObjectStore store;
  private final InstantSource clock;
  private final AccountTokens tokens;
  private final Authenticator authenticator;
  private final FaultSwitch faults;
  private final String caPem;
  private final HttpFront front;
  private final ApiAccess admin;

  private SandboxApi(
      ObjectStore store,
      InstantSource clock,
      AccountTokens tokens,
      Authenticator authenticator,
      FaultSwitch faults,
      String caPem,
      HttpFront front) {
    this.store = store;
    this.clock = clock;
    this.tokens = tokens;
    this.authenticator = authenticator;
    this.faults = faults;
    this.caPem = caPem;
    this.front = front;
    this.admin =
        access(authenticator.enrol(ApiUser.named("sandbox-admin", List.of(ApiUser.MASTERS))));
  }

  /** Starts a server; it answers when this returns. */
  public static SandboxApi start(SandboxApiConfig config, InstantSource clock) throws IOException {
    ObjectStore store = new ObjectStore(config.watchHistory());
    AccountTokens tokens = new AccountTokens(store, clock, config.issuer(), config.apiAudience());
    Authenticator authenticator = new Authenticator(tokens);
    Authorizer authorizer = new Authorizer(store);
    ObjectCalls objects = new ObjectCalls(store, clock, config.bookmarkInterval());
    ReviewCalls reviews = new ReviewCalls(store, clock, tokens, authenticator, authorizer);
    objects.createNamespace("default");
    objects.createNamespace("kube-system");
    FaultSwitch faults = new FaultSwitch();
    ServingCertificate certificate = ServingCertificate.create();
    ApiRouter router =
        new ApiRouter(
            faults, authenticator, authorizer, objects, reviews, new IssuerDiscovery(tokens));
    HttpFront front = HttpFront.start(config.listen(), certificate.context(), router);
    return new SandboxApi(store, clock, tokens, authenticator, faults, certificate.caPem(), front);
  }

  public URI address() {
    InetSocketAddress address = front.address();
    return URI.create("https://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  /**
   * The administrator: group {@code system:masters}, may do everything and impersonate everybody.
   */
  public ApiAccess admin() {
    return admin;
  }

  /**
   * The kubelet of a node ({@code system:node:<name>}): what the Node authoriser and
   * NodeRestriction leave it.
   */
  public ApiAccess kubelet(String nodeName) {
    return access(authenticator.enrol(ApiUser.node(nodeName)));
  }

  /**
   * A ServiceAccount, by a token of the API's own audience: for a program that runs outside any
   * pod, as `kubectl create token` makes it. The account may do what ClusterRoles grant it.
   *
   * @throws IllegalArgumentException if there is no such account
   */
  public ApiAccess account(String namespace, String name, Duration lifetime) {
    ApiObject account =
        store
            .get(Resource.SERVICE_ACCOUNTS, namespace, name)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "No ServiceAccount " + namespace + "/" + name + ": create it first"));
    return access(
        tokens.issue(
            new Grant(
                account,
                Optional.empty(),
                Optional.empty(),
                List.of(tokens.apiAudience()),
                lifetime,
                Optional.empty())));
  }

  /**
   * A token of a pod as this server issued it so long ago, lifetime an hour: not on the wire,
   * because nobody can wait for one to end.
   *
   * @throws IllegalArgumentException if there is no such pod
   */
  public String formerToken(String namespace, String podName, String audience, Duration age) {
    ApiObject pod =
        store
            .get(Resource.PODS, namespace, podName)
            .orElseThrow(() -> new IllegalArgumentException("No pod " + namespace + "/" + podName));
    String node = pod.text("spec", "nodeName");
    ApiObject account =
        store
            .get(Resource.SERVICE_ACCOUNTS, namespace, pod.text("spec", "serviceAccountName"))
            .orElseThrow();
    return tokens.issue(
        new Grant(
            account,
            Optional.of(pod),
            store
                .get(Resource.NODES, "", node)
                .map(object -> new NodeReference(node, object.uid())),
            List.of(audience),
            Duration.ofHours(1),
            Optional.empty()),
        clock.instant().minus(age));
  }

  private ApiAccess access(String token) {
    return new ApiAccess(address(), caPem, token);
  }

  /** Makes chosen calls fail. */
  public FaultSwitch faults() {
    return faults;
  }

  /** Closes every open connection, watches included; new ones are welcome. */
  public void dropConnections() {
    front.dropConnections();
  }

  @Override
  public void close() {
    store.close();
    faults.clear();
    front.close();
  }
}
