package dev.signet.ca.attestation;

import dev.signet.ca.issuance.PodState;
import dev.signet.ca.issuance.TokenSubject;
import java.util.Optional;

/**
 * What the API server said.
 *
 * @param subject of the token
 * @param pod of the subject's name, empty if there is none
 */
public record Attested(TokenSubject subject, Optional<PodState> pod) {}
