package dev.signet.ca;

import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.process.Command;
import dev.signet.process.ProcessMain;
import dev.signet.process.StartRefusedException;
import dev.signet.process.config.ConfigDocument;
import dev.signet.process.config.ConfigException;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process {@code signet-ca}. */
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  private Main() {}

  public static void main(String[] args) {
    System.exit(
        ProcessMain.run(
            "signet-ca",
            args,
            Map.of(
                "init",
                Command.task("make the trust root of a new trust domain", Main::init),
                "init-once",
                Command.task(
                    "make it unless this CA, or what it has published, has one", Main::initOnce),
                "serve",
                Command.service("issue identities until told to stop", Main::serve),
                "validate",
                Command.task("check the configuration file", Main::validate))));
  }

  private static String init(ConfigDocument document) throws Exception {
    CaConfig config = CaConfig.from(document);
    try {
      return made(
          config, IssuingCa.init(config.issuing(), InstantSource.system(), IssuanceSteps.NONE));
    } catch (dev.signet.ca.authority.StartRefusedException e) {
      throw new StartRefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String initOnce(ConfigDocument document) throws Exception {
    CaConfig config = CaConfig.from(document);
    try {
      return switch (IssuingCa.initOnce(
          config.issuing(),
          InstantSource.system(),
          IssuanceSteps.NONE,
          new PublishedWitness(config))) {
        case IssuingCa.FirstStart.Made(TrustBundle bundle) -> made(config, bundle);
        case IssuingCa.FirstStart.Present(TrustBundle bundle) ->
            "The trust root of "
                + config.policy().trustDomain()
                + " is there; nothing is made. Its bundle has the SHA-256 "
                + sha256(bundle)
                + ".";
      };
    } catch (dev.signet.ca.authority.StartRefusedException e) {
      throw new StartRefusedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String made(CaConfig config, TrustBundle bundle) {
    return "The trust root of "
        + config.policy().trustDomain()
        + " is made. Its bundle has the SHA-256 "
        + sha256(bundle)
        + ".\nBack up "
        + config.dataDir()
        + backedUpWith(config.store())
        + ", and the key-encryption key apart from it: without both there is no way back.";
  }

  private static String backedUpWith(StorePlace store) {
    return switch (store) {
      case StorePlace.InFolder() -> "";
      case StorePlace.InPostgres(var settings) ->
          " together with the database " + settings.url().place();
    };
  }

  private static String sha256(TrustBundle bundle) {
    return HexFormat.of().formatHex(bundle.x509().digest());
  }

  private static AutoCloseable serve(ConfigDocument document) throws Exception {
    return CaServer.start(
        CaConfig.from(document), InstantSource.system(), IssuanceSteps.NONE, Main::end);
  }

  private static String validate(ConfigDocument document) throws ConfigException {
    CaConfig config = CaConfig.from(document);
    return "The configuration is sound: a CA for "
        + config.policy().trustDomain()
        + ", whose SVIDs last "
        + config.policy().workloadTtl().toSeconds()
        + " s.";
  }

  /** Not by the orderly way: what is to be closed may be what is broken. */
  private static void end(String why) {
    log.error("the process ends: {}", why);
    Runtime.getRuntime().halt(ProcessMain.FAILED);
  }
}
