package dev.signet.cli.preflight;

import java.util.Locale;

/** What is checked, and why it matters. The names are an interface: scripts look for them. */
public enum Check {
  VERSION(
      Section.CLUSTER,
      "the version decides whether a token's review names the pod's node, and how tokens reach the agent"),
  CLOCK(Section.CLUSTER, "certificates are valid by the clock of whoever looks at them"),
  DNS(Section.CLUSTER, "agents find the CA by the name of its Service"),

  TOKEN_AUDIENCE(
      Section.TOKENS,
      "the CA grants nothing unless the API server confirms that a token was made for this trust domain"),
  TOKEN_FOREIGN_AUDIENCE(
      Section.TOKENS,
      "a token for one purpose must be worthless for every other one: the tokens of every pod lie on its node"),
  TOKEN_EXTRAS(
      Section.TOKENS, "the CA believes a node only about the pods that the API server puts on it"),
  TOKEN_ISSUER(Section.TOKENS, "the issuer tells this cluster's tokens from another's"),

  NODE_RESTRICTION(
      Section.GUARD_RAILS, "with it a stolen node can get tokens for no pod but its own"),
  AUDIENCE_RESTRICTION(
      Section.GUARD_RAILS,
      "with it a stolen node can get no token of Signet's audience for a pod without the volume"),
  ADMISSION_POLICIES(
      Section.GUARD_RAILS,
      "the chart's policies keep pods from the agent's folders and from its account"),
  MUTATING_POLICIES(
      Section.GUARD_RAILS, "with it the volume can be added to pods by a label of their namespace"),
  FLOW_CONTROL(
      Section.GUARD_RAILS,
      "with it the CA's reviews have a share of the API server that nobody else can use up"),

  KUBELETS(Section.NODES, "each node's kubelet decides how tokens reach the agent on it"),
  PLATFORM(Section.NODES, "the images are for Linux on x86-64"),
  KERNEL(Section.NODES, "the agent makes its mounts with calls that older kernels do not have"),
  KUBELET_DIR(
      Section.NODES,
      "in a folder that is not kubelet's the agent is never found, and pods wait for their volume"),
  NODE_CLOCKS(
      Section.NODES,
      "pods look at certificates by the clock of their node, and agents renew by it"),

  POD_SECURITY(
      Section.INSTALLATION,
      "making mounts visible to kubelet takes a privileged container in the agent's pod"),
  CSI_DRIVER(
      Section.INSTALLATION,
      "by this object kubelet knows that there is a volume, and what to send"),
  CSI_AUDIENCE(
      Section.INSTALLATION, "a token for another audience is worthless to the CA, on purpose"),
  CSI_REGISTERED(
      Section.INSTALLATION, "a pod with the volume does not start on a node without its driver"),
  AGENTS(Section.INSTALLATION, "a pod with the volume does not start on a node without an agent"),
  AGENT_TOKEN(
      Section.INSTALLATION,
      "the agent proves by one token which node it is, and has no use for the Kubernetes API"),
  AGENT_ROLLOUT(
      Section.INSTALLATION,
      "kubelet refuses a second driver of the same name, so that an upgrade would not end"),
  CA(Section.INSTALLATION, "without the CA nothing is issued or renewed"),
  RELEASES(Section.INSTALLATION, "CA, agents and this command are made to be of one release"),
  TRUST_BUNDLE(Section.INSTALLATION, "an agent knows the CA by it, and talks to nobody else"),
  TRUST_DOMAIN(
      Section.INSTALLATION, "all parts have to speak of one trust domain, or refuse each other"),
  CLOCK_TOLERANCE(
      Section.INSTALLATION,
      "a certificate's backdate and life decide by how much clocks may differ"),

  CA_RIGHTS(
      Section.RIGHTS,
      "the CA needs each of them: to decide, to hear of deletions, to publish its bundle"),
  CA_EXCESS(Section.RIGHTS, "whoever takes the CA over has its account's rights"),
  AGENT_RIGHTS(Section.RIGHTS, "with review by agents each of them asks the API server itself"),
  AGENT_EXCESS(Section.RIGHTS, "whoever takes a node over has its agent's rights"),

  DEFAULT_ACCOUNTS(
      Section.WORKLOADS,
      "the CA issues nothing to an account `default`, which every pod has that names none"),
  SUB_PATHS(
      Section.WORKLOADS,
      "a subPath stays with the socket of the moment, which is dead after the agent's next restart");

  private final Section section;
  private final String why;

  Check(Section section, String why) {
    this.section = section;
    this.why = why;
  }

  public Section section() {
    return section;
  }

  public String why() {
    return why;
  }

  /** As it is printed, for example {@code token-extras}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
