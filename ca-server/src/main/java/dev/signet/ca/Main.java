package dev.signet.ca;

import dev.signet.ca.authority.StartRefusedException;
import dev.signet.ca.bundle.TrustBundle;
import dev.signet.ca.issuance.IssuanceSteps;
import dev.signet.process.Command;
import dev.signet.process.ProcessMain;
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
                "serve",
                Command.service("issue identities until told to stop", Main::serve),
                "validate",
                Command.task("check the configuration file", Main::validate))));
  }

  private static String init(ConfigDocument document) throws Exception {
    CaConfig config = CaConfig.from(document);
    try {
      TrustBundle bundle =
          IssuingCa.init(config.issuing(), InstantSource.system(), IssuanceSteps.NONE);
      return "The trust root of "
          + config.policy().trustDomain()
          + " is made. Its bundle has the SHA-256 "
          + HexFormat.of().formatHex(bundle.x509().digest())
          + ".\nBack up "
          + config.dataDir()
          + ", and the key-encryption key apart from it: without both there is no way back.";
    } catch (StartRefusedException e) {
      throw new dev.signet.process.StartRefusedException(String.valueOf(e.getMessage()), e);
    }
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
