package dev.signet.ca.issuance;

import java.time.Instant;

/**
 * The one agent of a node, as it was last attested. {@code serial} is that of its newest SVID; an
 * older one has ended.
 *
 * @param attestedAt when that SVID was recorded; how long it lasts depends on who reviewed
 */
public record LiveAgent(
    String cluster,
    String nodeName,
    String nodeUid,
    String podNamespace,
    String podName,
    String podUid,
    String serial,
    Instant attestedAt,
    Instant notAfter) {}
