package dev.signet.ca.issuance;

import dev.signet.ca.IssuingCa;
import dev.signet.ca.IssuingCaSettings;
import dev.signet.ca.StorePlace;
import dev.signet.ca.adapter.crypto.CryptoProvider;
import dev.signet.ca.adapter.keys.KeyEncryptionKey;
import dev.signet.ca.adapter.postgresql.PostgresSettings;
import dev.signet.ca.adapter.postgresql.PostgresUrl;
import dev.signet.ca.authority.AuthorityObserver;
import dev.signet.spiffe.SpiffeId;
import dev.signet.spiffe.TrustDomain;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process that ends, as by kill -9, the n-th time that it reaches a step. It says each step and
 * each certificate on standard output before it goes on.
 *
 * <p>Arguments: data folder, {@code init} or {@code issue}, the step, n, and the URL of the
 * PostgreSQL database that is the store, if one is.
 */
public final class KillDrill {
  /** What the shell reports of a process that SIGKILL ended. */
  public static final int KILLED = 137;

  private static final int BATCHES = 3;
  private static final int BATCH = 8;

  private KillDrill() {}

  public static void main(String[] args) throws Exception {
    IssuingCaSettings settings =
        settings(Path.of(args[0]), args.length > 4 ? postgres(args[4]) : new StorePlace.InFolder());
    IssuanceSteps steps = killer(IssuanceStep.valueOf(args[2]), Integer.parseInt(args[3]));
    if (args[1].equals("init")) {
      say("root " + IssuingCa.init(settings, InstantSource.system(), steps).revision());
      return;
    }
    try (IssuingCa ca =
        IssuingCa.open(
            settings, InstantSource.system(), steps, AuthorityObserver.NONE, KillDrill::say)) {
      for (int i = 0; i < BATCHES; i++) {
        issueBatch(ca.issuer());
      }
    }
  }

  private static void issueBatch(SvidIssuer issuer) throws Exception {
    List<CompletableFuture<IssuedSvid>> answers = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      answers.add(
          issuer
              .issue(granted(InstantSource.system().instant()))
              .whenComplete((svid, _) -> {
                if (svid != null) {
                  say("certificate " + svid.serial());
                }
              }));
    }
    for (CompletableFuture<IssuedSvid> answer : answers) {
      var _ = answer.get(30, TimeUnit.SECONDS);
    }
  }

  /** A grant for a workload; grants can be made in this package alone. */
  public static Granted granted(Instant now) {
    return granted(
        SvidKind.WORKLOAD, Records.attestation("node-1", "pod-1"), Duration.ofHours(1), now);
  }

  /** A grant for somebody that was attested. */
  public static Granted granted(
      SvidKind kind, Attestation attestation, Duration life, Instant now) {
    PublicKey key = CryptoProvider.jdk().generateP256().getPublic();
    return new Granted(
        kind,
        new LeafTemplate(
            SpiffeId.parse("spiffe://shop.example/ns/shop/sa/cart"),
            now.minus(Duration.ofMinutes(5)),
            now.plus(life),
            new ProvenKey(key, Digests.sha256Hex(key.getEncoded()))),
        Optional.of(attestation),
        Optional.empty());
  }

  /** The same for parent and child. */
  public static IssuingCaSettings settings(Path folder) {
    return settings(folder, new StorePlace.InFolder());
  }

  /** A database whose server lets everybody in. */
  public static StorePlace postgres(String url) {
    return new StorePlace.InPostgres(
        new PostgresSettings(PostgresUrl.parse(url), "postgres", Optional.empty()));
  }

  /** The same with another store. */
  public static IssuingCaSettings settings(Path folder, StorePlace store) {
    byte[] kek = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".getBytes(StandardCharsets.US_ASCII);
    return new IssuingCaSettings(
        TrustDomain.parse("shop.example"),
        "replica-1",
        folder,
        store,
        KeyEncryptionKey.parse(kek),
        Duration.ofHours(1),
        IssuingCaSettings.DEFAULT_ROOT_LIFETIME);
  }

  private static IssuanceSteps killer(IssuanceStep at, int occurrence) {
    AtomicInteger left = new AtomicInteger(occurrence);
    return step -> {
      say("step " + step);
      if (step == at && left.decrementAndGet() == 0) {
        Runtime.getRuntime().halt(KILLED);
      }
    };
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
