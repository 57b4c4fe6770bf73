package dev.signet.ca.issuance;

/**
 * Every reason for which something is refused. The set is closed: each value has a code that
 * callers see, a kind that becomes the gRPC status, and a hint for the operator. Callers get the
 * code alone.
 */
public enum RefusalReason {
  REQUEST_MALFORMED(
      Kind.INVALID_ARGUMENT,
      "The message breaks a rule of the protocol: too many or no items, an id twice, a first message that is no Hello."),
  CALLER_NOT_AGENT(
      Kind.UNAUTHENTICATED,
      "The call needs an agent's SVID of this trust domain; the agent attests first."),
  AGENT_NOT_LIVE(
      Kind.RETRYABLE,
      "The agent's SVID was replaced by a newer one, or is unknown here; it attests again by itself. Two agents that use one identity show as a"
          + " stream of these: look for a copied key."),
  AGENT_BANNED(
      Kind.PERMISSION_DENIED,
      "An operator banned the node's agent: it gets nothing, and nothing is issued for its pods. signet agent list says who and why; signet agent unban lets it in"
          + " again."),
  AGENT_ACCOUNT_NOT_ALLOWED(
      Kind.PERMISSION_DENIED,
      "The pod's ServiceAccount is not in agents.accounts of the CA's configuration."),
  AGENT_ALREADY_ON_NODE(
      Kind.RETRYABLE,
      "Another agent pod of this node exists and is not being deleted; only one may live. Delete one of the two. Where agents review, the CA cannot see"
          + " that a pod is gone: the next one waits until the last one's SVID has ended, unless its token is newer."),

  TOKEN_MALFORMED(
      Kind.UNAUTHENTICATED, "The token is empty, longer than 16 KiB or no compact JWT."),
  TOKEN_REJECTED(
      Kind.UNAUTHENTICATED,
      "The API server, or the signature by the cluster's keys, does not bear the token out: expired, of another issuer or audience, or its pod or"
          + " ServiceAccount is gone."),
  TOKEN_AUDIENCE_MISSING(
      Kind.UNAUTHENTICATED,
      "The API server accepted the token but did not confirm Signet's audience; no identity rests on that."),
  TOKEN_NOT_SERVICE_ACCOUNT(Kind.UNAUTHENTICATED, "The token belongs to no ServiceAccount."),
  TOKEN_NOT_POD_BOUND(
      Kind.UNAUTHENTICATED,
      "The token is bound to no pod. Signet takes tokens that kubelet requested for a pod."),
  TOKEN_NODE_MISSING(
      Kind.RETRYABLE,
      "The token does not say on which node its pod runs, for example because the Node object did not exist when it was issued; kubelet's next token"
          + " will. Kubernetes 1.30 is the oldest that says it."),

  TOKEN_KEY_UNKNOWN(
      Kind.UNAVAILABLE,
      "The token names a signing key that cluster.jwks_file of the CA's configuration does not have: whether it is good is unknown. Fetch the"
          + " cluster's keys again (kubectl get --raw /openid/v1/jwks); the CA reads the file anew by itself."),

  AGENT_REVIEW_NOT_ALLOWED(
      Kind.PERMISSION_DENIED,
      "The agent reviews tokens itself (review: agent), and the CA's configuration does not say so of its cluster (cluster.review). Set one to the"
          + " other's."),
  AGENT_REVIEW_MISSING(
      Kind.PERMISSION_DENIED,
      "The CA's configuration says that this cluster's agents review tokens themselves (cluster.review: agent), and the agent sends no review. Set"
          + " review: agent in the agent's configuration."),
  AGENT_REVIEW_MISMATCH(
      Kind.PERMISSION_DENIED,
      "What the agent says that its API server answered is not what the token's signed claims say: the agent asks another cluster's API server, or it"
          + " invents."),

  NODE_MISMATCH(
      Kind.PERMISSION_DENIED,
      "The pod runs on another node than the agent that asks. Seen again and again it is an attack by that node."),
  NODE_UID_MISMATCH(
      Kind.RETRYABLE,
      "The Node object was re-created and one of the two tokens is older than it; kubelet's next token mends it."),
  POD_NOT_FOUND(Kind.PERMISSION_DENIED, "The pod that the token names does not exist any more."),
  POD_UID_MISMATCH(
      Kind.PERMISSION_DENIED, "A pod of that name exists, but it is another one than the token's."),
  POD_ACCOUNT_MISMATCH(Kind.PERMISSION_DENIED, "The pod's ServiceAccount is not the token's."),
  POD_NODE_MISMATCH(
      Kind.PERMISSION_DENIED, "The pod is scheduled on another node than its token says."),
  POD_TERMINATING(
      Kind.PERMISSION_DENIED,
      "The pod is being deleted: it keeps what it holds and gets nothing new."),
  POD_FINISHED(Kind.PERMISSION_DENIED, "The pod has ended (Succeeded or Failed)."),

  CSR_MALFORMED(Kind.INVALID_ARGUMENT, "The CSR is no PKCS#10 in DER of at most 16 KiB."),
  CSR_KEY_NOT_ALLOWED(
      Kind.INVALID_ARGUMENT,
      "The CSR's key is not P-256, P-384 or RSA of 2048, 3072 or 4096 bits with exponent 65537, or it is weak."),
  CSR_SIGNATURE_INVALID(
      Kind.INVALID_ARGUMENT, "The CSR does not prove that its sender holds the private key."),
  CSR_ASKS_FOR_MORE(
      Kind.INVALID_ARGUMENT,
      "The CSR names a subject, an attribute or an extension. The CA writes the certificate; a CSR gives a key."),
  CSR_KEY_REUSED(
      Kind.INVALID_ARGUMENT,
      "Two items of one request share a key; every SVID has a key of its own."),

  DEFAULT_ACCOUNT_NOT_ALLOWED(
      Kind.PERMISSION_DENIED,
      "The pod runs as the ServiceAccount `default`, which every pod gets that names none. Give it an account of its own, or list the namespace in"
          + " policy.allow_default_account."),
  ID_NOT_LEGAL(
      Kind.PERMISSION_DENIED,
      "The account's SPIFFE ID would be illegal or lie in the reserved part /signet/."),

  KUBERNETES_UNAVAILABLE(
      Kind.UNAVAILABLE, "The Kubernetes API gave no answer; whether the token is good is unknown."),
  STORE_UNAVAILABLE(
      Kind.UNAVAILABLE,
      "The store did not take the issuance record; nothing is signed without one."),
  AUTHORITY_UNAVAILABLE(
      Kind.UNAVAILABLE,
      "No issuing authority can sign now: it has expired or its key does not answer."),
  REPLICA_BEHIND(
      Kind.UNAVAILABLE,
      "This replica worked by an older state of the trust roots than the store has, and signs nothing by it. It takes the newer one within a second, and the agent"
          + " comes again by itself."),
  CLOCK_BEHIND_RECORDS(
      Kind.UNAVAILABLE,
      "The CA's clock is more than 5 min behind its last recorded signing. Set the clock; nothing is signed until then."),
  OVERLOADED(Kind.UNAVAILABLE, "Too much is under way at once; the caller comes again by itself."),
  SHUTTING_DOWN(
      Kind.UNAVAILABLE,
      "This CA is stopping; it, or another replica, answers when the caller comes again."),
  INTERNAL_ERROR(
      Kind.INTERNAL, "Something failed that was not foreseen; the CA's log says what. Report it."),
  CERTIFICATE_NOT_SOUND(
      Kind.INTERNAL,
      "The certificate broke one of Signet's own rules before or after it was signed and was thrown away. Report it.");

  /** What a caller may conclude; each is one gRPC status code. */
  public enum Kind {
    INVALID_ARGUMENT(false),
    UNAUTHENTICATED(false),
    PERMISSION_DENIED(false),
    /** The facts do not agree now and may soon, without anybody changing anything. */
    RETRYABLE(true),
    /** Whether to grant is not known. */
    UNAVAILABLE(true),
    /** A fault of ours, which says nothing about the caller's right. */
    INTERNAL(true);

    private final boolean retryable;

    Kind(boolean retryable) {
      this.retryable = retryable;
    }
  }

  private final Kind kind;
  private final String hint;

  RefusalReason(Kind kind, String hint) {
    this.kind = kind;
    this.hint = hint;
  }

  public Kind kind() {
    return kind;
  }

  /**
   * Whether the same request may be granted later by the mere passing of time, a newer token or the
   * end of an outage.
   */
  public boolean retryable() {
    return kind.retryable;
  }

  /** For the operator: what it means and what mends it. */
  public String hint() {
    return hint;
  }
}
