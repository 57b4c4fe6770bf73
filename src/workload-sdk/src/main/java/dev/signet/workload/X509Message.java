package dev.signet.workload;

import com.google.protobuf.ByteString;
import dev.signet.proto.spiffe.X509SVID;
import dev.signet.proto.spiffe.X509SVIDResponse;
import dev.signet.spiffe.SpiffeException;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import dev.signet.spiffe.X509Bundle;
import dev.signet.spiffe.X509BundleSet;
import dev.signet.spiffe.X509Svid;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A message of {@code FetchX509SVID} that has passed every rule; parsing is the only way to one.
 *
 * @param context the default identity (the first, SPIFFE_Workload_API.md section 8) and all usable
 *     bundles
 * @param leftOut for people: foreign bundles that were left out, and why
 */
record X509Message(X509Context context, List<String> leftOut) {

  private static final int MAX_DETAIL = 300;

  X509Message {
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Parses a message as a whole state.
   *
   * <p>A message without a mandatory field, or whose own identity breaks a rule, is discarded
   * (SPIFFE_Workload_API.md section 4.5). A federated bundle that does not parse is left out alone,
   * so that its trust domain is not trusted and a foreign domain cannot stop the renewal of one's
   * own SVID.
   *
   * @throws DiscardedMessageException if the message is not to be used
   */
  static X509Message parse(X509SVIDResponse message, Instant now) {
    if (message.getSvidsCount() == 0) {
      throw new DiscardedMessageException("it has no SVID");
    }
    message.getSvidsList().forEach(X509Message::requireMandatoryFields);
    X509SVID first = message.getSvids(0);
    try {
      X509Svid svid =
          X509Svid.parse(first.getX509Svid().toByteArray(), first.getX509SvidKey().toByteArray());
      requireUsable(svid, first.getSpiffeId(), now);
      TrustDomain own = svid.id().trustDomain();
      X509Bundle ownBundle = X509Bundle.parse(own, first.getBundle().toByteArray());
      if (ownBundle.isEmpty()) {
        throw new DiscardedMessageException("its bundle holds no authority of " + own);
      }
      List<String> leftOut = new ArrayList<>();
      Map<TrustDomain, X509Bundle> bundles =
          foreignBundles(message.getFederatedBundlesMap(), own, leftOut);
      bundles.put(own, ownBundle);
      return new X509Message(new X509Context(svid, X509BundleSet.of(bundles.values())), leftOut);
    } catch (SpiffeException e) {
      throw new DiscardedMessageException(text(e));
    }
  }

  private static void requireMandatoryFields(X509SVID svid) {
    if (svid.getSpiffeId().isEmpty()
        || svid.getX509Svid().isEmpty()
        || svid.getX509SvidKey().isEmpty()
        || svid.getBundle().isEmpty()) {
      throw new DiscardedMessageException(
          "a mandatory field (spiffe_id, x509_svid, x509_svid_key, bundle) is unset");
    }
  }

  private static void requireUsable(X509Svid svid, String announced, Instant now) {
    if (!svid.id().equals(SpiffeId.parse(announced))) {
      throw new DiscardedMessageException(
          "it announces "
              + Printable.of(announced, MAX_DETAIL)
              + " but the certificate is that of "
              + svid.id());
    }
    if (!now.isBefore(svid.notAfter())) {
      throw new DiscardedMessageException(
          "its SVID has ended at " + svid.notAfter() + ", and it is " + now + " here");
    }
  }

  private static Map<TrustDomain, X509Bundle> foreignBundles(
      Map<String, ByteString> federated, TrustDomain own, List<String> leftOut) {
    Map<TrustDomain, X509Bundle> bundles = new HashMap<>();
    federated.forEach((name, der) -> {
      try {
        TrustDomain domain = TrustDomain.parse(name);
        // One's own bundle comes with the SVID alone: a federated entry may not widen it.
        if (!domain.equals(own) && !der.isEmpty()) {
          bundles.put(domain, X509Bundle.parse(domain, der.toByteArray()));
        }
      } catch (SpiffeException e) {
        leftOut.add(Printable.of(name, MAX_DETAIL) + ": " + text(e));
      }
    });
    return bundles;
  }

  private static String text(SpiffeException e) {
    return Printable.of(String.valueOf(e.getMessage()), MAX_DETAIL);
  }
}
