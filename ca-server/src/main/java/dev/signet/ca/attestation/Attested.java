package dev.signet.ca.attestation;

import dev.signet.ca.issuance.PodEvidence;
import dev.signet.ca.issuance.TokenSubject;

/**
 * What was found out about a token.
 *
 * @param subject whose it is
 * @param evidence what is known of the subject's pod
 */
public record Attested(TokenSubject subject, PodEvidence evidence) {}
