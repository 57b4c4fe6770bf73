package dev.signet.spiffe;

/**
 * The name of a trust domain, such as {@code shop.example}: 1 to 255 of {@code a-z 0-9 . - _}.
 *
 * <p>Names that look like DNS names or IP addresses get no special treatment, and nothing is
 * normalised: capitals are refused, not folded (SPIFFE-ID section 2.1). Immutable.
 */
public final class TrustDomain implements Comparable<TrustDomain> {

  private final String name;

  private TrustDomain(String name) {
    this.name = name;
  }

  /**
   * Reads a bare name ({@code shop.example}) or the trust domain's own ID ({@code
   * spiffe://shop.example}). An ID with a path is refused.
   *
   * @throws InvalidSpiffeIdException if the text is neither
   */
  public static TrustDomain parse(String name) {
    if (!name.startsWith(SpiffeId.SCHEME)) {
      return of(name, name);
    }
    SpiffeId id = SpiffeId.parse(name);
    if (!id.isTrustDomainId()) {
      throw new InvalidSpiffeIdException(
          "ID-6",
          Quoted.of(name)
              + " is an ID with a path, not a trust domain; write "
              + Quoted.of(id.trustDomain().name()));
    }
    return id.trustDomain();
  }

  /** Checks a bare name that was found in {@code whole}, which is what the message shows. */
  static TrustDomain of(String name, String whole) {
    SpiffeIdSyntax.checkTrustDomain(name, whole);
    return new TrustDomain(name);
  }

  /** The bare name. */
  public String name() {
    return name;
  }

  /** The ID of the trust domain itself, {@code spiffe://} and the name: its authority's ID. */
  public SpiffeId id() {
    return SpiffeId.of(this);
  }

  /** By name, in the order of its ASCII characters. */
  @Override
  public int compareTo(TrustDomain other) {
    return name.compareTo(other.name);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TrustDomain that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** The bare name. */
  @Override
  public String toString() {
    return name;
  }
}
