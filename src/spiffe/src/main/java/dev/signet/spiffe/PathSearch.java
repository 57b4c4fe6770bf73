package dev.signet.spiffe;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a path from a leaf to an authority of one bundle that passes a check.
 *
 * <p>Goes by names and tries the likely first: matching key identifiers, then none, then differing
 * ones. Several authorities of one name, certificates in any order and loops are fine; the work is
 * bounded, since all but the bundle is a stranger's choice. One use, one thread.
 */
final class PathSearch {

  /**
   * Enough to try every authority of a full bundle in which all have one name. Each costs up to one
   * signature, so that the most hostile chain is refused in less than 50 ms.
   */
  static final int MAX_PATHS = X509Bundle.MAX_AUTHORITIES + PresentedX509Chain.MAX_CERTIFICATES;

  /** Bounds the walk among certificates that lead to no authority. */
  private static final int MAX_STEPS = 512;

  /** Says whether a path, from the leaf to the authority, is good. */
  @FunctionalInterface
  interface Check {
    void check(List<X509Certificate> path) throws BrokenRuleException;
  }

  private final List<Issuer> authorities;
  private final List<Issuer> intermediates;
  private final Check check;
  private final List<X509Certificate> path = new ArrayList<>();
  private int paths;
  private int steps;
  private @Nullable BrokenRuleException firstFailure;

  PathSearch(List<X509Certificate> presented, List<Issuer> authorities, Check check) {
    this.authorities = authorities;
    this.intermediates = presented.stream().skip(1).map(Issuer::of).toList();
    this.check = check;
    path.add(presented.get(0));
  }

  /**
   * The first path that passes.
   *
   * @throws BrokenRuleException what was wrong with the likeliest path, or that there is none
   */
  List<X509Certificate> find() throws BrokenRuleException {
    if (extend()) {
      return List.copyOf(path);
    }
    if (firstFailure != null) {
      throw firstFailure;
    }
    X509Certificate leaf = path.get(0);
    throw new BrokenRuleException(
        BrokenRuleException.PATH,
        "no path leads to an authority of the bundle; the leaf names as issuer "
            + Quoted.of(leaf.getIssuerX500Principal().getName()));
  }

  int pathsTried() {
    return paths;
  }

  private boolean extend() {
    X509Certificate last = path.get(path.size() - 1);
    if (++steps > MAX_STEPS) {
      return false;
    }
    for (Issuer authority : issuersOf(last, authorities)) {
      path.add(authority.certificate());
      if (passes()) {
        return true;
      }
      path.remove(path.size() - 1);
    }
    for (Issuer intermediate : issuersOf(last, intermediates)) {
      if (path.contains(intermediate.certificate())) {
        continue;
      }
      path.add(intermediate.certificate());
      if (extend()) {
        return true;
      }
      path.remove(path.size() - 1);
    }
    return false;
  }

  private boolean passes() {
    if (paths == MAX_PATHS) {
      return false;
    }
    paths++;
    try {
      check.check(path);
      return true;
    } catch (BrokenRuleException e) {
      if (firstFailure == null) {
        firstFailure = e;
      }
      return false;
    }
  }

  private static List<Issuer> issuersOf(X509Certificate child, List<Issuer> candidates) {
    byte[] keyId = Issuer.authorityKeyId(child);
    return candidates.stream()
        .filter(candidate -> candidate.namedBy(child))
        .sorted(Comparator.comparingInt(candidate -> candidate.unlikelihood(keyId)))
        .toList();
  }
}
