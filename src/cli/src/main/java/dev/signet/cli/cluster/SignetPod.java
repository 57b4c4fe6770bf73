package dev.signet.cli.cluster;

/**
 * A pod of Signet's own.
 *
 * @param owner {@code signet-agent} or {@code signet-ca}
 * @param release by its label, else by the tag of its first container's image
 * @param trouble why it is not ready, in the cluster's words; may be empty
 */
public record SignetPod(
    String owner, String name, String node, boolean ready, String release, String trouble) {}
