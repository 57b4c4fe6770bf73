package dev.signet.ca.issuance;

/**
 * The reviewed facts that an issuance rests on, as they go into its record. All come from the
 * Kubernetes API, none from the caller.
 *
 * @param agentPodUid the pod UID of the agent that asked; for an agent's own SVID its own
 */
public record Attestation(
    String cluster,
    String namespace,
    String podName,
    String podUid,
    String serviceAccount,
    String serviceAccountUid,
    String nodeName,
    String nodeUid,
    String credentialId,
    String agentPodUid) {}
