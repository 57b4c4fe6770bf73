package dev.signet.workload;

import dev.signet.spiffe.X509Svid;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents the SVID that is current when a handshake asks which alias to use. Thread-safe.
 *
 * <p>JSSE asks for alias, key and chain in three calls. Each SVID has an alias of its own, and an
 * alias keeps naming its SVID for as long as a handshake (or the source) holds on to it, so that
 * key and leaf always match (R20). The names of issuers that a peer would like are not looked at:
 * there is one identity, and a peer that cannot verify it says so.
 */
final class SpiffeKeyManager extends X509ExtendedKeyManager {

  private final X509Source source;
  private final Map<String, X509Svid> svids = Collections.synchronizedMap(new WeakHashMap<>());

  SpiffeKeyManager(X509Source source) {
    this.source = source;
  }

  private @Nullable String choose(String @Nullable [] keyTypes) {
    LiveIdentity identity;
    try {
      identity = source.identity();
    } catch (SvidUnavailableException e) {
      // JSSE's word for "no certificate": the handshake fails, and the trust manager says why.
      return null;
    }
    X509Svid svid = identity.context().svid();
    if (!accepted(svid.privateKey().getAlgorithm(), keyTypes)) {
      return null;
    }
    svids.put(identity.alias(), svid);
    return identity.alias();
  }

  /** A type is that of the key, or of the key and of its issuer's signature: "EC", "EC_RSA". */
  private static boolean accepted(String algorithm, String @Nullable [] keyTypes) {
    if (keyTypes == null) {
      return false;
    }
    for (String type : keyTypes) {
      int end = type.indexOf('_');
      if (algorithm.equals(end < 0 ? type : type.substring(0, end))) {
        return true;
      }
    }
    return false;
  }

  private static String @Nullable [] list(@Nullable String alias) {
    return alias == null ? null : new String[] {alias};
  }

  private static String @Nullable [] one(@Nullable String keyType) {
    return keyType == null ? null : new String[] {keyType};
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
    X509Svid svid = alias == null ? null : svids.get(alias);
    return svid == null ? null : svid.chain().toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
    X509Svid svid = alias == null ? null : svids.get(alias);
    return svid == null ? null : svid.privateKey();
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      @Nullable String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return choose(one(keyType));
  }

  @Override
  public @Nullable String chooseClientAlias(
      String @Nullable [] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(keyTypes);
  }

  @Override
  public @Nullable String chooseServerAlias(
      @Nullable String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return choose(one(keyType));
  }

  @Override
  public String @Nullable [] getClientAliases(
      @Nullable String keyType, Principal @Nullable [] issuers) {
    return list(choose(one(keyType)));
  }

  @Override
  public String @Nullable [] getServerAliases(
      @Nullable String keyType, Principal @Nullable [] issuers) {
    return list(choose(one(keyType)));
  }
}
