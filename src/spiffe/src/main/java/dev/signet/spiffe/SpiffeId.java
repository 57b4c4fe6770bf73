package dev.signet.spiffe;

import java.util.List;

/**
 * A SPIFFE ID, such as {@code spiffe://shop.example/ns/cart/sa/cart}.
 *
 * <p>Every instance is legal by SPIFFE-ID section 2; two are equal when their texts are, so paths
 * compare with regard to case (section 2.4). Nothing is normalised. Immutable.
 */
public final class SpiffeId {

  static final String SCHEME = "spiffe://";

  private final TrustDomain trustDomain;
  private final String uri;

  private SpiffeId(TrustDomain trustDomain, String uri) {
    this.trustDomain = trustDomain;
    this.uri = uri;
  }

  /**
   * Reads the text form of an ID.
   *
   * @param id at most 2048 bytes of ASCII
   * @throws InvalidSpiffeIdException if the text is not exactly a SPIFFE ID
   */
  public static SpiffeId parse(String id) {
    SpiffeIdSyntax.checkLength(id);
    if (!id.startsWith(SCHEME)) {
      throw new InvalidSpiffeIdException(
          "ID-1", Quoted.of(id) + " is not a SPIFFE ID; it must start with spiffe://");
    }
    int slash = id.indexOf('/', SCHEME.length());
    int end = slash < 0 ? id.length() : slash;
    TrustDomain trustDomain = TrustDomain.of(id.substring(SCHEME.length(), end), id);
    SpiffeIdSyntax.checkPath(id.substring(end), id);
    return new SpiffeId(trustDomain, id);
  }

  /**
   * Makes the ID of a trust domain and path segments; without segments, the trust domain's own ID.
   *
   * @param segments each one legal path segment: a slash in it is refused, never split at
   * @throws InvalidSpiffeIdException if a segment is not legal or the ID would pass 2048 bytes
   */
  public static SpiffeId of(TrustDomain trustDomain, String... segments) {
    StringBuilder uri = new StringBuilder(SCHEME).append(trustDomain.name());
    for (String segment : segments) {
      SpiffeIdSyntax.checkSegment(segment, segment);
      uri.append('/').append(segment);
    }
    String id = uri.toString();
    SpiffeIdSyntax.checkLength(id);
    return new SpiffeId(trustDomain, id);
  }

  public TrustDomain trustDomain() {
    return trustDomain;
  }

  /** The path with its leading slash, such as {@code /ns/cart/sa/cart}, or the empty text. */
  public String path() {
    return uri.substring(SCHEME.length() + trustDomain.name().length());
  }

  /** The path's segments in order; empty for a trust domain's own ID. */
  public List<String> segments() {
    return isTrustDomainId() ? List.of() : List.of(path().substring(1).split("/", -1));
  }

  /** Whether this is a trust domain's own ID: one without a path, which no workload can have. */
  public boolean isTrustDomainId() {
    return uri.length() == SCHEME.length() + trustDomain.name().length();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SpiffeId that && uri.equals(that.uri);
  }

  @Override
  public int hashCode() {
    return uri.hashCode();
  }

  /** The ID as URI, the form in which it stands in SVIDs. */
  @Override
  public String toString() {
    return uri;
  }
}
