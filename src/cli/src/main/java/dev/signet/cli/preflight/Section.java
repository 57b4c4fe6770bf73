package dev.signet.cli.preflight;

/** What belongs together in the report. */
public enum Section {
  CLUSTER("The cluster"),
  TOKENS("A real token"),
  GUARD_RAILS("Guard rails of the cluster"),
  NODES("Nodes"),
  INSTALLATION("Signet's own objects"),
  RIGHTS("Rights of Signet's accounts"),
  WORKLOADS("Pods with the volume");

  private final String title;

  Section(String title) {
    this.title = title;
  }

  public String title() {
    return title;
  }
}
