package dev.signet.workload;

import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.VerifiedX509Svid;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Who may be at the other end. A certificate that verifies says who a peer is, not that it is
 * welcome: every trusted domain's every workload has one. So each TLS set-up names its peers, and
 * none trusts "anybody".
 *
 * <p>Immutable. Decides on the handshake of each connection and must not block.
 */
public final class Authorizer {

  private final String description;
  private final Predicate<? super VerifiedX509Svid> rule;

  private Authorizer(String description, Predicate<? super VerifiedX509Svid> rule) {
    this.description = description;
    this.rule = rule;
  }

  /** This one workload. */
  public static Authorizer id(SpiffeId id) {
    Objects.requireNonNull(id, "id");
    return new Authorizer(id.toString(), peer -> peer.id().equals(id));
  }

  /** Any of these workloads. */
  public static Authorizer anyOf(SpiffeId first, SpiffeId... more) {
    Set<SpiffeId> ids = new LinkedHashSet<>();
    ids.add(Objects.requireNonNull(first, "first"));
    ids.addAll(List.of(more));
    Set<SpiffeId> allowed = Set.copyOf(ids);
    String text = ids.stream().map(SpiffeId::toString).collect(Collectors.joining(" or "));
    return new Authorizer(text, peer -> allowed.contains(peer.id()));
  }

  /** Every workload of one trust domain, whatever it is: seldom what a service should ask for. */
  public static Authorizer memberOf(TrustDomain trustDomain) {
    Objects.requireNonNull(trustDomain, "trustDomain");
    return new Authorizer(
        "members of " + trustDomain, peer -> peer.id().trustDomain().equals(trustDomain));
  }

  /**
   * A rule of one's own.
   *
   * @param description whom the rule lets in, for the message of a refusal: "workloads of the
   *     namespace shop"
   * @param rule true for peers that are let in; called with identities that are verified already.
   *     An exception out of it refuses the peer
   */
  public static Authorizer matching(String description, Predicate<? super VerifiedX509Svid> rule) {
    if (description.isBlank()) {
      throw new IllegalArgumentException(
          "the description is blank: say whom the rule lets in, it is what a refused peer's operator reads");
    }
    return new Authorizer(description, Objects.requireNonNull(rule, "rule"));
  }

  boolean permits(VerifiedX509Svid peer) {
    return rule.test(peer);
  }

  /** Whom it lets in. */
  @Override
  public String toString() {
    return description;
  }
}
