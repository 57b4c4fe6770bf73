package dev.signet.ca;

import dev.signet.ca.adapter.keys.KeyEncryptionKey;
import dev.signet.ca.adapter.kubernetes.ConfigMapName;
import dev.signet.ca.adapter.postgresql.PostgresSettings;
import dev.signet.ca.adapter.postgresql.PostgresUrl;
import dev.signet.ca.issuance.AttestationMode;
import dev.signet.ca.issuance.IssuancePolicy;
import dev.signet.ca.issuance.KubernetesNames;
import dev.signet.ca.issuance.ServiceAccountName;
import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import dev.signet.process.config.ConfigSection;
import dev.signet.process.config.ConfigSection.Choice;
import dev.signet.process.config.ListenAddress;
import dev.signet.process.config.SecretFile;
import dev.signet.process.config.Setting;
import dev.signet.process.message.Printable;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that an operator sets.
 *
 * @param dataDir folder of the sealed keys and, where nothing else is set, of the store
 * @param replica names this process among those that share the store
 * @param store which database is behind the ports
 * @param keyEncryptionKey seals them
 * @param listen where agents connect
 * @param probes plain HTTP for kubelet and Prometheus
 * @param adminSocket Unix socket where operators connect
 * @param trustBundle where the bundle is published for agents
 * @param kubeconfig empty in a cluster, where the pod's own account is used
 * @param signedTokens how tokens are verified where agents review; empty where this CA does
 * @param policy what may be issued
 * @param sandbox a small world on one machine, in which SVIDs may be very short
 */
public record CaConfig(
    Path dataDir,
    String replica,
    StorePlace store,
    KeyEncryptionKey keyEncryptionKey,
    InetSocketAddress listen,
    InetSocketAddress probes,
    Path adminSocket,
    BundlePlace trustBundle,
    Optional<Path> kubeconfig,
    Optional<SignedTokens> signedTokens,
    IssuancePolicy policy,
    boolean sandbox) {
  private static final int MAX_KEY_FILE = 1024;
  private static final String ADMIN_SOCKET = "admin.sock";

  /** Of a CA that is alone. */
  static final String ONLY_REPLICA = "replica-1";

  static final Duration DEFAULT_TTL = Duration.ofHours(1);
  static final Duration DEFAULT_BACKDATE = Duration.ofMinutes(5);
  static final Duration SHORTEST_TTL = Duration.ofMinutes(5);
  static final Duration SHORTEST_SANDBOX_TTL = Duration.ofSeconds(10);
  static final Duration LONGEST_TTL = Duration.ofHours(24);

  /**
   * Where agents review, this is for how long a pod can outlive its last token at a stolen node.
   */
  static final Duration LONGEST_UNSEEN_TTL = Duration.ofHours(1);

  static final Duration LONGEST_BACKDATE = Duration.ofHours(1);
  static final ServiceAccountName DEFAULT_AGENT_ACCOUNT =
      new ServiceAccountName("signet-system", "signet-agent");

  /**
   * How the tokens of a cluster are known whose API server cannot be asked.
   *
   * @param issuer {@code iss} of its tokens
   * @param jwksFile the public keys it signs them with
   */
  public record SignedTokens(String issuer, Path jwksFile) {}

  public CaConfig {
    if (policy.mode() == AttestationMode.AGENT_REVIEW
        && policy.workloadTtl().compareTo(LONGEST_UNSEEN_TTL) > 0) {
      throw new IllegalArgumentException(
          "svid.ttl is above 1h, and cluster.review is agent: a pod that is gone could be renewed"
              + " for so much longer; set 1h or less");
    }
    if (policy.workloadTtl().compareTo(SHORTEST_TTL) < 0 && !sandbox) {
      throw new IllegalArgumentException(
          "svid.ttl below 5m leaves no time for an outage; set 5m or more (sandbox: true allows 10s)");
    }
    if (policy.agentAccounts().isEmpty()) {
      throw new IllegalArgumentException(
          "agents.accounts is empty: no agent could attest; name at least one namespace/account");
    }
    if (listen.equals(probes) && listen.getPort() != 0) {
      throw new IllegalArgumentException(
          "listen and probes are the same address; give each one of its own");
    }
  }

  /** Reads a file, and reports all that is wrong with it at once. */
  public static CaConfig from(ConfigDocument document) throws ConfigException {
    ConfigSection root = document.root();
    Setting<TrustDomain> trustDomain = root.value("trust_domain", CaConfig::trustDomain);
    Setting<Path> dataDir = root.path("data_dir");
    Setting<Optional<String>> replica =
        root.value("replica", name -> Optional.of(replica(name)), Optional.empty());
    StoreKeys store = StoreKeys.of(root.section("store"));
    Setting<SecretFile> key = root.secretFile("key_encryption_key_file");
    Setting<InetSocketAddress> listen = root.value("listen", ListenAddress::parse);
    Setting<InetSocketAddress> probes = root.value("probes", ListenAddress::parse);
    Setting<Optional<Path>> adminSocket = root.section("admin").optionalPath("socket");
    Setting<BundlePlace> bundle =
        root.oneOf(
            new Choice<>("trust_bundle_file", file -> new BundlePlace.InFile(root.toPath(file))),
            new Choice<>(
                "trust_bundle_config_map",
                name -> new BundlePlace.InConfigMap(ConfigMapName.parse(name))));
    ConfigSection cluster = root.section("cluster");
    Setting<String> clusterName = cluster.value("name", CaConfig::segment);
    Setting<Optional<Path>> kubeconfig = cluster.optionalPath("kubeconfig");
    Setting<AttestationMode> review =
        cluster.value("review", CaConfig::mode, AttestationMode.CA_REVIEW);
    Setting<Optional<String>> issuer =
        cluster.value("issuer", text -> Optional.of(issuer(text)), Optional.empty());
    Setting<Optional<Path>> jwks = cluster.optionalPath("jwks_file");
    Setting<List<ServiceAccountName>> accounts =
        root.section("agents")
            .list("accounts", ServiceAccountName::parse, List.of(DEFAULT_AGENT_ACCOUNT));
    ConfigSection svid = root.section("svid");
    Setting<Duration> ttl = svid.duration("ttl", DEFAULT_TTL, SHORTEST_SANDBOX_TTL, LONGEST_TTL);
    Setting<Duration> backdate =
        svid.duration("backdate", DEFAULT_BACKDATE, Duration.ZERO, LONGEST_BACKDATE);
    Setting<List<String>> defaults =
        root.section("policy").list("allow_default_account", CaConfig::namespace, List.of());
    Setting<Boolean> sandbox = root.flag("sandbox", false);
    return document.build(() ->
        new CaConfig(
            dataDir.get(),
            replica.get().orElseGet(() -> defaultReplica(store.place())),
            store.place(),
            sealing(key.get(), bundle.get()),
            listen.get(),
            probes.get(),
            adminSocket.get().orElseGet(() -> dataDir.get().resolve(ADMIN_SOCKET)),
            bundle.get(),
            kubeconfig.get(),
            signedTokens(review.get(), issuer.get(), jwks.get(), kubeconfig.get()),
            new IssuancePolicy(
                trustDomain.get(),
                clusterName.get(),
                review.get(),
                ttl.get(),
                backdate.get(),
                Set.copyOf(new HashSet<>(accounts.get())),
                Set.copyOf(new HashSet<>(defaults.get()))),
            sandbox.get()));
  }

  /** The keys below {@code store}. */
  private record StoreKeys(
      Optional<Setting<PostgresUrl>> url,
      Optional<Setting<String>> user,
      Optional<Setting<Optional<SecretFile>>> password) {
    static StoreKeys of(ConfigSection store) {
      Optional<ConfigSection> keys = store.optionalSection("postgresql");
      return new StoreKeys(
          keys.map(section -> section.value("url", PostgresUrl::parse)),
          keys.map(section -> section.value("user", CaConfig::databaseUser)),
          keys.map(section -> section.optionalSecretFile("password_file")));
    }

    StorePlace place() {
      if (url.isEmpty() || user.isEmpty() || password.isEmpty()) {
        return new StorePlace.InFolder();
      }
      return new StorePlace.InPostgres(
          new PostgresSettings(url.get().get(), user.get().get(), password.get().get()));
    }
  }

  private static String replica(String name) {
    if (!KubernetesNames.isLabel(name)) {
      throw new IllegalArgumentException(
          Printable.quoted(name)
              + " is no name for a replica; write lower-case letters, digits and dashes, such as the"
              + " pod's name");
    }
    return name;
  }

  /** A pod's host name is its own name. */
  private static String defaultReplica(StorePlace store) {
    if (store instanceof StorePlace.InFolder) {
      return ONLY_REPLICA;
    }
    try {
      return replica(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "replica is not set, and this machine's host name is no name for one: " + e.getMessage(),
          e);
    }
  }

  private static String databaseUser(String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("must not be empty; write the name of the CA's own role");
    }
    return name;
  }

  /** What the issuing half of the CA needs of it. */
  IssuingCaSettings issuing() {
    Duration own = IssuancePolicy.OWN_TTL;
    Duration longest = policy.workloadTtl().compareTo(own) > 0 ? policy.workloadTtl() : own;
    return new IssuingCaSettings(
        policy.trustDomain(),
        replica,
        dataDir,
        store,
        keyEncryptionKey,
        longest,
        IssuingCaSettings.DEFAULT_ROOT_LIFETIME);
  }

  private static KeyEncryptionKey sealing(SecretFile file, BundlePlace trustBundle) {
    if (trustBundle.equals(new BundlePlace.InFile(file.path()))) {
      throw new IllegalArgumentException(
          "trust_bundle_file and key_encryption_key_file are one file, and the first is written"
              + " over; give each a file of its own");
    }
    try {
      return KeyEncryptionKey.parse(file.read(MAX_KEY_FILE));
    } catch (IOException | IllegalArgumentException e) {
      throw new IllegalArgumentException("key_encryption_key_file: " + e.getMessage(), e);
    }
  }

  /**
   * Legal by SPIFFE and of no use: the JDK cannot parse a critical SAN whose host ends in a dot.
   */
  private static TrustDomain trustDomain(String name) {
    TrustDomain trustDomain = TrustDomain.parse(name);
    if (trustDomain.name().endsWith(".")) {
      throw new IllegalArgumentException(
          Printable.quoted(name)
              + " ends in a dot, and no Java program could read its SVIDs; leave the dot out");
    }
    return trustDomain;
  }

  private static AttestationMode mode(String word) {
    return AttestationMode.of(word)
        .orElseThrow(() ->
            new IllegalArgumentException(
                Printable.quoted(word)
                    + " is neither ca (this CA reviews tokens) nor agent (the cluster's agents do)"));
  }

  /** Compared exactly, as the API server writes it. */
  private static String issuer(String text) {
    if (text.isBlank() || !text.equals(text.strip())) {
      throw new IllegalArgumentException(
          "is empty or has spaces at its ends; write the issuer of the cluster's tokens, as kubectl"
              + " get --raw /.well-known/openid-configuration shows it");
    }
    return text;
  }

  private static Optional<SignedTokens> signedTokens(
      AttestationMode review,
      Optional<String> issuer,
      Optional<Path> jwks,
      Optional<Path> kubeconfig) {
    return switch (review) {
      case CA_REVIEW -> {
        if (issuer.isPresent() || jwks.isPresent()) {
          throw new IllegalArgumentException(
              "cluster.issuer and cluster.jwks_file are for a cluster whose agents review tokens;"
                  + " leave them out, or set cluster.review: agent");
        }
        yield Optional.empty();
      }
      case AGENT_REVIEW -> {
        if (issuer.isEmpty() || jwks.isEmpty()) {
          throw new IllegalArgumentException(
              "cluster.review is agent, and cluster.issuer or cluster.jwks_file is missing: without"
                  + " the cluster's issuer and keys no token of it can be verified");
        }
        if (kubeconfig.isPresent()) {
          throw new IllegalArgumentException(
              "cluster.kubeconfig is set, and cluster.review is agent: if this CA can reach the"
                  + " cluster's API, leave cluster.review out, which is safer; else leave"
                  + " cluster.kubeconfig out");
        }
        yield Optional.of(new SignedTokens(issuer.get(), jwks.get()));
      }
    };
  }

  /** Becomes part of each agent's ID. */
  private static String segment(String name) {
    return SpiffeId.of(TrustDomain.parse("any"), name).segments().get(0);
  }

  private static String namespace(String name) {
    if (!KubernetesNames.isLabel(name)) {
      throw new IllegalArgumentException(Printable.quoted(name) + " is no name of a namespace");
    }
    return name;
  }
}
