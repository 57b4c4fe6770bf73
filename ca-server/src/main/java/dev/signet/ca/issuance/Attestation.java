package dev.signet.ca.issuance;

/**
 * The facts that an issuance rests on, as they go into its record. All are vouched for by the
 * cluster, none by the caller.
 *
 * @param mode whether this CA asked the API server, or took the agent's word for the pod's life
 * @param agentPodUid the pod UID of the agent that asked; for an agent's own SVID its own
 */
public record Attestation(
    AttestationMode mode,
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
