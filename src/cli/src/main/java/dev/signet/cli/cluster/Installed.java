package dev.signet.cli.cluster;

/** What the chart calls its objects. */
public final class Installed {
  public static final String NAMESPACE = "signet-system";
  public static final String DRIVER = "csi.signet.dev";
  public static final String CA = "signet-ca";
  public static final String AGENT = "signet-agent";
  public static final String BUNDLE = "signet-trust-bundle";
  public static final String BUNDLE_KEY = "bundle.pem";

  private Installed() {}
}
