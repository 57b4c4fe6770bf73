package dev.signet.ca.bundle;

import dev.signet.ca.issuance.Digests;
import dev.signet.spiffe.X509Bundle;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * The published bundle as a witness: it outlives the CA's volume, and says that a trust domain has
 * a root even where the data folder holds none. Pure decisions; the texts are for the operator.
 */
public final class TrustPath {
  private TrustPath() {}

  /** What to do about what is published. */
  public sealed interface Next {
    /** It is what it should be. */
    record Keep() implements Next {}

    /** The CA's bundle belongs there. */
    record Write() implements Next {}

    /** Writing would take trust away from what this CA does not know. */
    record Refuse(String why) implements Next {}
  }

  /**
   * Whether the first root of a trust domain may be made.
   *
   * @return why not, if not
   */
  public static Optional<String> refusesFirstRoot(PublishedRoots found, PublishedBundle place) {
    String mend =
        " Mount that volume, or restore the store and the folder keys from one backup. Only if this trust"
            + " domain shall begin anew, and every workload may lose its trust, remove what is published: "
            + place.howToClear();
    return switch (found) {
      case PublishedRoots.None() -> Optional.empty();
      case PublishedRoots.Roots(X509Bundle bundle) ->
          Optional.of(
              "the data folder holds no trust root, but the trust domain has one: "
                  + place.name()
                  + " publishes "
                  + named(bundle.authorities())
                  + ". The volume was lost, or is not the one that was mounted before."
                  + mend);
      case PublishedRoots.Unreadable(String why) ->
          Optional.of(
              "the data folder holds no trust root, and nobody can tell whether the trust domain has one: "
                  + place.name()
                  + " holds something that is no bundle ("
                  + why
                  + "). If there was a root, its volume was lost or is not mounted."
                  + mend);
    };
  }

  /**
   * What to do about what is published, for a CA that has its root.
   *
   * @param known every root that the store ever had, those that left the bundle included
   * @param recognised whether this process has found its own root there before, or none: what
   *     differs since then was put there by somebody else, and is put right
   */
  public static Next next(
      PublishedRoots found,
      X509Bundle own,
      List<X509Certificate> known,
      PublishedBundle place,
      boolean recognised) {
    return switch (found) {
      case PublishedRoots.None() -> new Next.Write();
      case PublishedRoots.Roots(X509Bundle bundle) when bundle.equals(own) -> new Next.Keep();
      case PublishedRoots.Roots(X509Bundle bundle) -> {
        List<X509Certificate> foreign = foreign(bundle, known);
        yield recognised || foreign.isEmpty()
            ? new Next.Write()
            : new Next.Refuse(refusal(place, named(foreign), own));
      }
      case PublishedRoots.Unreadable(String why) ->
          recognised
              ? new Next.Write()
              : new Next.Refuse(refusal(place, "something that is no bundle (" + why + ")", own));
    };
  }

  private static String refusal(PublishedBundle place, String what, X509Bundle own) {
    return place.name()
        + " publishes "
        + what
        + ", which this CA does not know; its own is "
        + named(own.authorities())
        + ". It was restored from an old backup, or has another CA's volume: restore the store and the"
        + " folder keys that belong to what is published. Only if this CA's root shall take its place,"
        + " and every workload that trusts the other may lose its trust, remove what is published: "
        + place.howToClear();
  }

  /** Authorities by their keys: a certificate may be issued anew for the same one. */
  private static List<X509Certificate> foreign(X509Bundle found, List<X509Certificate> known) {
    return found.authorities().stream()
        .filter(
            one -> known.stream().noneMatch(root -> root.getPublicKey().equals(one.getPublicKey())))
        .toList();
  }

  private static String named(List<X509Certificate> authorities) {
    X509Certificate first = authorities.getFirst();
    String rest = authorities.size() == 1 ? "" : " and " + (authorities.size() - 1) + " more";
    return "the root with the key "
        + Digests.sha256Hex(first.getPublicKey().getEncoded()).substring(0, 16)
        + " (valid until "
        + first.getNotAfter().toInstant()
        + ")"
        + rest;
  }
}
